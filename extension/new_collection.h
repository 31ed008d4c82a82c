// extension/new_collection.h: a table becomes a collection: what is asked for, its rows in the
// catalogue, its triggers.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <string>
#include <vector>

#include "core/event/json.h"
#include "extension/catalogue.h"
#include "extension/track.h"

namespace plait {

// The arguments of plait.track and plait.track_concurrently.
struct TrackWish {
  Oid relation;
  std::optional<std::string> name;
  Json merge;
};

TrackWish track_wish(FunctionCallInfo fcinfo);

// Who owns a table not may not even lock it.
void expect_owner(Oid relation);

// Refuses what cannot be tracked so. REQUIRES: a lock on the table and its partitions.
TableFacts expect_trackable(const TrackWish& wish);

// One session at a time makes collections. Inside pg().
void lock_collections();

// The collection that the table is or was; refuses another name for it. Empty: it never was one.
CollectionRef known_collection(const TrackWish& wish);

// Refuses collection_exists: the name that it would have is another table's, now or before.
void expect_free_name(const TableFacts& facts, const TrackWish& wish);

// Writes the collection, its properties and its triggers. REQUIRES: lock_collections(), and a lock
// on the table and its partitions that keeps writers out.
void begin_collection(const TableFacts& facts, const TrackWish& wish);

// On the table and its partitions. REQUIRES: the same lock on them.
void create_all_triggers(Oid relation);
void drop_all_triggers(Oid relation);

// Every backend reads the collection of this table anew.
void invalidate(Oid relation);

}  // namespace plait
