// extension/row.h: the user's row, locked and written as the caller: grants, row level security,
// CHECK, foreign keys, unique and the user's own triggers decide, natively. Outside pg().
#pragma once

#include "extension/wall.h"

#include <map>
#include <string>

#include "core/event/json.h"
#include "extension/catalogue.h"

namespace plait {

// Wire values by property.
using RowValues = std::map<std::string, Json, std::less<>>;

enum class RowLock : std::uint8_t {
  no_key_update,  // other sessions' foreign-key checks are not blocked
  update,         // for a change of the key, or a delete beside other changes
  // For who deletes or creates alone: SELECT … FOR UPDATE would ask for the right to UPDATE, and
  // its policies. Whether he may delete is for the DELETE to say.
  visible,
};

// Whether there is such a row that the caller may see and lock. Waits for other writers.
bool lock_row(const Collection& collection, const Json& key, RowLock lock);

// Whether the caller's own SELECT shows such a row now. REQUIRES: he may SELECT the key.
bool sees_row(const Collection& collection, const Json& key);

// Each returns how many rows were written: 0 where a BEFORE trigger returned NULL.
std::uint64_t insert_row(const Collection& collection, const RowValues& values);
std::uint64_t update_row(const Collection& collection, const Json& key, const RowValues& values);
std::uint64_t delete_row(const Collection& collection, const Json& key);

// An image of the row: `base`, or the properties' initial values where it is NULL, with `values`
// put in. Lives in the memory context that is current.
HeapTuple row_image(const Collection& collection, HeapTuple base, const RowValues& values);

// A copy of the row as it is now, whoever may see it; NULL: there is none.
HeapTuple row_as_it_is(const Collection& collection, const Json& key);

}  // namespace plait
