// core/merge/fold.h: the state of an entity: the fold of its events in the order of their ids.
//
// Id order is a linear extension of causality, so the fold is causal dominance with a deterministic
// tie-break, for each register on its own: in any order of arrival, in any splitting, with any
// repeats (invariant 7).
//
// `fold` is that definition, over a whole history. `effect` gives the same without the history:
// what new events change at a present row, from them and the events that are later than the first
// of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/event/operations.h"
#include "core/event/ulid.h"
#include "core/merge/merge.h"
#include "core/merge/state.h"
#include "core/result.h"

namespace plait {

// An event as the merge sees it; what it views belongs to the caller.
struct EventView {
  EventId id;
  std::span<const EventId> parents;
  Operations operations;
};

// The state of an entity from all its events, in any order, with any repeats. No events: absent.
// For a dead entity too: its values are what a restore brings back. For a state of the past give
// the events up to then. Refuses unknown_property and bad_value as Properties::check does, with the
// event's id in Error::what: what is stored was checked, so this is a catalogue that does not
// belong to the history. Cost: n log n.
Result<State> fold(const Properties& properties, std::span<const EventView> events);

// What has to happen to an entity's row.
enum class RowWrite : std::uint8_t {
  none,  // nothing: all that is new loses, or the entity is and stays dead, or no state is touched
  insert,   // born: a row of Effect::registers; what they do not name is the column's default
  update,   // the properties of Effect::registers
  remove,   // it dies
  restore,  // it comes back: a row of the whole state, which Effect::registers is the whole of only
            // if they name every property; else fold its history, the new events included
};

std::string_view name(RowWrite write);

// The value of a property in the row as it is now, as on the wire. Asked for what new events change
// otherwise than by replacing it, of living entities alone.
using Present = std::function<Json(const Property& property)>;

// What new events change.
struct Effect {
  RowWrite row = RowWrite::none;
  Life life = Life::absent;  // afterwards
  // The create or delete among the new events that now holds; nothing: none of them does.
  std::optional<EventId> life_event;
  // The properties whose value one of the new events decides or changes, also where the row is gone
  // or has no need to be written; of a dead entity only those whose value is known without its
  // history.
  Registers registers;
};

// The effect of new events on an entity that is `life` at present: absent for one that begins with
// its genesis among them, alive if it has a row, else dead.
//   fresh   the new events, in any order; none of them is in the ledger yet
//   present what the row holds
//   later   all events of the ledger whose ids are greater than the smallest of `fresh`, in any
//   order;
//           none, nearly always. Smaller ones do no harm.
// Applying effects, batch by batch in any order of arrival, gives the row of the fold of all
// events. Refuses as fold does. Cost: n log n in fresh and later together, whatever the history's
// length.
Result<Effect> effect(const Properties& properties, Life life, const Present& present,
                      std::span<const EventView> fresh, std::span<const EventView> later);

}  // namespace plait
