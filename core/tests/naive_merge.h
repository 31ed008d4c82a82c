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
#include "core/tests/naive_types.h"

namespace plait {

struct NaiveState {
  std::string life = "absent";
  EventId life_event;
  std::map<std::string, std::string> values;  // initial ones included
  std::map<std::string, EventId> won;         // of the properties that were set
};

// `types`: the merge type by property, else lww.
inline NaiveState naive_merge(std::vector<const DrawnEvent*> events,
                              const std::map<std::string, std::string>& initial,
                              const std::map<std::string, std::string>& types = {}) {
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
    for (const std::string verb : {"set", "add", "include", "exclude", "patch"}) {
      const Json* changes = event->operations.find(verb);
      if (changes == nullptr) continue;
      for (const auto& [property, value] : changes->as_object()) {
        auto type = types.find(property);
        std::string& held = state.values[property];
        held = naive_apply(type == types.end() ? "lww" : type->second, held, verb, value);
        state.won[property] = event->id;
      }
    }
  }
  return state;
}

}  // namespace plait
