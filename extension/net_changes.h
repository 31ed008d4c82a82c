// extension/net_changes.h: one unit of the feed in a collection that its reader sees net: of each
// entity that changed, its row as the reader sees it now.
//
// A follower who takes each row in place of the one before converges on the rows that he may see,
// those that became visible included. What was deleted or became invisible is not told.
#pragma once

#include "extension/wall.h"

#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "extension/net_view.h"

namespace plait {

// Outside pg().
class NetChanges {
 public:
  // REQUIRES: Sight::net.
  explicit NetChanges(CollectionRef collection) : view_(std::move(collection)) {}

  void add(const EntityId& entity, const EventId& event);

  // The newest event of each entity of the unit, ascending; no more is added then.
  std::vector<EventId> gathered();

  // The row that an event of gathered() changed; NULL: the caller does not see it. REQUIRES: asked
  // for in ascending order, each once. Cost: a SELECT for many events at once.
  const NetRow* row_of(const EventId& event);

  // Begins the next unit.
  void clear();

 private:
  NetView view_;
  std::unordered_map<EntityId, EventId> newest_;
  std::vector<std::pair<EventId, EntityId>> events_;
  std::size_t next_ = 0;                       // in events_: the first that was not asked for
  std::size_t read_ = 0;                       // in events_: the first whose row was not read
  std::unordered_map<EntityId, NetRow> rows_;  // of those that were read last
};

}  // namespace plait
