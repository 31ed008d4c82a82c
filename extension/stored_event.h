// extension/stored_event.h: events of one entity as they stand in plait.event.
#pragma once

#include "extension/wall.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/event/event.h"
#include "core/merge/fold.h"
#include "extension/table.h"

namespace plait {

struct StoredEvent {
  EventId id;
  std::vector<EventId> parents;
  Json operations;
  std::optional<std::uint64_t> salt;  // empty: erased
  int origin = 0;
  int actor = 0;
  std::int16_t era = 0;
  std::uint64_t xid = 0;
  Json context;
};

struct EventRange {
  int collection;
  EntityId entity;
  EventId from{};           // this one and greater ones
  std::int64_t limit = -1;  // -1: all
  bool newest_first = false;
  std::optional<EventId> before{};  // this one and greater ones not
};

// Ascending by id, unless newest_first. Outside pg(). Cost: one range of the primary key.
std::vector<StoredEvent> read_events(const EventRange& range, Snapshot snapshot);
// One event by its id; empty when there is none.
std::optional<StoredEvent> read_event(int collection, const EntityId& entity, const EventId& id,
                                      Snapshot snapshot);

// Whole histories, of one entity after the other; keeps plait.event open in between. Outside pg();
// an error inside Postgres closes the table with its transaction.
class Histories {
 public:
  explicit Histories(Snapshot snapshot);
  // Ascending by id. Cost: one range of the primary key.
  std::vector<StoredEvent> of(int collection, const EntityId& entity);
  void close();

 private:
  Table table_;
  Probe probe_;
};

// Whether an event is there; waits for a transaction that is just writing it. Cost: one look into
// the primary key.
bool is_stored(int collection, const EntityId& entity, const EventId& id);

// The events of an entity from the newest down, until `visit` returns false. Outside pg(). Cost,
// and memory up to a page of them: what was visited.
void visit_newest_first(int collection, const EntityId& entity, Snapshot snapshot,
                        const std::function<bool(const EventView&)>& visit);

// As the merge sees them; views into `events`. Refuses nothing: what is stored was checked.
std::vector<EventView> views(const std::vector<StoredEvent>& events);

}  // namespace plait
