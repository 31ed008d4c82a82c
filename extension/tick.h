// extension/tick.h: ticks: batches of committed transactions, the unit in which the feed is read.
//
//   seq.nonce   the cursor: valid iff that row exists and is of the present life of the database
//   upto        the pg_snapshot that it was made with: what that calls finished is in this tick
//               or in an earlier one
//
// Restore, point-in-time recovery, a promotion that lost its tail, pruning: all show as "no such
// tick". Everything here runs outside pg().
#pragma once

#include "extension/wall.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/wire/cursor.h"

namespace plait {

// What a pg_snapshot says of top-level transaction ids of 64 bits.
class Upto {
 public:
  Upto() = default;
  // REQUIRES: the pg_snapshot's send format (xid8funcs.c), which is the same on every platform.
  explicit Upto(std::string_view sent);

  // Whether the transaction had ended. It may have been rolled back: its events are then invisible.
  bool finished(std::uint64_t xid) const;
  // The smallest id from `xid` on that had not.
  std::uint64_t first_unfinished(std::uint64_t xid) const;
  // All ids from here on had not begun.
  std::uint64_t end() const { return xmax_; }
  // Those before the end that had begun and not ended, ascending.
  const std::vector<std::uint64_t>& running() const { return running_; }

 private:
  std::uint64_t xmax_ = 0;
  std::vector<std::uint64_t> running_;  // ascending
};

// The active snapshot's.
Upto upto_now();

struct Tick {
  Cursor cursor;
  std::int16_t era = 0;
  Upto upto;
  TimestampTz at = 0;
};

// The newest tick that the snapshot shows, of this life of the database or an earlier one.
std::optional<Tick> newest_tick(Snapshot snapshot);
// The same, of this life alone.
std::optional<Tick> newest_tick_of(std::int16_t era, Snapshot snapshot);

// The tick of that number or the first one after it, of whatever life.
std::optional<Tick> first_tick_from(std::int64_t seq, Snapshot snapshot);

// Up to `count` ticks of an era after the number `seq`, ascending.
std::vector<Tick> ticks_after(std::int64_t seq, std::int16_t era, int count, Snapshot snapshot);

// The tick of a cursor. Refuses bad_cursor (text that is none), cursor_unknown (no such tick in
// this life of the database).
Tick expect_tick(std::string_view cursor, Snapshot snapshot);

// Writes a tick with the active snapshot as its upto, and makes its transaction's commit durable
// whatever synchronous_commit says. Returns its cursor. REQUIRES: the lock on plait.feed_lock.
Cursor write_tick(std::int64_t seq, std::int16_t era);

// Deletes the ticks before the last one that was made at `time` or earlier, of whatever life;
// how many.
std::int64_t delete_ticks_before(TimestampTz time);

}  // namespace plait
