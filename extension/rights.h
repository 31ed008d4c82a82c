// extension/rights.h: what the caller may do to a collection's table, column by column.
//
// A row that is written is judged by Postgres itself. These checks are for what writes no row: an
// event that loses, or one on a dead entity, needs the same rights.
#pragma once

#include "extension/wall.h"

#include <string>

#include "core/event/operations.h"
#include "extension/catalogue.h"

namespace plait {

// Refuses permission_denied, naming the column, when the caller's own DML of these operations would
// be denied: INSERT for create, DELETE for delete, UPDATE of each named column, or of any if none
// is named, for all else; and SELECT of the key, by which a row is found, for all but a genesis.
void expect_rights(const Collection& collection, const Operations& operations, bool is_genesis,
                   const std::string& where);

// Whether the caller has the UPDATE right on some column.
bool may_update(const Collection& collection);

// Whether row level security decides what the caller sees of the table.
bool is_under_row_security(const Collection& collection);

}  // namespace plait
