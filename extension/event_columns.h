// extension/event_columns.h: a row of plait.event as readers get it: numbers become ids and names.
#pragma once

#include "extension/wall.h"

#include <unordered_map>

#include "core/event/ulid.h"

namespace plait {

// The columns that every function that tells events has, in this order:
//   id, parents ulid[], operations jsonb, origin ulid, actor jsonb, context jsonb, happened, xid,
//   salt
class EventColumns {
 public:
  static constexpr int count = 9;

  // Remembers whom it has met: its results live in the memory context that was current here.
  EventColumns();

  // Fills values and nulls from a row of plait.event. They live as long as the row and the current
  // memory context do. Outside pg(). Cost: a look into plait.node or plait.actor for each new
  // number.
  void read(TupleTableSlot* row, Datum* values, bool* nulls);

 private:
  const NodeId& origin(int number);
  Datum actor(int number);

  MemoryContext memory_;
  Oid ulid_type_;
  std::unordered_map<int, NodeId> origins_;
  std::unordered_map<int, Datum> actors_;
};

// Attribute numbers of plait.event (sql/plait--0.1.sql).
enum EventColumn {
  event_entity = 1,
  event_id,
  event_xid,
  event_salt,
  event_collection,
  event_origin,
  event_actor,
  event_era,
  event_parents,
  event_operations,
  event_context
};

// When an id was stamped, to the microsecond.
TimestampTz happened(const Ulid& id);

}  // namespace plait
