// extension/recorded.cpp: when an event was recorded: at the first tick that covers its
// transaction.
//
// Whether a tick covers a transaction never turns back to no along the numbers of ticks, so the
// first one that does is found by halving; and the next event's is near, so the search starts
// there.

#include "extension/recorded.h"

#include <algorithm>

namespace plait {

namespace {

bool covers(const Tick& tick, std::int16_t era, std::uint64_t xid) {
  return tick.era > era || (tick.era == era && tick.upto.finished(xid));
}

}  // namespace

Recorded::Recorded(Snapshot snapshot) : snapshot_(snapshot), newest_(newest_tick(snapshot)) {}

std::optional<TimestampTz> Recorded::at(std::int16_t era, std::uint64_t xid) {
  if (!newest_ || !covers(*newest_, era, xid)) return std::nullopt;
  bool before_has_it = before_ && covers(*before_, era, xid);
  if (!answer_ || before_has_it)
    search_after(0, era, xid);
  else if (!covers(*answer_, era, xid))
    search_after(answer_->cursor.seq, era, xid);
  return answer_->at;
}

// REQUIRES: no tick up to `seq` covers it, the newest does.
void Recorded::search_after(std::int64_t seq, std::int16_t era, std::uint64_t xid) {
  before_ = answer_ && answer_->cursor.seq == seq ? answer_ : std::nullopt;
  for (std::int64_t step = 1;; step *= 2) {
    std::int64_t look = std::min(seq + step, newest_->cursor.seq);
    Tick tick = *first_tick_from(look, snapshot_);
    if (covers(tick, era, xid)) return halve(seq, std::move(tick), era, xid);
    seq = tick.cursor.seq;
    before_ = std::move(tick);
  }
}

// REQUIRES: no tick up to `seq` covers it, `first` does.
void Recorded::halve(std::int64_t seq, Tick first, std::int16_t era, std::uint64_t xid) {
  for (std::int64_t end = first.cursor.seq; end - seq > 1;) {
    std::int64_t middle = seq + (end - seq) / 2;
    Tick tick = *first_tick_from(middle, snapshot_);
    if (tick.cursor.seq >= end) {  // numbers that have no tick
      end = middle;
    } else if (covers(tick, era, xid)) {
      end = tick.cursor.seq;
      first = std::move(tick);
    } else {
      seq = tick.cursor.seq;
      before_ = std::move(tick);
    }
  }
  answer_ = std::move(first);
}

}  // namespace plait
