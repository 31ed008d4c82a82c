// core/query/literal.h: text → value, as the input functions of Postgres' types do it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/query/type.h"
#include "core/query/value.h"

namespace plait::query {

struct ReadLiteral {
  Value value;
  std::string text;  // what is bound for it: reads the same under every setting of the session
};
struct NoSuchValue {};     // Postgres refuses it too
struct AskTheDatabase {};  // a spelling that only Postgres knows, or that it refuses

// REQUIRES: not Family::other.
std::variant<ReadLiteral, NoSuchValue, AskTheDatabase> read_literal(
    std::string_view text, Family family, const std::vector<std::string>& labels);

// What the database answered where it was asked, in the text format of its output functions.
std::optional<ReadLiteral> read_answer(std::string_view text, Family family);

// A finite decimal as the nearest double (float). Nothing: it is none, it overflows, or it is not
// zero and underflows, which Postgres refuses. In float4, the double holds the float.
std::optional<double> read_float(std::string_view text, Domain domain);

// The nearest double (float) of what is known to be a decimal; infinite where it overflows.
double nearest_float(const std::string& number, Domain domain);

// The elements of a one-dimensional array's text, {a,"b c",NULL}; nothing: another shape. An
// element without a value is NULL.
std::optional<std::vector<std::optional<std::string>>> read_array(std::string_view text);

}  // namespace plait::query
