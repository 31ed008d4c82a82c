// core/merge/merge.h: which rule merges a property: the table from merge type to rule.
//
// A register is folded in the order of event ids, by the rule of its property's merge type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/event/operations.h"
#include "core/event/ulid.h"
#include "core/merge/state.h"
#include "core/result.h"

namespace plait {

struct MergeRule {
  std::string_view name;                    // as `track` and the catalogue have it
  std::span<const std::string_view> verbs;  // that fit it
  // The register after one more operation. REQUIRES: the verb fits; ids ascend from call to call.
  void (*apply)(Register& before, const Operations::Change& change, const EventId& event);
};

// The rule of a merge type; nullptr: there is none of that name.
const MergeRule* find_merge_rule(std::string_view name);

// One property of a collection, as the merge needs it.
struct Property {
  std::string name;
  const MergeRule* rule;  // REQUIRES: not nullptr
  Json initial;           // its value while no event has set it; null is SQL NULL
};

// The properties of a collection, those whose column is gone included: history still names them.
class Properties {
 public:
  Properties() = default;
  explicit Properties(std::vector<Property> properties);  // REQUIRES: distinct names

  const Property* find(std::string_view name) const;         // nullptr: unknown
  std::span<const Property> all() const { return sorted_; }  // by name, in byte order

  // Refuses unknown_property for a property that the collection has not, bad_value for a verb that
  // does not fit its merge type; Error::where is a JSON pointer below /operations.
  Status check(const Operations& operations) const;

 private:
  std::vector<Property> sorted_;
};

}  // namespace plait
