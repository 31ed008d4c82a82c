// extension/access.h: what a caller may see of a collection.
//
//   whole   SELECT on every column, no row level security in the way: all of its history
//   net     SELECT on the key and some columns, or policies decide which rows: what his own SELECT
//           shows now (net_view), never a value of the past
//   none
//
// Judged for the current user whenever a function runs, never kept.
#pragma once

#include "extension/wall.h"

#include <vector>

#include "extension/catalogue.h"

namespace plait {

enum class Sight : std::uint8_t { none, net, whole };

struct Access {
  Sight sight;
  const char* why_not_whole;  // NULL: it is
};

// Inside pg().
Access access_to(const Collection& collection);

// Whether the caller may SELECT the column at all. Inside pg().
bool may_select(const Collection& collection, const TrackedProperty& property);

// Whether he may SELECT the columns of the key. Inside pg().
bool may_select_key(const Collection& collection);

// How the caller sees it. Refuses permission_denied: not at all. Outside pg().
Sight expect_visible(const Collection& collection);
// Refuses permission_denied to whoever sees less than the whole. Outside pg().
void expect_whole(const Collection& collection);

// The collection that a text argument names, tracked or not, or all of them when it is NULL; the
// caller sees each whole. Outside pg().
std::vector<CollectionRef> whole_collections(FunctionCallInfo fcinfo, int argument);

}  // namespace plait
