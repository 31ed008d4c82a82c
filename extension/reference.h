// extension/reference.h: {"ref": "<entity id>"} on a foreign key's column: the key of an entity
// that a client knows by its id alone, perhaps made in the same commit.
#pragma once

#include "extension/wall.h"

#include <optional>

#include "core/event/json.h"
#include "core/event/ulid.h"
#include "extension/catalogue.h"
#include "extension/entity_locks.h"

namespace plait {

// The entity that a value refers to; empty: the value is no reference, or its column is in no
// foreign key to a tracked table.
std::optional<EntityId> referred_entity(const Collection& collection,
                                        const TrackedProperty& property, const Json& value);

// The wire value of the column: that entity's key as it is now. Refuses not_found: there is none,
// or none that the caller sees and none of this commit, whose entities are `here`.
Json resolve_reference(const Collection& collection, const TrackedProperty& property,
                       const EntityId& entity, const EntityLocks& here, const std::string& where);

}  // namespace plait
