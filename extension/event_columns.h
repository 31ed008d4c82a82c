// extension/event_columns.h: a row of plait.event as readers get it: numbers become ids and names.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <unordered_map>

#include "core/event/ulid.h"
#include "extension/columns.h"

namespace plait {

// The columns that every function that tells events has, in this order:
//   id, parents ulid[], operations jsonb, origin ulid, actor jsonb, context jsonb, happened,
//   recorded (NULL: in no tick yet), xid, salt (NULL: erased)
class EventColumns {
 public:
  static constexpr int count = 10;

  // Remembers whom it has met: its results live in the memory context that was current here.
  EventColumns();

  // Fills values and nulls from a row of plait.event. They live as long as the row and the current
  // memory context do. Outside pg(). Cost: a look into plait.node or plait.actor for each new
  // number.
  void read(TupleTableSlot* row, std::optional<TimestampTz> recorded, Datum* values, bool* nulls);

 private:
  const NodeId& origin(int number);
  Datum actor(int number);

  MemoryContext memory_;
  Oid ulid_type_;
  std::unordered_map<int, NodeId> origins_;
  std::unordered_map<int, Datum> actors_;
};

// The same columns as a net reader gets them: id, what of it still holds, happened and recorded;
// the rest is NULL.
void net_event_columns(const EventId& id, Datum operations, std::optional<TimestampTz> recorded,
                       Datum* values, bool* nulls);

// When an id was stamped, to the microsecond.
TimestampTz happened(const Ulid& id);

}  // namespace plait
