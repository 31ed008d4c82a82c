// extension/type_ddl.h: types that change under the columns of tracked tables.
#pragma once

#include "extension/wall.h"

namespace plait {

// At the start of ALTER TYPE: a label that is renamed may be in keys, which then read otherwise.
// Locks their tables against all writers. Outside pg().
void note_relabelled(const AlterEnumStmt* statement);

// At the end of ALTER TYPE: what rows say now that have a value of the type. Outside pg().
void follow_types(const Node* command);

}  // namespace plait
