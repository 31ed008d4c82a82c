// core/merge/state.h: an entity's values, and for each the event whose operation holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/dag/head.h"
#include "core/event/json.h"
#include "core/event/ulid.h"

namespace plait {

class Properties;

// The lifecycle: the last `create` or `delete` decides; a `set` never resurrects.
enum class Life : std::uint8_t {
  absent,  // no event created it: there is no such entity
  alive,   // its row is the state
  dead,    // it has history, and values that a restore brings back, but no row
};

std::string_view name(Life life);

// What one property holds.
struct Register {
  Json value;     // canonical; null is SQL NULL
  EventId event;  // whose operation holds

  bool operator==(const Register&) const = default;
};
using Registers = std::map<std::string, Register, std::less<>>;  // by property

struct State {
  Life life = Life::absent;
  EventId life_event;              // the create or delete that holds; meaningless while absent
  std::optional<EventId> genesis;  // the event without parents
  Registers registers;  // of the properties that an event has set; dead entities have them too
  Head head;

  bool operator==(const State&) const = default;
};

// The value of every property, {"name": value}: what no event has set has its initial value.
Json values(const State& state, const Properties& properties);

// The event whose operation holds. A property's initial value acts as if the genesis had set it.
// Nothing: no event of the entity is known.
std::optional<EventId> winner(const State& state, std::string_view property);

}  // namespace plait
