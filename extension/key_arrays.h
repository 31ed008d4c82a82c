// extension/key_arrays.h: many keys as parameters of one statement: $1, $2 …, an array a key
// column.
#pragma once

#include "extension/wall.h"

#include <span>
#include <string>
#include <vector>

#include "extension/catalogue.h"

namespace plait {

// SQL that says of a row `t` that its key is one of the parameters. Outside pg().
std::string is_one_of_keys(const Collection& collection);

// Key arrays by columns. Outside pg().
std::vector<Json::Array> key_columns(const Collection& collection,
                                     std::span<const std::string> keys);

// The parameters and their types. REQUIRES: room for each key column. Inside pg(), under pinned
// settings.
void key_parameters(const Collection& collection, const std::vector<Json::Array>& columns,
                    Oid* types, Datum* values);

}  // namespace plait
