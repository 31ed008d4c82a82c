// extension/triggers.h: the triggers that tracked tables have.
#pragma once

#include "extension/wall.h"

namespace plait {

// On one table: a partitioned root's do not fire for a statement on a partition, nor the
// partition's for one on the root. They fire in replica mode too, before a user's.
void create_triggers(Oid table);
// The same, but they do not fire yet: create_triggers() then takes a fraction of its time.
void prepare_triggers(Oid table);
void drop_triggers(Oid table);

// Inside pg(): whether the table has one of them that fires.
bool has_triggers(Oid table);
// One that is not there, or does not fire always: what it should capture escapes. NULL: none.
const char* silent_trigger(Oid table);

}  // namespace plait
