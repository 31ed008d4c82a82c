// extension/entity_events.h: one entity's events for readers of its history: links and rows, by id.
#pragma once

#include "extension/wall.h"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "extension/catalogue.h"
#include "extension/event_columns.h"
#include "extension/net_view.h"
#include "extension/table.h"

#include "core/dag/head.h"
#include "core/dag/links.h"

namespace plait {

// The entity that a key names in a collection.
struct NamedEntity {
  CollectionRef collection;
  EntityId entity;
  std::optional<NetRow> row;  // what a net reader sees of it; nothing: he may see all of it
};

// Arguments 0 and 1 of a function, (collection text, key text). Refuses unknown_collection,
// permission_denied, bad_value, not_found: no entity ever had that key, it lost it, or it has no
// row that this net reader sees; which of these is not told.
NamedEntity entity_argument(FunctionCallInfo fcinfo);

// The head of an entity as the active snapshot shows it. Outside pg().
Head head_of(const Collection& collection, const EntityId& entity);

// Whether a collection has events. Outside pg().
bool has_entities(int collection, Snapshot snapshot);
// The entities of a collection, ascending, whether they live or not; each a descent, so that it
// costs entities, not events. What a visit takes of the current memory context is freed after it.
// Outside pg().
void for_each_entity(int collection, Snapshot snapshot,
                     const std::function<void(const EntityId&)>& visit);

// Reads plait.event through the active snapshot. Outside pg(); an error inside Postgres closes the
// table with its transaction.
class EntityEvents {
 public:
  explicit EntityEvents(const NamedEntity& entity);

  // Of the events that exist; in any order. Cost: one look into the primary key an event.
  std::vector<Links> links(std::span<const EventId> events);

  // The row of an event, until the next look; NULL: there is none.
  TupleTableSlot* row(const EventId& event);

  // The ids from the smallest on, `count` at most.
  std::vector<EventId> ids(std::size_t count);

  void close();

 private:
  bool find(const EventId& event);

  int collection_;
  EntityId entity_;
  Table table_;
  Probe by_id_;
};

}  // namespace plait
