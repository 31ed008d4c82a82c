// core/dag/order.h: events parents first.
//
// Ids grow along edges, so the order of ids is such an order, the same for every reader.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/dag/links.h"
#include "core/result.h"

namespace plait {

// The positions of `events` in the order of their ids; equal ids keep the order that they came in.
// Parents that are not among the events do not matter. Refuses id_not_after_parents if an event's
// hlc is not greater than each parent's; Error::where is the event's position. Cost: n log n.
Result<std::vector<std::size_t>> parents_first(std::span<const Links> events);

}  // namespace plait
