// extension/identity.h: which entity a key means, and how keys pass from one entity to another.
//
// An ordinary entity is named by its key and has no row in plait.entity; everything else has one,
// and (collection, key) -> entity is always looked up there first (design 5). All of it runs inside
// pg().
#pragma once

#include "extension/wall.h"

#include <string_view>

#include "core/dag/head.h"
#include "extension/catalogue.h"
#include "extension/ledger.h"

namespace plait {

// What a key meant when a writer looked.
struct Identity {
  EntityId entity;
  bool known;           // it has events
  bool named_by_key;    // its id follows from this key
  bool has_natural_id;  // `natural` is the id that this key names, the entity's or not
  EntityId natural;
  bool has_row;  // in plait.entity
  bool has_wide_head;
  NewestEvent newest;
};

// The entity that has this key now. Not known: no event of it exists (a row that was written while
// the triggers were disabled).
Identity entity_of_key(Ledger& ledger, const Collection& collection, TupleTableSlot* row,
                       std::string_view key);

// The entity that a new row with this key is: a dead one that is restored (known), the natural one,
// or one that will be named by its genesis (neither known nor named_by_key).
Identity entity_of_new_key(Ledger& ledger, const Collection& collection, TupleTableSlot* row,
                           std::string_view key);

// Takes a key away from an entity that moves, before anyone takes a new one.
void leave_key(Ledger& ledger, const Collection& collection, const EntityId& entity);

// Gives a key to an entity; a dead one that still had it is locked, and keeps its id and history
// without it. The entity's head becomes its newest event.
void take_key(Ledger& ledger, const Collection& collection, const EntityId& entity,
              const EntityId* natural, std::string_view key);

}  // namespace plait
