// core/query/ast.h: a query as it was written: the tree that the parser gives, names and types
// unchecked.
//
// What is only another spelling has no node of its own: `a NOT IN (1)` is the negation of an In,
// `a != 1` a Compare. AND and OR are flat: `a OR b OR c` is one Disjunction of three.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace plait::query {

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal
};
std::string_view symbol(Comparison comparison);  // <=

struct Name {  // a property's
  std::string text;
};
struct Null {};
struct Boolean {
  bool value;
};
struct Number {  // digits, point and exponent as written, a minus before them
  std::string text;
};
struct String {  // an unknown literal, as Postgres calls it: its type comes from what it meets
  std::string text;
};
struct Parameter {
  std::size_t number;  // $1 is 1
};
struct Compare {
  Comparison comparison;
  ExpressionPtr left, right;
};
struct Distinct {  // IS DISTINCT FROM
  ExpressionPtr left, right;
};
struct Conjunction {
  std::vector<ExpressionPtr> operands;
};
struct Disjunction {
  std::vector<ExpressionPtr> operands;
};
struct Negation {
  ExpressionPtr operand;
};
struct In {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> list;  // never empty
};
struct Between {
  ExpressionPtr operand, low, high;
};
struct Like {
  ExpressionPtr operand, pattern;
  ExpressionPtr escape;  // nullptr: a backslash
  bool ignore_case;
};
struct IsNull {  // IS UNKNOWN too
  ExpressionPtr operand;
};
struct IsTruth {  // IS TRUE, IS FALSE
  ExpressionPtr operand;
  bool value;
};
struct Quantified {  // = ANY (array), <> ALL (array)
  Comparison comparison;
  bool all;
  ExpressionPtr left, array;
};

struct Expression {
  std::size_t position;  // of its first character, or of its operator; characters from 1
  std::size_t height;    // 1 + that of its highest operand
  std::variant<Name, Null, Boolean, Number, String, Parameter, Compare, Distinct, Conjunction,
               Disjunction, Negation, In, Between, Like, IsNull, IsTruth, Quantified>
      node;
};

struct Query {
  std::string collection;
  std::size_t collection_position = 1;
  ExpressionPtr where;  // nullptr: no condition, every row
};

}  // namespace plait::query
