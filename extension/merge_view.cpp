// extension/merge_view.cpp: the catalogue as core's merge needs it.

#include "extension/merge_view.h"

namespace plait {

Properties properties_of(const Collection& collection) {
  std::vector<Property> properties;
  auto add = [&](const TrackedProperty& tracked) {
    const MergeRule* rule = find_merge_rule(tracked.merge);
    if (rule == nullptr)
      refuse(Code::not_supported, "merge type " + tracked.merge + " of " + tracked.name,
             collection.name, "This version of Plait does not know it: upgrade.");
    Json initial = tracked.initial.empty() ? Json::null() : or_refuse(parse_json(tracked.initial));
    properties.push_back({tracked.name, rule, std::move(initial)});
  };
  for (const TrackedProperty& tracked : collection.properties) add(tracked);
  for (const TrackedProperty& tracked : collection.former) add(tracked);
  return Properties(std::move(properties));
}

}  // namespace plait
