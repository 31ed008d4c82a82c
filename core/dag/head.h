// core/dag/head.h: the head of an entity: its events that no other event names as a parent.
//
// Sorted, distinct, an antichain (invariant 5).
#pragma once

#include <span>
#include <vector>

#include "core/dag/links.h"
#include "core/event/ulid.h"

namespace plait {

using Head = std::vector<EventId>;

inline constexpr std::size_t head_join_width = 16;  // past it the database adds a joining event
inline constexpr std::size_t head_width_max = 256;  // past it a commit is refused: head_too_wide

// The head after an event: (head - parents) + {event}. REQUIRES: the event is not known yet, that
// is, neither in the head nor an ancestor of it (a covered event is a no-op, which the caller
// decides).
Head advance(std::span<const EventId> head, EventId event, std::span<const EventId> parents);

// The head of a whole history: its events that none of them names as a parent. The events come in
// any order, with any repeats. Cost: n log n.
Head head_of(std::span<const Links> events);

// Sorted and distinct, as every Head is: for ids that come from outside.
Head sorted_head(std::span<const EventId> events);

}  // namespace plait
