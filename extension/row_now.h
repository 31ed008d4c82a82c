// extension/row_now.h: the user's row as it is now, found by its key.
#pragma once

#include "extension/wall.h"

#include <vector>

#include "extension/catalogue.h"
#include "extension/root_layout.h"

namespace plait {

// Looks through the primary key's index with SnapshotSelf: what this transaction did and whatever
// has been committed, whatever the statement's snapshot shows. Everything inside pg().
class RowFinder {
 public:
  // `relation` is the collection's table; of a partitioned one the leaf is looked up by the key.
  void open(const Collection& collection, Relation relation);
  // By the key columns of an image of the row.
  bool find(HeapTuple key_image);
  // Locks what find() found against every other writer, waiting for those that were first; false:
  // it is gone. What the row is then find() tells anew.
  bool lock();
  // What find() found, until the next one.
  TupleTableSlot* row() const { return row_; }
  void close();

 private:
  struct Leaf {
    Relation relation;
    Relation index;
    IndexScanDesc scan;
    TupleTableSlot* slot;
    RootLayout layout;
    ScanKeyData keys[INDEX_MAX_KEYS];
  };
  Leaf& leaf(Oid table);
  void set_keys(Leaf& leaf);

  MemoryContext memory_ = nullptr;  // the scans' own
  const Collection* collection_ = nullptr;
  Relation relation_ = nullptr;
  std::vector<Leaf> leaves_;
  Leaf* found_in_ = nullptr;
  TupleTableSlot* row_ = nullptr;
};

}  // namespace plait
