// extension/track.h: a table becomes a collection, and stops being one.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// What decides whether and how a table can be tracked.
struct TableFacts {
  Oid relation;
  const char* schema;
  const char* table;
  const char* refusal;  // why it cannot be tracked; NULL: it can
  const char* hint;
};

// Inside pg(); the caller holds a lock on the table and its partitions.
TableFacts read_facts(Oid relation);

struct Unfit {
  const char* reason;  // NULL: it is fit
  const char* hint;
};

// Inside pg(): why a table cannot be a partition of a tracked one.
Unfit why_no_partition(Oid relation);

}  // namespace plait
