// extension/row_scan.h: all rows of a tracked table, one after the other, and one of them again.
#pragma once

#include "extension/wall.h"

#include <vector>

#include "extension/catalogue.h"
#include "extension/root_layout.h"

namespace plait {

// Where a row lies.
struct RowPlace {
  Oid table;  // a leaf
  ItemPointerData row;
};

// The rows of a table and of all leaves below it, in the collection's layout and in the order in
// which they lie. Everything inside pg(); locks for reading.
class RowScan {
 public:
  void open(const Collection& collection, Oid table, Snapshot snapshot);
  bool next();
  // Of the last next().
  TupleTableSlot* row() const { return row_; }
  RowPlace place() const { return {RelationGetRelid(relation_), slot_->tts_tid}; }
  void close();

 private:
  bool open_next_table();
  void close_table();

  const Collection* collection_ = nullptr;
  Snapshot snapshot_ = nullptr;
  MemoryContext memory_ = nullptr;  // the scan's own
  List* tables_ = NIL;
  int next_table_ = 0;
  Relation relation_ = nullptr;
  TableScanDesc scan_ = nullptr;
  RootLayout layout_;
  TupleTableSlot* slot_ = nullptr;
  TupleTableSlot* row_ = nullptr;
};

// Rows of a collection by their places. Everything inside pg().
class RowFetch {
 public:
  void open(const Collection& collection, Snapshot snapshot);
  // The row, until the next call. It must be there.
  TupleTableSlot* fetch(const RowPlace& place);
  void close();

 private:
  struct Leaf {
    Relation relation;
    TupleTableSlot* slot;
    RootLayout layout;
  };
  Leaf& leaf(Oid table);

  const Collection* collection_ = nullptr;
  Snapshot snapshot_ = nullptr;
  MemoryContext memory_ = nullptr;
  std::vector<Leaf> leaves_;
};

}  // namespace plait
