// cli/assignment.cpp: text → wire values (docs/protocol.md, Values).

#include "cli/assignment.h"

#include <algorithm>
#include <utility>

#include "core/query/literal.h"
#include "core/query/type.h"

namespace plait::cli {

namespace {

using query::Family;

Error bad_assignment(const Property& property, const std::string& value, std::string hint) {
  return Error{Code::bad_value,
               property.name + " is of type " + property.type + ", and \"" + value + "\" is none",
               {},
               std::move(hint)};
}

std::string null_hint(const Property& property) {
  return "SQL's NULL is written " + property.name + ":=null";
}

// A jsonb value that would be mistaken for SQL's NULL, or for such a wrapping, is wrapped.
Json wrapped(Json value) {
  bool alone = value.is_object() && value.as_object().size() == 1;
  bool ambiguous = value.is_null() || (alone && value.find("$json") != nullptr);
  if (!ambiguous) return value;
  Json wrapping = Json::object();
  wrapping.set("$json", std::move(value));
  return wrapping;
}

Result<Json> read_json_value(const Property& property, const std::string& text) {
  bool is_array = property.type.ends_with("[]");
  auto value = parse_json(text);
  if (is_array && !(value && value->is_array()))
    return bad_assignment(property, text, "an array is written as JSON: [1, 2]");
  if (!value) return bad_assignment(property, text, "it is written as JSON: " + value.error().what);
  return is_array ? std::move(*value) : wrapped(std::move(*value));
}

Result<Json> read_number(const Property& property, Family family, const std::string& text) {
  auto read = query::read_literal(text, family, {});
  const auto* literal = std::get_if<query::ReadLiteral>(&read);
  if (literal == nullptr) return bad_assignment(property, text, null_hint(property));
  // int8 and numeric are strings on the wire, and what JSON has no number for.
  auto token = canonical_number(literal->text);
  bool as_number = family == Family::int2 || family == Family::int4 || query::is_float(family);
  bool minus_zero =
      query::is_float(family) && literal->text.starts_with('-') && token && *token == "0";
  if (as_number && token && !minus_zero) return Json::number(std::move(*token));
  return Json::string(minus_zero ? "-0" : literal->text);
}

Result<Json> read_text(const Property& property, const std::string& text) {
  if (property.type == "jsonb" || property.type.ends_with("[]"))
    return read_json_value(property, text);
  Family family = query::family_of(property.type);
  if (query::is_number(family)) return read_number(property, family, text);
  if (family != Family::boolean) return Json::string(text);
  auto read = query::read_literal(text, family, {});
  const auto* literal = std::get_if<query::ReadLiteral>(&read);
  if (literal == nullptr) return bad_assignment(property, text, null_hint(property));
  return Json::boolean(literal->text == "true");
}

}  // namespace

Result<Json> read_assignments(const Collection& collection,
                              const std::vector<Assignment>& assignments) {
  Json values = Json::object();
  for (const Assignment& assignment : assignments) {
    auto property = std::ranges::find(collection.properties, assignment.property, &Property::name);
    if (property == collection.properties.end()) {
      std::string known;
      for (const std::string& name : collection.names())
        known += (known.empty() ? "" : ", ") + name;
      return Error{Code::unknown_property,
                   collection.name + " has no property \"" + assignment.property + '"',
                   {},
                   "it has " + known};
    }
    auto value =
        assignment.is_json ? parse_json(assignment.value) : read_text(*property, assignment.value);
    if (!value) {
      Error error = value.error();
      if (assignment.is_json)
        error = bad_assignment(*property, assignment.value, "behind := stands JSON: " + error.what);
      return error;
    }
    values.set(assignment.property, std::move(*value));
  }
  return values;
}

}  // namespace plait::cli
