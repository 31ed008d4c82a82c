// core/merge/merge.h: which rule merges a property: the table from merge type to rule.
//
// A register is folded in the order of event ids, by the rule of its property's merge type.
//
//   lww      the last set                  set      the last verb on each element
//   counter  the sum of the adds           json     each path a register
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/event/operations.h"
#include "core/result.h"

namespace plait {

struct MergeRule {
  std::string_view name;                    // as `track` and the catalogue have it
  std::span<const std::string_view> verbs;  // that fit it
  // Refuses bad_value for a value that no column of this merge type can hold; Error::where is below
  // the change. nullptr: the column's type alone decides. REQUIRES: the verb fits.
  Status (*check)(const Operations::Change& change);
  // The state's form of a value; nullptr: as it is.
  Json (*normal)(Json value);
  // The value after one more operation. REQUIRES: check(); a normal value; ids ascend from call to
  // call.
  void (*apply)(Json& value, const Operations::Change& change);
  // Whether what is applied again, in the order of ids, changes nothing. An add does.
  bool is_idempotent;
};

// The rule of a merge type; nullptr: there is none of that name.
const MergeRule* find_merge_rule(std::string_view name);

// One property of a collection, as the merge needs it.
struct Property {
  std::string name;
  const MergeRule* rule;  // REQUIRES: not nullptr
  Json initial;           // its value while no event has changed it; null is SQL NULL
};

// The properties of a collection, those whose column is gone included: history still names them.
class Properties {
 public:
  Properties() = default;
  explicit Properties(std::vector<Property> properties);  // REQUIRES: distinct names

  const Property* find(std::string_view name) const;         // nullptr: unknown
  std::span<const Property> all() const { return sorted_; }  // by name, in byte order

  // Refuses unknown_property for a property that the collection has not, bad_value for a verb that
  // does not fit its merge type, or a value that does not fit the verb; Error::where is a JSON
  // pointer below /operations.
  Status check(const Operations& operations) const;

 private:
  std::vector<Property> sorted_;
};

}  // namespace plait
