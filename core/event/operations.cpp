// core/event/operations.cpp: the shape of each verb.

#include "core/event/operations.h"

#include <algorithm>
#include <string>
#include <utility>

namespace plait {
namespace {

// Postgres' text has at most 1 GB, so no position in it is longer.
constexpr std::size_t position_digits_max = 10;

Error refusal(std::string what, std::string where, std::string hint = "") {
  return Error{Code::bad_value, std::move(what), std::move(where), std::move(hint)};
}

// ---- the shape of a value, by verb ----

Status check_add(const Json& value, const std::string& where) {
  if (value.is_number()) return ok;
  if (value.is_string() && canonical_number(value.as_string())) return ok;
  return refusal("add wants a number", where, "send a number, or its decimal text: \"-1.50\"");
}

bool is_position(const Json& value) {
  if (!value.is_number()) return false;
  const std::string& token = value.as_number();
  return token.size() <= position_digits_max &&
         token.find_first_not_of("0123456789") == std::string::npos;
}

Status check_edit(const Json& value, const std::string& where) {
  constexpr const char* hint =
      "send [[position, deleted, \"inserted\"], …], counted in code points";
  if (!value.is_array()) return refusal("a list of edits is wanted", where, hint);
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    const Json& step = value.as_array()[i];
    if (!step.is_array() || step.as_array().size() != 3 || !is_position(step.as_array()[0]) ||
        !is_position(step.as_array()[1]) || !step.as_array()[2].is_string()) {
      return refusal("an edit is [position, deleted, inserted]", pointer_below(where, i), hint);
    }
  }
  return ok;
}

Status check_patch(const Json& value, const std::string& where) {
  constexpr const char* hint = "send [[[\"path\", \"to\"], value], [[\"unset\"]], …]";
  if (!value.is_array()) return refusal("a list of patches is wanted", where, hint);
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    const Json& step = value.as_array()[i];
    const bool pair = step.is_array() && !step.as_array().empty() && step.as_array().size() <= 2;
    if (!pair || !step.as_array()[0].is_array()) {
      return refusal("a patch is [path, value] or [path]", pointer_below(where, i), hint);
    }
    const Json::Array& path = step.as_array()[0].as_array();
    if (path.empty()) {
      return refusal("an empty path", pointer_below(pointer_below(where, i), 0),
                     "use set for the whole value");
    }
    if (path.size() > path_steps_max) {
      return refusal("a path of " + std::to_string(path.size()) + " steps",
                     pointer_below(pointer_below(where, i), 0),
                     "at most " + std::to_string(path_steps_max) + " are allowed");
    }
    if (!std::all_of(path.begin(), path.end(), [](const Json& step) { return step.is_string(); })) {
      return refusal("the steps of a path are strings", pointer_below(pointer_below(where, i), 0),
                     hint);
    }
  }
  return ok;
}

Status check_value(std::string_view verb, const Json& value, const std::string& where) {
  if (verb == "add") return check_add(value, where);
  if (verb == "include" || verb == "exclude") return check_elements(value, where);
  if (verb == "edit") return check_edit(value, where);
  if (verb == "patch") return check_patch(value, where);
  return ok;  // set: the property's type decides
}

// ---- the verbs ----

Status check_emit(const Json& value, const std::string& where) {
  constexpr const char* hint = "send {\"type\": \"OrderPlaced\", \"data\": …}";
  if (!value.is_object()) return refusal("emit wants an object", where, hint);
  const Json* type = value.find("type");
  if (type == nullptr || !type->is_string() || type->as_string().empty()) {
    return refusal("emit wants a type, a string", pointer_below(where, "type"), hint);
  }
  for (const auto& [key, member] : value.as_object()) {
    if (key != "type" && key != "data") {
      return refusal("emit has no such member", pointer_below(where, key), hint);
    }
  }
  return ok;
}

// create or delete.
Status read_flag(const Json& value, const std::string& where, bool& flag) {
  if (!value.is_boolean() || !value.as_boolean()) return refusal("true is wanted", where);
  flag = true;
  return ok;
}

