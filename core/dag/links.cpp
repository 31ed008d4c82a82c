// core/dag/links.cpp: ids grow along edges.

#include "core/dag/links.h"

#include <algorithm>

namespace plait {

Status check_grows(const EventId& event, std::span<const EventId> parents) {
  auto later = std::ranges::find_if(
      parents, [&](const EventId& parent) { return parent.hlc() >= event.hlc(); });
  if (later == parents.end()) return ok;
  return Error{Code::id_not_after_parents,
               "event " + to_text(event) + " is not after its parent " + to_text(*later),
               {},
               "stamp an event later than all its parents"};
}

}  // namespace plait
