// core/query/term.h: a checked condition: names are properties, literals values, spellings few.
//
// BETWEEN has become two comparisons, IN a search in a sorted list. check() makes it, evaluate()
// and to_sql() read it; nobody else looks inside. Immutable, so predicates are copied freely and
// shared by threads.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/query/ast.h"
#include "core/query/pattern.h"
#include "core/query/type.h"
#include "core/query/value.h"

namespace plait::query {

struct Term;
using TermPtr = std::shared_ptr<const Term>;

struct PropertyTerm {
  std::string property;
  std::string column;
  Family family;
  std::vector<std::string> labels;  // of an enum
};
struct ConstantTerm {
  Value value;       // in the domain in which it is compared
  std::string text;  // bound; empty where the value is NULL
  std::string type;  // what the bound text is cast to; empty: nothing
};
struct CompareTerm {
  Comparison comparison;
  TermPtr left, right;
  Domain domain;
};
struct DistinctTerm {
  TermPtr left, right;
  Domain domain;
};
struct AllTerm {  // of none: true
  std::vector<TermPtr> terms;
};
struct AnyTerm {  // of none: false
  std::vector<TermPtr> terms;
};
struct NotTerm {
  TermPtr term;
};
struct OneOfTerm {  // left = ANY (values)
  TermPtr left;
  Domain domain;
  std::vector<Value> values;       // ascending, distinct, none NULL
  std::vector<std::string> texts;  // beside the values
  bool has_null;
  std::string type;  // of an element; empty: nothing is cast
};
struct LikeTerm {
  TermPtr operand;
  Pattern pattern;
  std::string text;  // of the pattern, escapes being backslashes
  bool ignore_case;
};
struct IsNullTerm {
  TermPtr operand;
};
struct IsTruthTerm {
  TermPtr operand;
  bool value;
};

struct Term {
  std::variant<PropertyTerm, ConstantTerm, CompareTerm, DistinctTerm, AllTerm, AnyTerm, NotTerm,
               OneOfTerm, LikeTerm, IsNullTerm, IsTruthTerm>
      node;
};

struct Predicate {
  TermPtr root;  // nullptr: true of every row
};

}  // namespace plait::query
