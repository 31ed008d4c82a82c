// core/query/operand.cpp: literals and parameters, and the types that they meet.

#include "core/query/operand.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "core/query/lexer.h"
#include "core/query/literal.h"

namespace plait::query {

namespace {

constexpr std::size_t quoted_bytes_max = 40;  // of a value, in a message

std::string quoted(std::string_view text) {
  if (text.size() <= quoted_bytes_max) return '"' + std::string(text) + '"';
  std::size_t end = quoted_bytes_max;
  while ((text[end] & 0xc0) == 0x80) --end;  // not within a character
  return '"' + std::string(text.substr(0, end)) + "…\"";
}

Error no_such_value(const Operand& constant, const Target& target) {
  std::string what = quoted(*constant.text) + " is no " + target.type;
  if (!target.of.empty()) what += ", which " + std::string(target.of) + " is";
  std::string hint = constant.parameter ? "the value is that of " + constant.described : "";
  return bad(constant.position, std::move(what), std::move(hint));
}

// JSON numbers are for number types, true and false for conditions; strings are for all.
bool fits(const Json& parameter, Family family) {
  if (parameter.is_number()) return is_number(family);
  if (parameter.is_boolean()) return family == Family::boolean;
  return true;
}

// A JSON number is held as 9007199254740993e0, which no integer's input function takes.
std::string input_text(const Operand& constant, Family family) {
  if (constant.parameter && constant.parameter->is_number() && is_integer(family)) {
    auto decimal = parse_decimal(*constant.text);
    auto whole = decimal ? to_int64(*decimal) : std::nullopt;
    if (whole) return std::to_string(*whole);
  }
  return *constant.text;
}

}  // namespace

Error bad(std::size_t position, std::string what, std::string hint) {
  return Error{Code::bad_query, std::move(what), place(position), std::move(hint)};
}

Family family_of_number(std::string_view text) {
  if (text.find_first_of(".eE") != std::string_view::npos) return Family::numeric;
  auto decimal = parse_decimal(text);
  auto whole = decimal ? to_int64(*decimal) : std::nullopt;
  if (!whole) return Family::numeric;
  bool small = *whole >= std::numeric_limits<std::int32_t>::min() &&
               *whole <= std::numeric_limits<std::int32_t>::max();
  return small ? Family::int4 : Family::int8;
}

std::optional<Domain> meeting_of(const Operand& left, const Operand& right) {
  Family l = left.family ? *left.family : right.family.value_or(Family::text);
  Family r = right.family.value_or(l);
  bool literal = (left.is_constant() && is_number(l)) || (right.is_constant() && is_number(r));
  if (literal && is_number(l) && is_number(r) && l != r && (is_float(l) || is_float(r))) {
    return Domain::float8;
  }
  bool named = l == r && (l == Family::enumeration || l == Family::network);
  if (named && left.family && right.family && left.type != right.type) return std::nullopt;
  return meeting(l, r);
}

Target target_of(const Operand& constant, const Operand& other, Domain domain) {
  bool number = constant.family && is_number(*constant.family);
  if (number && domain == Domain::float8) return {Family::float8, "float8", {}, {}};
  if (constant.family) return {*constant.family, std::string(cast_name(*constant.family)), {}, {}};
  if (!other.family) return {Family::text, "text", {}, {}};
  std::string type = other.type.empty() ? std::string(cast_name(*other.family)) : other.type;
  const auto* property = other.term ? std::get_if<PropertyTerm>(&other.term->node) : nullptr;
  return {*other.family, std::move(type), other.labels,
          property ? property->property : std::string_view()};
}

Error incomparable(std::size_t position, const Operand& left, const Operand& right) {
  for (const Operand* operand : {&left, &right}) {
    if (operand->family != Family::other) continue;
    return bad(operand->position, operand->described + " cannot be compared in a query",
               "values of this type only know IS NULL and IS NOT NULL yet");
  }
  return bad(position, left.described + " cannot be compared with " + right.described,
             "compare values of one type; strings stand in 'quotes', numbers do not");
}

Result<ConstantTerm> ConstantReader::read(const Operand& constant, const Target& target) {
  std::string cast =
      target.family == Family::network ? target.type : std::string(cast_name(target.family));
  if (!constant.text) return ConstantTerm{Value(), {}, std::move(cast)};
  if (constant.parameter && !fits(*constant.parameter, target.family)) {
    Error error = no_such_value(constant, target);
    error.hint = constant.described + " must come as a JSON string here";
    return error;
  }
  std::string text = input_text(constant, target.family);
  auto read = read_literal(text, target.family, target.labels);
  if (std::holds_alternative<AskTheDatabase>(read)) {
    Literal literal{cast, text};
    auto answer = normalised_.find(literal);
    if (answer == normalised_.end()) {
      to_normalise_.insert(std::move(literal));
      return ConstantTerm{Value(), {}, std::move(cast)};
    }
    auto answered = read_answer(answer->second, target.family);
    if (!answered) return no_such_value(constant, target);
    read = std::move(*answered);
  }
  auto* value = std::get_if<ReadLiteral>(&read);
  if (value == nullptr) return no_such_value(constant, target);
  return ConstantTerm{std::move(value->value), std::move(value->text), std::move(cast)};
}

Result<std::optional<std::string>> parameter_text(const Json& parameter, std::size_t position) {
  if (parameter.is_null()) return std::optional<std::string>();
  if (parameter.is_string()) return std::optional(parameter.as_string());
  if (parameter.is_number()) return std::optional(parameter.as_number());
  if (parameter.is_boolean())
    return std::optional<std::string>(parameter.as_boolean() ? "true" : "false");
  return bad(position, "a parameter that is an array or an object",
             "an array stands in = ANY ($1) or <> ALL ($1)");
}

}  // namespace plait::query
