// extension/backfill.h: how far plait.track_concurrently has come: the rows of plait.backfill.
//
// One row for each table whose rows get their geneses, a partitioned collection's leaves. They come
// with the collection and go, all at once, when it is complete: a collection that has one is being
// backfilled. Everything here runs inside pg().
#pragma once

#include "extension/wall.h"

namespace plait {

struct Backfill {
  int collection;
  Oid relation;           // a table with rows of its own
  std::int16_t era;       // in which relation, file and blocks mean something
  Oid file;               // the table's relfilenode: with another one the pass begins anew
  std::int64_t blocks;    // that the table had when the pass began: later rows have their events
  std::int64_t next;      // the first block that was not looked at
  std::int64_t done;      // of the blocks below it no row lacks events
  std::int64_t rows;      // geneses that batches wrote
  std::int64_t held;      // rows that others hold
  TimestampTz since;      // when the table was tracked
  std::int64_t batch_us;  // how long the last batch took, its commit included
};

bool is_being_backfilled(int collection, Snapshot snapshot);

// Of one collection, or of all (0), by table: palloc'd Backfill.
List* read_backfills(int collection, Snapshot snapshot);

void insert_backfill(const Backfill& backfill);
// The row of its collection and relation.
void update_backfill(const Backfill& backfill);
void delete_backfills(int collection);

}  // namespace plait
