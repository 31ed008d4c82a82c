// extension/net_history.cpp: of an entity's events, what still holds of what a net reader sees.

#include "extension/net_history.h"

#include <string_view>

#include "extension/stored_event.h"

namespace plait {

namespace {

// What one event decides.
struct Holding {
  bool creates = false;
  std::map<std::string_view, std::string_view> set;  // property → the value now
};

std::string operations_text(const Holding& holding) {
  std::string text = holding.creates ? "{\"create\":true" : "{";
  if (!holding.set.empty()) text += holding.creates ? ",\"set\":{" : "\"set\":{";
  for (auto value = holding.set.begin(); value != holding.set.end(); ++value) {
    if (value != holding.set.begin()) text += ',';
    append_json_string(text, value->first);
    text += ':';
    text += value->second;
  }
  return text + (holding.set.empty() ? "}" : "}}");
}

}  // namespace

std::map<EventId, std::string> net_events(const NamedEntity& named) {
  std::map<std::string_view, std::string_view> open;  // properties whose event is still looked for
  for (const NetRow::Value& value : named.row->values)
    if (!value.property->derived) open.emplace(value.property->name, value.json);
  bool is_life_open = true;
  std::map<EventId, Holding> holdings;
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  visit_newest_first(named.collection->number, named.entity, snapshot, [&](const EventView& event) {
    for (const Operations::Change& change : event.operations.changes)
      if (auto found = open.extract(change.property))
        holdings[event.id].set.insert(std::move(found));
    if (is_life_open && event.operations.creates) holdings[event.id].creates = true;
    if (event.operations.creates || event.operations.deletes) is_life_open = false;
    return is_life_open || !open.empty();
  });
  std::map<EventId, std::string> events;
  for (const auto& [id, holding] : holdings) events.emplace(id, operations_text(holding));
  return events;
}

}  // namespace plait
