// extension/last_entry.h: the last row under the first columns of a btree, in one descent.
//
// A scan of the index finds the same, with the state, memory and code that going on from row to row
// needs (9,000 instructions against 6,400). This looks at one leaf
// page and no further, and says so where that does not tell. Inside pg().
// (src/backend/access/nbtree/nbtsearch.c: _bt_first)
#pragma once

#include "extension/table.h"

namespace plait {

class LastEntry {
 public:
  enum class Answer { none, found, unsure };  // unsure: a scan must look

  // REQUIRES: an ascending index whose first `columns` columns no NULL is in, and a snapshot that
  // takes no predicate locks. What it allocates lives in the current context.
  void open(const Table& table, int index, int columns, Snapshot snapshot);
  void close();

  // The greatest entry whose first columns are `values`; if found, its row stands in slot().
  Answer find(const Datum* values);
  TupleTableSlot* slot() const { return slot_; }

 private:
  Relation index_ = nullptr;
  Relation table_ = nullptr;
  Snapshot snapshot_ = nullptr;
  BTScanInsert key_ = nullptr;
  TupleTableSlot* slot_ = nullptr;

  OffsetNumber first_greater(Page page) const;
  Answer on_leaf(Page page, ItemPointer tid) const;
};

}  // namespace plait
