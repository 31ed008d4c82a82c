// extension/capture.h: what a SQL statement changed becomes events (design 6, "By SQL").
//
// Statement triggers hand all changed rows to one call; it writes one event an entity, in bulk.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// Names of the triggers; they sort before a user's.
inline constexpr const char* trigger_prefix = "!plait_";

// Writes the geneses of all rows of a table that have none, as track does; returns how many. A
// NOTICE tells progress every 100,000 rows. REQUIRES: a lock that keeps writers out.
std::int64_t write_geneses(const Collection& collection, Relation relation);

}  // namespace plait
