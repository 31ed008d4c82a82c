// extension/spi.h: SQL run as the caller: DDL of track, the writes and reads of the user's rows.
#pragma once

#include "extension/wall.h"

#include <string>

namespace plait {

// Runs one statement; errors come as PgError. Outside pg().
void run_sql(const std::string& sql);

// "schema"."table", quoted. Inside pg().
const char* qualified_name(Oid relation);
// A quoted identifier.
std::string quoted(const std::string& identifier);

}  // namespace plait
