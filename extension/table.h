// extension/table.h: the extension's own tables, read and written through the table access method.
//
// No SQL, no grants, no change of user: whoever's statement runs, these rows are ours (design 5).
// Everything here runs inside pg() and holds only what Postgres frees by itself on an error.
#pragma once

#include "extension/wall.h"

#include <initializer_list>

#include "core/event/ulid.h"

namespace plait {

// A table and its indexes, open for a statement: ours, an administrator's, and those that a REINDEX
// CONCURRENTLY is building or has left behind.
struct Table {
  struct Index {
    Relation relation;
    IndexInfo* info;
  };
  Relation relation;
  Index* indexes;  // the primary key first
  int index_count;
  EState* state;         // for indexes with a predicate or an expression; NULL: there is none
  TupleTableSlot* slot;  // of the row being written
};

// REQUIRES: `name` is a table of schema plait. Locks as named until the transaction ends.
Table open_table(const char* name, LOCKMODE lock);
void close_table(Table& table);

// The position of the ascending index over just these columns, an error of ours if it is not there.
// Not by its name: REINDEX CONCURRENTLY gives that to another one.
int index_over(const Table& table, std::initializer_list<int> columns);

void insert_row(Table& table, const Datum* values, const bool* nulls);
void update_row(Table& table, ItemPointer tid, Snapshot snapshot, const Datum* values,
                const bool* nulls);
void delete_row(Table& table, ItemPointer tid, Snapshot snapshot);
// Index entries for the rows that the slots hold, their places known; one index after the other,
// whose pages then stay near.
void insert_index_entries(Table& table, TupleTableSlot** slots, int count);

// A scan of one index that is set to new keys for each look: equality on its first columns, and on
// the last of them what open_probe() was told.
struct Probe {
  static constexpr int keys_max = 3;
  IndexScanDesc scan = nullptr;
  ScanKeyData keys[keys_max];
  int key_count;
  TupleTableSlot* slot;
  MemoryContext
      memory;  // the scan's own: what it allocates on its way must live as long as it does
};

Probe open_probe(Table& table, int index, int key_count, Snapshot snapshot,
                 StrategyNumber last = BTEqualStrategyNumber);
// Compares the first columns with `values`; the next next_row() starts there.
void set_probe(Probe& probe, const Datum* values);
bool next_row(Probe& probe, ScanDirection direction);
void close_probe(Probe& probe);

// plait.ulid and uuid as Datum: by reference, valid as long as what they point to.
inline Datum ulid_datum(const Ulid& ulid) { return PointerGetDatum(ulid.bytes.data()); }
inline Ulid datum_ulid(Datum datum) {
  Ulid ulid;
  __builtin_memcpy(ulid.bytes.data(), DatumGetPointer(datum), ulid.bytes.size());
  return ulid;
}

// The OID of a table or sequence of schema plait, and of a type. `name`: a literal.
Oid plait_relation(const char* name);
Oid plait_type(const char* name);

// Called once, when a backend loads the module: what was looked up is forgotten when it changes.
void watch_catalogs();

}  // namespace plait
