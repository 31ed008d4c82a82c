// extension/commit_request.h: what plait.commit is asked to do, checked as far as that needs no
// data.
#pragma once

#include "extension/wall.h"

#include <string>
#include <vector>

#include "core/dag/head.h"
#include "core/event/event.h"
#include "core/event/operations.h"
#include "extension/catalogue.h"

namespace plait {

inline constexpr std::size_t commit_events_max = 10'000;
inline constexpr std::size_t commit_operations_bytes_max = 16 * 1024 * 1024;

struct RequestedEvent {
  Event event;
  CollectionRef collection;
  bool expects_head = false;
  int index = 0;  // in the request

  EntityId entity() const { return event.entity_id(); }
  // "/events/2", for Error::where.
  std::string where(std::string_view below = "") const {
    return "/events/" + std::to_string(index) + std::string(below);
  }
};

struct CommitRequest {
  std::vector<RequestedEvent> events;  // ascending by id, distinct
  std::vector<EventId> order;          // as they were sent
  Json context;                        // an object, or null
};

// Reads {"events": […], "context": {…}} or the array alone. Shape, limits, digest, clock,
// collections, properties and their values, in this order, for all events before any right is
// asked. The types' input functions run, as the caller. Refuses as core does, with Error::where
// below /events.
CommitRequest read_commit_request(const char* request);

}  // namespace plait
