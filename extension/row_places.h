// extension/row_places.h: where the row of each entity of a tracked table lies.
#pragma once

#include "extension/wall.h"

#include <functional>
#include <string>
#include <vector>

#include "core/event/ulid.h"
#include "extension/catalogue.h"
#include "extension/row_scan.h"

namespace plait {

struct EntityPlace {
  EntityId entity;
  RowPlace row;
};

// By entity.
using RowPlaces = std::vector<EntityPlace>;

// What a row without events is told to: the entity and the key that it would have.
using Unrecorded = std::function<void(const EntityId& entity, const std::string& key)>;

// The rows that have events, and in between those that have none, as the snapshot shows both. The
// places hold for that snapshot, SnapshotSelf's until somebody writes. Outside pg(), under pinned
// settings. Cost: the whole table; what stays is 28 bytes a row.
RowPlaces row_places(const Collection& collection, Snapshot snapshot, const Unrecorded& unrecorded);

// NULL: the entity has no row.
const RowPlace* row_of(const RowPlaces& places, const EntityId& entity);

}  // namespace plait
