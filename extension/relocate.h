// extension/relocate.h: the OIDs and attribute numbers that the catalogue caches, found again by
// name.
#pragma once

#include "extension/wall.h"

namespace plait {

// InvalidOid when there is no such table. Inside pg().
Oid relation_named(const char* schema, const char* table);

// In a restored or copied database tables have other OIDs and columns may have other numbers; what
// is gone gets none. Inside pg().
void relocate_catalogue();

}  // namespace plait
