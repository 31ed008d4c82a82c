// extension/merge_view.cpp: the catalogue as core's merge needs it.

#include "extension/merge_view.h"

#include "extension/key.h"

namespace plait {

Properties properties_of(const Collection& collection) {
  std::vector<Property> properties;
  auto add = [&](const TrackedProperty& tracked) {
    const MergeRule* rule = find_merge_rule(tracked.merge);
    if (rule == nullptr)
      refuse(Code::not_supported, "merge type " + tracked.merge + " of " + tracked.name,
             collection.name, "This version of Plait does not know it: upgrade.");
    Json initial = tracked.initial.empty()
                       ? Json::null()
                       : or_refuse(parse_json(tracked.initial, {stored_json_depth_max}));
    properties.push_back({tracked.name, rule, std::move(initial)});
  };
  for (const TrackedProperty& tracked : collection.properties) add(tracked);
  for (const TrackedProperty& tracked : collection.former) add(tracked);
  return Properties(std::move(properties));
}

Json values_of(const Collection& collection, const Properties& properties, const EntityId& entity,
               const State& state) {
  Json result = values(state, properties);
  auto key = parse_json(natural_key(collection, entity));
  if (!key || !key->is_array()) return result;
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key[i])];
    if (state.registers.contains(property.name)) continue;
    const Json& said = key->as_array()[i];
    bool is_number = property.type->kind == WireKind::small_integer;
    result.set(property.name, is_number ? Json::number(said.as_string()) : said);
  }
  return result;
}

}  // namespace plait
