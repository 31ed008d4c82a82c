// extension/net_history.h: of an entity's events, what still holds of what a net reader sees.
#pragma once

#include "extension/wall.h"

#include <map>
#include <string>

#include "extension/entity_events.h"

namespace plait {

// Each event that decides a value which the reader sees now, or that the entity lives, with its
// operations reduced to that: {"create": true, "set": {property: the value now}}, canonical. What
// no event set (initial values, generated columns) is no event's. REQUIRES: the entity has a `row`.
// Outside pg(). Cost: what came after the oldest of these events; all of the history, if the reader
// sees a property that no event set.
std::map<EventId, std::string> net_events(const NamedEntity& named);

}  // namespace plait
