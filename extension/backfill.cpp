// extension/backfill.cpp: how far plait.track_concurrently has come: the rows of plait.backfill.

#include "extension/backfill.h"

#include "extension/columns.h"
#include "extension/table.h"

namespace plait {

namespace {

constexpr int backfill_columns = backfill_batch_us;

// Before ALTER EXTENSION plait UPDATE a database has no such table, and is written all the same.
bool has_table() {
  return OidIsValid(get_relname_relid("backfill", get_namespace_oid("plait", false)));
}

struct Columns {
  Datum values[backfill_columns];
  bool nulls[backfill_columns];
};

Columns columns_of(const Backfill& backfill) {
  Columns columns{};
  columns.values[backfill_collection - 1] = Int32GetDatum(backfill.collection);
  columns.values[backfill_relation - 1] = ObjectIdGetDatum(backfill.relation);
  columns.values[backfill_era - 1] = Int16GetDatum(backfill.era);
  columns.values[backfill_file - 1] = ObjectIdGetDatum(backfill.file);
  columns.values[backfill_blocks - 1] = Int64GetDatum(backfill.blocks);
  columns.values[backfill_next_block - 1] = Int64GetDatum(backfill.next);
  columns.values[backfill_done_block - 1] = Int64GetDatum(backfill.done);
  columns.values[backfill_rows - 1] = Int64GetDatum(backfill.rows);
  columns.values[backfill_held - 1] = Int64GetDatum(backfill.held);
  columns.values[backfill_since - 1] = TimestampTzGetDatum(backfill.since);
  columns.values[backfill_batch_us - 1] = Int64GetDatum(backfill.batch_us);
  return columns;
}

Backfill read_row(TupleTableSlot* slot) {
  slot_getallattrs(slot);
  const Datum* values = slot->tts_values;
  return {.collection = DatumGetInt32(values[backfill_collection - 1]),
          .relation = DatumGetObjectId(values[backfill_relation - 1]),
          .era = DatumGetInt16(values[backfill_era - 1]),
          .file = DatumGetObjectId(values[backfill_file - 1]),
          .blocks = DatumGetInt64(values[backfill_blocks - 1]),
          .next = DatumGetInt64(values[backfill_next_block - 1]),
          .done = DatumGetInt64(values[backfill_done_block - 1]),
          .rows = DatumGetInt64(values[backfill_rows - 1]),
          .held = DatumGetInt64(values[backfill_held - 1]),
          .since = DatumGetTimestampTz(values[backfill_since - 1]),
          .batch_us = DatumGetInt64(values[backfill_batch_us - 1])};
}

// Calls `work` with the table and the place of the row of this collection and relation.
template <typename Work>
void at_row(const Backfill& backfill, Work work) {
  Table table = open_table("backfill", RowExclusiveLock);
  Probe probe = open_probe(table, 0, 2, SnapshotSelf);
  Datum keys[2] = {Int32GetDatum(backfill.collection), ObjectIdGetDatum(backfill.relation)};
  set_probe(probe, keys);
  if (next_row(probe, ForwardScanDirection)) {
    ItemPointerData place = probe.slot->tts_tid;
    work(table, place);
  }
  close_probe(probe);
  close_table(table);
  CommandCounterIncrement();
}

}  // namespace

bool is_being_backfilled(int collection, Snapshot snapshot) {
  if (!has_table()) return false;
  Table table = open_table("backfill", AccessShareLock);
  Probe probe = open_probe(table, 0, 1, snapshot);
  Datum key = Int32GetDatum(collection);
  set_probe(probe, &key);
  bool found = next_row(probe, ForwardScanDirection);
  close_probe(probe);
  close_table(table);
  return found;
}

List* read_backfills(int collection, Snapshot snapshot) {
  if (!has_table()) return NIL;
  List* rows = NIL;
  Table table = open_table("backfill", AccessShareLock);
  Probe probe = open_probe(table, 0, collection == 0 ? 0 : 1, snapshot);
  Datum key = Int32GetDatum(collection);
  set_probe(probe, &key);
  while (next_row(probe, ForwardScanDirection)) {
    auto* row = static_cast<Backfill*>(palloc(sizeof(Backfill)));
    *row = read_row(probe.slot);
    rows = lappend(rows, row);
  }
  close_probe(probe);
  close_table(table);
  return rows;
}

void insert_backfill(const Backfill& backfill) {
  Table table = open_table("backfill", RowExclusiveLock);
  Columns columns = columns_of(backfill);
  insert_row(table, columns.values, columns.nulls);
  close_table(table);
  CommandCounterIncrement();
}

void update_backfill(const Backfill& backfill) {
  Columns columns = columns_of(backfill);
  at_row(backfill, [&](Table& table, ItemPointerData& place) {
    update_row(table, &place, SnapshotSelf, columns.values, columns.nulls);
  });
}

void delete_backfills(int collection) {
  ListCell* cell;
  foreach (cell, read_backfills(collection, SnapshotSelf))
    at_row(*static_cast<Backfill*>(lfirst(cell)),
           [](Table& table, ItemPointerData& place) { delete_row(table, &place, SnapshotSelf); });
}

}  // namespace plait
