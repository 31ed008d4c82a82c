// core/event/operations.h: the verbs of an event and their shape.
//
//   {"create": true, "set": {"name": "Origin of Symmetry", "year": 2001}}
//   {"emit": {"type": "OrderPlaced", "data": {...}}}      beside, or instead of, changes of state
//   {"delete": true}
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"

namespace plait {

// The verbs that name properties: {verb: {property: value}}.
inline constexpr std::string_view property_verbs[] = {"set",     "add",  "include",
                                                      "exclude", "edit", "patch"};

// A view of an event's operations; as long-lived as the Json that it was read from.
struct Operations {
  bool creates = false;
  bool deletes = false;
  const Json* emit = nullptr;  // {"type": string, "data"?: any}

  struct Change {
    std::string_view verb;  // one of property_verbs
    std::string_view property;
    const Json* value;
  };
  std::vector<Change> changes;  // in canonical order: by verb, then by property

  bool empty() const { return !creates && !deletes && emit == nullptr && changes.empty(); }
};

// The steps of a patch's path: as deep as a document may be that a client sends.
inline constexpr std::size_t path_steps_max = 64;

// Checks the shape: an object of known verbs; create and delete are `true` and not both; a create
// uses `set` alone; at most one verb a property (include and exclude excepted); emit has a type;
// values have their verb's shape (add: a number or a decimal string; include, exclude: an array
// without null, each element once; edit: a list of [position, deleted, inserted]; patch: a list of
// [path, value] and [path], 1 to path_steps_max steps). Refuses bad_value (unknown verb, verb and
// value) with a JSON pointer below /operations.
Result<Operations> read_operations(const Json& operations);

// Elements of a set: an array without null, each once. Refuses bad_value; `where` is the array's.
Status check_elements(const Json& value, const std::string& where);

}  // namespace plait
