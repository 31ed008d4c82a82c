// extension/capture.h: what a SQL statement changed becomes events (design 6, "By SQL").
//
// Statement triggers hand all changed rows to one call; it writes one event an entity, in bulk.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// Writes the geneses of all rows of a collection's table, which have none, as track does; returns
// how many. A NOTICE tells progress every 100,000 rows. REQUIRES: a lock that keeps writers out.
std::int64_t write_geneses(const Collection& collection);

// Writes the deletion of every row of the table or of one of its partitions, about to go. REQUIRES:
// a lock that keeps writers out.
void write_deletes(const Collection& collection, Oid table);

}  // namespace plait
