// extension/key.h: a row's key: its form on the wire, the id that it names, its hash.
//
// A key is stored as the JCS array of its columns' wire values, integers of every width as decimal
// strings: ["1","42"]. Values that are equal have equal bytes here: numeric without trailing zeros,
// char(n) without trailing blanks, float -0 as 0.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <string>
#include <string_view>

#include "core/event/json.h"
#include "core/event/ulid.h"
#include "extension/catalogue.h"

namespace plait {

// A column of the key, by its position in it.
const TrackedProperty& key_property(const Collection& collection, std::size_t position);

// Why a type cannot be a key's (not_trackable's text), or NULL if it can. Inside pg().
const char* key_type_refused(Oid type, Oid collation);

// The primary key's index. Asked for each time: REINDEX CONCURRENTLY puts another in its place.
// Inside pg().
Oid primary_key_of(const Collection& collection);

// The equality of a key column as SQL: OPERATOR(pg_catalog.=), whatever the search_path says.
// Inside pg().
const char* key_equality(const Collection& collection, std::size_t position);

// Appends the key array of the row in `slot`. Inside pg().
void append_key(std::string& out, const Collection& collection, TupleTableSlot* slot);
// The same from the values of the key's columns, in key order.
void append_key(std::string& out, const Collection& collection, const Datum* values);

// The id that a key names by itself; false where keys name nothing (Naming::genesis). Inside pg().
bool natural_id(const Collection& collection, TupleTableSlot* slot, EntityId* id);
// The same from the key array.
std::optional<EntityId> natural_id(const Collection& collection, const Json& key);

// The same from the key array's text; false where it names nothing.
bool natural_of_key(const Collection& collection, std::string_view key, EntityId* id);

// The key that a natural id says; empty where ids say nothing.
std::string natural_key(const Collection& collection, const EntityId& entity);

// The first 16 bytes of the SHA-256 of the key array.
Ulid key_hash(std::string_view key);

// A `key text` argument of SQL, the value's own text for one column, the array for several, as the
// key array. Refuses bad_value: not as many values as columns; a value that its type does not read
// is Postgres' own error, 22P02, of the same code.
std::string key_of_argument(const Collection& collection, const char* argument);
// The reverse, for results.
std::string key_argument(std::string_view key);

// The key array from wire values in an event's or a state's form, by property; empty when a key
// property is missing or null. Errors as above.
std::string key_of_values(const Collection& collection, const Json& values);

}  // namespace plait
