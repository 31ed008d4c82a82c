// gateway/batch.h: what the tail brings: the entities that changed up to a tick, as that tick shows
// them.
//
// A batch holds all ticks since the one before it, as one unit under the newest one's number; its
// rows are of one snapshot. Immutable once made, and shared: deltas that wait in a slow session's
// outbox keep only the changes that they tell of.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/dag/head.h"
#include "core/event/json.h"
#include "core/event/ulid.h"
#include "core/wire/message.h"
#include "gateway/position.h"

namespace plait::gateway {

// An entity's row in a snapshot.
struct RowNow {
  std::string key;
  Head head;
  Json state;
  std::string text;  // {"entity":…,"key":…,"head":…,"state":…}, as `rows` and `add` carry it
};

// An entity that has events in a batch.
struct Change {
  EntityId entity;
  // Created or restored on the way: what a reader held of it before does not count.
  bool created = false;
  bool key_changed = false;
  std::shared_ptr<const RowNow> row;    // nullptr: deleted, or the reader may not see it
  std::vector<std::string> properties;  // that its events name, and what is derived; distinct
  wire::Winners won;                    // for each that they name; empty where there is no row
};
using ChangePtr = std::shared_ptr<const Change>;

struct Batch {
  Position position;
  std::map<std::string, std::vector<ChangePtr>, std::less<>> changes;  // by collection, in use only
  std::size_t bytes = 0;  // about what it takes in memory
};
using BatchPtr = std::shared_ptr<const Batch>;

}  // namespace plait::gateway
