// gateway/read.h: what a reader does inside the snapshot of a tick.
#pragma once

#include <string>

#include "gateway/database.h"
#include "gateway/jobs.h"

namespace plait::gateway {

struct ReadBounds {
  std::size_t result_bytes_max = 64 << 20;
  std::size_t chunk_bytes = 64 * 1024;  // of rows in one message
  std::size_t changes_max = 10'000;     // entities since a cursor; beyond: the whole result
  std::int64_t ticks_max = 10'000;      // since a cursor; beyond: the whole result
};

// Reads in the transaction that is open; `position` is its snapshot's.
// Throws DatabaseError; too_large past result_bytes_max.
FirstResult read_first(Database& database, const FirstRead& read, const Position& position,
                       const ReadBounds& bounds);
FetchedRows read_rows(Database& database, const FetchRead& read, const Position& position,
                      const ReadBounds& bounds);
FetchedRows read_rows(Database& database, const EntitiesRead& read, const Position& position,
                      const ReadBounds& bounds);

}  // namespace plait::gateway
