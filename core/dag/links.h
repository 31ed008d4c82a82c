// core/dag/links.h: an event and its parents: all that the DAG's algorithms need to know of it.
#pragma once

#include <span>
#include <vector>

#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

struct Links {
  EventId event;
  std::vector<EventId> parents;  // empty: a genesis
};

// Refuses id_not_after_parents, naming both, unless the event's hlc is greater than every parent's.
Status check_grows(const EventId& event, std::span<const EventId> parents);

}  // namespace plait
