// extension/row_scan.cpp: all rows of a tracked table, one after the other, and one of them again.

#include "extension/row_scan.h"

#include "extension/partition.h"

namespace plait {

void RowScan::open(const Collection& collection, Oid table, Snapshot snapshot) {
  collection_ = &collection;
  snapshot_ = snapshot;
  memory_ = CurrentMemoryContext;
  tables_ = tables_under(table, AccessShareLock);
  next_table_ = 0;
}

bool RowScan::open_next_table() {
  while (next_table_ < list_length(tables_)) {
    Oid table = list_nth_oid(tables_, next_table_++);
    if (get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE) continue;
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    relation_ = relation_open(table, NoLock);
    slot_ = table_slot_create(relation_, nullptr);
    layout_.open(relation_, *collection_);
    // From its first block on, wherever other scans of the table are.
    scan_ = table_beginscan_strat(relation_, snapshot_, 0, nullptr, true, false);
    MemoryContextSwitchTo(outer);
    return true;
  }
  return false;
}

bool RowScan::next() {
  for (;;) {
    if (relation_ == nullptr && !open_next_table()) return false;
    if (table_scan_getnextslot(scan_, ForwardScanDirection, slot_)) break;
    close_table();
  }
  row_ = layout_.convert(slot_);
  return true;
}

void RowScan::close_table() {
  table_endscan(scan_);
  layout_.close();
  ExecDropSingleTupleTableSlot(slot_);
  relation_close(relation_, NoLock);
  relation_ = nullptr;
}

void RowScan::close() {
  if (relation_ != nullptr) close_table();
  list_free(tables_);
}

void RowFetch::open(const Collection& collection, Snapshot snapshot) {
  collection_ = &collection;
  snapshot_ = snapshot;
  memory_ = CurrentMemoryContext;
}

RowFetch::Leaf& RowFetch::leaf(Oid table) {
  for (Leaf& known : leaves_)
    if (RelationGetRelid(known.relation) == table) return known;
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  Leaf opened{};
  opened.relation = relation_open(table, AccessShareLock);
  opened.slot = table_slot_create(opened.relation, nullptr);
  opened.layout.open(opened.relation, *collection_);
  MemoryContextSwitchTo(outer);
  return leaves_.emplace_back(opened);
}

TupleTableSlot* RowFetch::fetch(const RowPlace& place) {
  Leaf& found = leaf(place.table);
  ItemPointerData row = place.row;
  if (!table_tuple_fetch_row_version(found.relation, &row, snapshot_, found.slot))
    elog(ERROR, "a row that was there is gone");
  return found.layout.convert(found.slot);
}

void RowFetch::close() {
  for (Leaf& opened : leaves_) {
    opened.layout.close();
    ExecDropSingleTupleTableSlot(opened.slot);
    relation_close(opened.relation, NoLock);
  }
  leaves_.clear();
}

}  // namespace plait