Status read_changes(std::string_view verb, const Json& value, const std::string& where,
                    std::vector<Operations::Change>& changes) {
  if (!value.is_object()) return refusal("an object of properties is wanted", where);
  for (const auto& [property, change] : value.as_object()) {
    if (Status good = check_value(verb, change, pointer_below(where, property)); !good) return good;
    changes.push_back({verb, property, &change});
  }
  return ok;
}

Status read_verb(const std::string& verb, const Json& value, Operations& operations) {
  const std::string where = pointer_below("/operations", verb);
  if (verb == "create") return read_flag(value, where, operations.creates);
  if (verb == "delete") return read_flag(value, where, operations.deletes);
  if (verb == "emit") {
    operations.emit = &value;
    return check_emit(value, where);
  }
  const auto* known = std::find(std::begin(property_verbs), std::end(property_verbs), verb);
  if (known == std::end(property_verbs)) {
    return refusal("there is no such verb", where,
                   "the verbs are create, delete, set, add, include, exclude, edit, patch, emit");
  }
  return read_changes(*known, value, where, operations.changes);
}

// ---- what verbs may stand together ----

// REQUIRES: one is an include, the other an exclude.
Status check_apart(const Operations::Change& one, const Operations::Change& other) {
  std::vector<std::string> elements;
  for (const auto* change : {&one, &other}) {
    for (const Json& element : change->value->as_array()) elements.push_back(to_text(element));
  }
  std::sort(elements.begin(), elements.end());
  auto twice = std::adjacent_find(elements.begin(), elements.end());
  if (twice == elements.end()) return ok;
  return refusal("the element " + *twice + " is both included and excluded",
                 pointer_below(pointer_below("/operations", other.verb), other.property));
}

Status check_one_verb_a_property(const Operations& operations) {
  std::vector<const Operations::Change*> changes;
  for (const auto& change : operations.changes) changes.push_back(&change);
  std::sort(changes.begin(), changes.end(), [](const auto* a, const auto* b) {
    return std::pair(a->property, a->verb) < std::pair(b->property, b->verb);
  });
  for (std::size_t i = 1; i < changes.size(); ++i) {
    const Operations::Change& one = *changes[i - 1];
    const Operations::Change& other = *changes[i];
    if (one.property != other.property) continue;
    if (one.verb != "exclude" || other.verb != "include") {
      return refusal("the property has two verbs, " + std::string(one.verb) + " and " +
                         std::string(other.verb),
                     pointer_below(pointer_below("/operations", other.verb), other.property),
                     "send one of them, or two events");
    }
    if (Status good = check_apart(one, other); !good) return good;
  }
  return ok;
}

Status check_lifecycle(const Operations& operations) {
  if (!operations.creates) return ok;
  if (operations.deletes) return refusal("an event both creates and deletes", "/operations/delete");
  for (const Operations::Change& change : operations.changes) {
    if (change.verb != "set") {
      return refusal("a create uses set alone", pointer_below("/operations", change.verb),
                     "set the whole value");
    }
  }
  return ok;
}

}  // namespace

Status check_elements(const Json& value, const std::string& where) {
  if (!value.is_array()) return refusal("a list of elements is wanted", where, "send [\"rock\"]");
  std::vector<std::string> seen;
  for (const Json& element : value.as_array()) {
    if (element.is_null()) {
      return refusal("a set has no NULL element", pointer_below(where, seen.size()));
    }
    seen.push_back(to_text(element));
  }
  std::sort(seen.begin(), seen.end());
  auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end()) return refusal("the element " + *twice + " stands twice", where);
  return ok;
}

Result<Operations> read_operations(const Json& json) {
  if (!json.is_object()) return refusal("operations are an object of verbs", "/operations");
  Operations operations;
  for (const auto& [verb, value] : json.as_object()) {
    if (Status good = read_verb(verb, value, operations); !good) return good.error();
  }
  if (Status good = check_lifecycle(operations); !good) return good.error();
  if (operations.changes.size() > 1) {
    if (Status good = check_one_verb_a_property(operations); !good) return good.error();
  }
  return operations;
}

}  // namespace plait
