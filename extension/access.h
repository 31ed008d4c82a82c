// extension/access.h: what a caller may see of a collection.
//
// History holds what rows once were, so it is for who may SELECT every column and every row of the
// table. Finer answers, by column and by row, need past values to be judged one by one.
#pragma once

#include "extension/wall.h"

#include <vector>

#include "extension/catalogue.h"

namespace plait {

// Why the current user may not read the whole of a collection's table; NULL: he may. Inside pg().
const char* why_not_readable(const Collection& collection);

// Refuses permission_denied with that reason. Outside pg().
void expect_readable(const Collection& collection);

// The collection that a text argument names, tracked or not, or all of them when it is NULL; each
// readable. Outside pg().
std::vector<CollectionRef> readable_collections(FunctionCallInfo fcinfo, int argument);

}  // namespace plait
