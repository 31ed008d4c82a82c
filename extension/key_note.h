// extension/key_note.h: what a command may do to a collection's key: each row's entity is noted
// when it begins, and when it ends the key is what the table's primary key is.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// REQUIRES: a lock that keeps writers and commits out until the transaction ends. Until
// forget_notes() a rewrite keeps the order of the rows. Outside pg(). Cost: a look or two a row.
void note_key(const CollectionRef& collection);

// At the end of the command. `values_changed`: it may have changed more of the rows than their
// keys. True: the key is another one, and history tells of it and of the values. Refuses
// key_changed: there is no primary key any more, or no note of the rows; not_trackable: it is of a
// kind that cannot be tracked; being_tracked. Outside pg().
bool follow_key(int collection, bool values_changed);

// Of this command. Outside pg().
void forget_notes();

void watch_keys();  // called by _PG_init

}  // namespace plait
