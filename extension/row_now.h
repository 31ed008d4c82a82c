// extension/row_now.h: the user's row as it is now, found by its key.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// Looks through the primary key's index with SnapshotSelf: what this transaction did and whatever
// has been committed, whatever the statement's snapshot shows. Everything inside pg().
class RowFinder {
 public:
  void open(const Collection& collection, Relation relation);
  // By the key columns of an image of the row.
  bool find(HeapTuple key_image);
  // What find() found, until the next one.
  TupleTableSlot* row() const { return slot_; }
  void close();

 private:
  MemoryContext memory_ = nullptr;  // the scan's own
  const Collection* collection_ = nullptr;
  Relation relation_ = nullptr;
  Relation index_ = nullptr;
  IndexScanDesc scan_ = nullptr;
  ScanKeyData keys_[INDEX_MAX_KEYS];
  TupleTableSlot* slot_ = nullptr;
};

}  // namespace plait
