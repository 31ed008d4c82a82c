// extension/partition.h: partitioned tables: one collection, the root's, whose rows lie in leaves.
//
// Everything but root_of runs inside pg().
#pragma once

#include "extension/wall.h"

namespace plait {

// The topmost partitioned table above a partition, also one that is being detached concurrently;
// any other relation is its own. Cached.
Oid root_of(Oid relation);

// The relation and all partitions below it, parents first; locked so, with NoLock
// not at all.
List* tables_under(Oid relation, LOCKMODE lock);

// The leaf in which rows with the key of `image` (in the root's layout) lie; for a
// plain table itself; InvalidOid: no partition takes the key.
Oid leaf_of_key(Relation root, HeapTuple image);

// The index of a leaf that is a part of the root's `index`, or `index` itself.
Oid index_of_leaf(Relation leaf, Oid index);

}  // namespace plait
