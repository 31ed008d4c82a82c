// extension/held_back.h: who holds back what of the feed: open transactions their own events,
// whoever locks plait.feed_lock all ticks.
#pragma once

#include "extension/wall.h"

#include "core/event/json.h"

namespace plait {

// An array, the oldest transaction first; of each what pg_stat_activity and pg_prepared_xacts show
// to the caller, and its id alone if he may not read those. A look into the index for each open
// transaction of the cluster. On a standby nothing is known of the primary's: empty. Outside pg().
Json held_back(std::int16_t era);

}  // namespace plait
