// extension/property_rows.h: the rows of plait.property and the names in plait.collection, kept in
// step with a table's columns.
#pragma once

#include "extension/wall.h"

#include <string>

namespace plait {

// Adds a property for each column that has none: named after it, or, where history knows another
// property of that name, name_2, name_3 … with a NOTICE. Marks properties whose column is gone,
// follows renamed columns, a renamed or moved table. Outside pg(). Returns whether a new column has
// values that no constant default explains.
bool follow_columns(int collection, Oid relation);

// The columns of the table's primary key are the collection's key from now on, and name its
// entities so (naming_text). Outside pg().
void set_key(int collection, Oid relation, const std::string& naming);

}  // namespace plait
