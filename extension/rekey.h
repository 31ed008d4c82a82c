// extension/rekey.h: a tracked table gets another primary key, and its entities stay themselves.
//
//   before   which entity each row is, by the old key
//   after    each living entity has a row in plait.entity with its new key, and an event that tells
//            of it; the dead have no key; from then on keys name nothing by themselves (genesis)
//
// Rows are the same ones before and after by the order in which they lie, which a rewrite keeps.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <vector>

#include "core/event/ulid.h"
#include "extension/catalogue.h"

namespace plait {

// The entity of each row of a collection's table, in the order in which the rows lie; none: the row
// has no events, or no such key.
using RowEntities = std::vector<std::optional<EntityId>>;

// By the key of `collection`, whose columns are read with their present types. REQUIRES: a lock
// that keeps writers out; the columns are there. Outside pg(). Cost: 17 bytes of memory a row.
RowEntities entities_of_rows(const Collection& collection);

// Whether the table's primary key has the columns of the collection's key, in its order. Outside
// pg().
bool has_columns_of_key(const Collection& collection);

// Whether ids follow from the key of `now`, the same columns as that of `before`, as they did.
// Widths of integers are the catalogue's for life.
bool packs_as_before(const Collection& before, const Collection& now);

// Whether the collection's key, whose columns are those of `before`, still names its entities: its
// types pack as they did, and each row is the entity that it was. Refuses key_changed: the rows are
// not those of `rows`. Outside pg().
bool names_as_before(const Collection& before, const Collection& now, const RowEntities& rows);

// Gives the collection the table's present primary key. `values_changed`: rows may differ from
// their events in other ways too, so history tells what. REQUIRES: a lock that keeps writers and
// commits out; the key is fit to be tracked. Refuses being_tracked, key_changed. Outside pg().
// Cost: an event and a row of plait.entity a row; with `values_changed` the whole history.
void rekey(const Collection& before, const RowEntities& rows, bool values_changed);

}  // namespace plait
