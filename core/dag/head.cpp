// core/dag/head.cpp: the head's algebra.

#include "core/dag/head.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace plait {

Head advance(std::span<const EventId> head, EventId event, std::span<const EventId> parents) {
  Head next;
  next.reserve(head.size() + 1);
  std::ranges::copy_if(head, std::back_inserter(next), [&](const EventId& tip) {
    return std::ranges::find(parents, tip) == parents.end();
  });
  next.insert(std::ranges::lower_bound(next, event), event);
  return next;
}

Head head_of(std::span<const Links> events) {
  std::unordered_set<EventId> named;
  Head head;
  for (const Links& links : events) {
    named.insert(links.parents.begin(), links.parents.end());
    head.push_back(links.event);
  }
  std::erase_if(head, [&](const EventId& event) { return named.contains(event); });
  return sorted_head(head);
}

Head sorted_head(std::span<const EventId> events) {
  Head head(events.begin(), events.end());
  std::ranges::sort(head);
  head.erase(std::unique(head.begin(), head.end()), head.end());
  return head;
}

}  // namespace plait
