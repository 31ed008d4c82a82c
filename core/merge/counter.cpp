// core/merge/counter.cpp: adding and setting.

#include "core/merge/counter.h"

#include <cassert>
#include <optional>
#include <string>

#include "core/event/decimal.h"

namespace plait {
namespace {

std::optional<Decimal> decimal_of(const Json& value) {
  if (value.is_number()) return parse_decimal(value.as_number());
  if (value.is_string()) return parse_decimal(value.as_string());
  return std::nullopt;
}

Json sum(const Json& before, const Json& added) {
  // What was set before the property became a counter may be no number: it counts from 0.
  Decimal total = decimal_of(before).value_or(Decimal()) + *decimal_of(added);
  std::string text = to_text(total);
  if (before.is_string() || added.is_string()) return Json::string(text);
  auto token = canonical_number(text);
  assert(token && "two JSON numbers are finite");
  return Json::number(*token);
}

}  // namespace

Status check_counter(const Operations::Change& change) {
  if (change.verb == "set" && change.value->is_null()) return ok;
  auto number = decimal_of(*change.value);
  bool fits = number && (change.verb == "set" || number->kind == Decimal::Kind::finite);
  if (fits) return ok;
  return Error{Code::bad_value, to_text(*change.value) + " is no number that can be counted", "",
               "send a number, or its decimal text: \"-1.50\""};
}

void apply_counter(Json& value, const Operations::Change& change) {
  value = change.verb == "add" ? sum(value, *change.value) : *change.value;
}

}  // namespace plait
