// extension/recorded.h: when an event was recorded: at the first tick that covers its transaction.
#pragma once

#include "extension/wall.h"

#include <cstdint>
#include <optional>

#include "extension/tick.h"

namespace plait {

// An event of a life of the database that ended before its next tick is recorded by the first tick
// of a later one.
class Recorded {
 public:
  explicit Recorded(Snapshot snapshot);

  // Nothing: no tick that the snapshot shows has it yet. Cost: a look into plait.tick for each
  // doubling of the distance to the answer before; none for the same tick. Outside pg().
  std::optional<TimestampTz> at(std::int16_t era, std::uint64_t xid);

 private:
  void search_after(std::int64_t seq, std::int16_t era, std::uint64_t xid);
  void halve(std::int64_t seq, Tick first, std::int16_t era, std::uint64_t xid);

  Snapshot snapshot_;
  std::optional<Tick> newest_;
  std::optional<Tick> before_;  // the tick before the answer; nothing: the answer is the first one
  std::optional<Tick> answer_;
};

}  // namespace plait
