// core/tests/naive_merge.h: the merge by its definition: sort by id, replay, the last one wins.
//
// Shares nothing with core/merge; values are JSON texts.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/event/json.h"
#include "core/tests/drawn_history.h"

namespace plait {

struct NaiveState {
  std::string life = "absent";
  EventId life_event;
  std::map<std::string, std::string> values;  // initial ones included
  std::map<std::string, EventId> won;         // of the properties that were set
};

inline NaiveState naive_merge(std::vector<const DrawnEvent*> events,
                              const std::map<std::string, std::string>& initial) {
  std::ranges::sort(events, [](const auto* a, const auto* b) { return a->id.bytes < b->id.bytes; });
  NaiveState state;
  state.values = initial;
  for (const DrawnEvent* event : events) {  // a repeat changes nothing
    if (event->operations.find("create") != nullptr) state.life = "alive";
    if (event->operations.find("delete") != nullptr) state.life = "dead";
    if (event->operations.find("create") != nullptr ||
        event->operations.find("delete") != nullptr) {
      state.life_event = event->id;
    }
    if (const Json* set = event->operations.find("set")) {
      for (const auto& [property, value] : set->as_object()) {
        state.values[property] = to_text(value);
        state.won[property] = event->id;
      }
    }
  }
  return state;
}

}  // namespace plait
