// extension/feed.h: who reads makes the tick: what a tick is made of, for SQL's readers and the
// worker.
#pragma once

#include "extension/wall.h"

#include <optional>

#include "extension/tick.h"

namespace plait {

// Whether the snapshot shows an event that is in no tick. No tick yet: whether there is any event.
bool has_news(std::int16_t era, const std::optional<Tick>& newest, Snapshot snapshot);

// The tick of the active snapshot; nothing is written when the newest one covers all that it shows.
// The first tick of a life is made in any case, so that there is a cursor to begin from. REQUIRES:
// the lock on plait.feed_lock, a snapshot that was taken under it, and that the transaction has
// written nothing.
Cursor make_tick();

}  // namespace plait
