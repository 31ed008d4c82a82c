// extension/spi.h: SQL run as the caller: DDL of track, the writes and reads of the user's rows.
#pragma once

#include "extension/wall.h"

#include <string>
#include <vector>

namespace plait {

// Runs one statement; errors come as PgError. Outside pg().
void run_sql(const std::string& sql);

// As SPI_execute_with_args, of parameters that are not NULL and that the caller may not know: keys
// of rows that policies hide from him. debug_print_plan, which anybody may set, shows what a plan
// holds, and a custom plan holds its parameters; a generic one never does. Inside pg(), SPI
// connected.
int execute_generic(const char* sql, int count, Oid* types, Datum* values, bool read_only);

// The OIDs that a query gives. Outside pg().
std::vector<Oid> oids_of(const char* sql);

// "schema"."table", quoted. Inside pg().
const char* qualified_name(Oid relation);
// A quoted identifier.
std::string quoted(const std::string& identifier);

}  // namespace plait
