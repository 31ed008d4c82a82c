// extension/capture.cpp: what a SQL statement changed becomes events.
//
//   BEFORE STATEMENT   begin_statement
//   AFTER STATEMENT    nothing else under way: rows -> Recorder -> ledger
//                      else: note the rows, and whoever ends last records the net changes

#include "extension/capture.h"

#include <map>
#include <string>

#include "extension/node.h"
#include "extension/partition.h"
#include "extension/recorder.h"
#include "extension/row_scan.h"
#include "extension/under_way.h"

namespace plait {

namespace {

struct Rows {
  Tuplestorestate* before;  // NULL for INSERT
  Tuplestorestate* after;   // NULL for DELETE
};

Rows transition_rows(const TriggerData* trigger) {
  return {trigger->tg_oldtable, trigger->tg_newtable};
}

TriggerEvent kind_of(const TriggerData* trigger) {
  return trigger->tg_event & TRIGGER_EVENT_OPMASK;
}

const TriggerData* trigger_data(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo))
    refuse(Code::bad_value, "plait.capture() was not called by a trigger", "",
           "plait.track('table') makes the triggers.");
  return reinterpret_cast<const TriggerData*>(fcinfo->context);
}

// One transition table, its rows in the collection's layout.
class TransitionRows {
 public:
  void open(const Collection& collection, Relation relation, Tuplestorestate* rows) {
    if (rows == nullptr) return;
    rows_ = rows;
    slot_ = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsMinimalTuple);
    layout_.open(relation, collection);
    tuplestore_rescan(rows);
  }
  // NULL at the end.
  TupleTableSlot* next() {
    if (rows_ == nullptr || !tuplestore_gettupleslot(rows_, true, false, slot_)) return nullptr;
    return layout_.convert(slot_);
  }
  void close() {
    if (rows_ == nullptr) return;
    layout_.close();
    ExecDropSingleTupleTableSlot(slot_);
  }

 private:
  Tuplestorestate* rows_ = nullptr;
  TupleTableSlot* slot_ = nullptr;
  RootLayout layout_;
};

// Hands out each change of a statement. Old and new rows pair by position, also when a row moves
// between partitions, for its key changes. Where a BEFORE trigger of the partition that a row moves
// to lets it not in, there are fewer new rows than old ones: then by key, and what moved is deleted
// and inserted.
class ChangeReader {
 public:
  void open(const Collection& collection, Relation relation, Rows rows) {
    before_.open(collection, relation, rows.before);
    after_.open(collection, relation, rows.after);
    bool is_update = rows.before != nullptr && rows.after != nullptr;
    by_key_ =
        is_update && tuplestore_tuple_count(rows.before) != tuplestore_tuple_count(rows.after);
    if (by_key_) gather(collection);
  }

  // Calls change(before, after); either may be NULL.
  template <typename Change>
  void each(const Collection& collection, Change change) {
    if (by_key_) return each_by_key(collection, change);
    for (;;) {
      TupleTableSlot* before = before_.next();
      TupleTableSlot* after = after_.next();
      if (before == nullptr && after == nullptr) return;
      change(before, after);
    }
  }

  void close() {
    before_.close();
    after_.close();
    if (by_key_) ExecDropSingleTupleTableSlot(gathered_slot_);
  }

 private:
  void read_key(const Collection& collection, TupleTableSlot* row) {
    key_.clear();
    append_key(key_, collection, row);
  }

  void gather(const Collection& collection) {
    gathered_slot_ = MakeSingleTupleTableSlot(collection.columns, &TTSOpsHeapTuple);
    while (TupleTableSlot* before = before_.next()) {
      read_key(collection, before);
      gathered_[key_] = ExecCopySlotHeapTuple(before);
    }
  }

  template <typename Change>
  void each_by_key(const Collection& collection, Change change) {
    while (TupleTableSlot* after = after_.next()) {
      read_key(collection, after);
      auto before = gathered_.find(key_);
      bool is_pair = before != gathered_.end();
      if (is_pair) ExecStoreHeapTuple(before->second, gathered_slot_, false);
      change(is_pair ? gathered_slot_ : nullptr, after);
      if (is_pair) gathered_.erase(before);
    }
    for (auto& [key, before] : gathered_) {
      ExecStoreHeapTuple(before, gathered_slot_, false);
      change(gathered_slot_, nullptr);
    }
  }

  TransitionRows before_;
  TransitionRows after_;
  bool by_key_ = false;
  std::map<std::string, HeapTuple> gathered_;  // the old rows
  TupleTableSlot* gathered_slot_ = nullptr;
  std::string key_;
};

void note_rows(const Collection& collection, Relation relation, Rows rows, int sequence) {
  ChangeReader reader;
  std::string key_before;
  std::string key_after;
  pg([&] {
    int level = collection.depends_on_settings ? pin_settings() : -1;
    reader.open(collection, relation, rows);
    reader.each(collection, [&](TupleTableSlot* before, TupleTableSlot* after) {
      key_before.clear();
      key_after.clear();
      if (before != nullptr) append_key(key_before, collection, before);
      if (after != nullptr) append_key(key_after, collection, after);
      HeapTuple old_row =
          before == nullptr ? nullptr : ExecFetchSlotHeapTuple(before, true, nullptr);
      HeapTuple new_row = after == nullptr ? nullptr : ExecFetchSlotHeapTuple(after, true, nullptr);
      note_change(collection.relation, sequence, old_row, key_before, new_row, key_after);
    });
    reader.close();
    if (level >= 0) unpin_settings(level);
  });
}

// Straight from the transition tables: nothing else has touched these rows.
void record_rows(const Collection& collection, Relation relation, Rows rows) {
  Recorder recorder(collection);
  ChangeReader reader;
  pg([&] {
    recorder.open(relation);
    reader.open(collection, relation, rows);
    reader.each(collection, [&](TupleTableSlot* before, TupleTableSlot* after) {
      recorder.record(before, after);
    });
    reader.close();
    recorder.close();
  });
}

CollectionRef collection_of_trigger(const TriggerData* trigger) {
  own_node();  // a new life of the database refreshes the catalogue's OIDs first
  CollectionRef collection = collection_of(RelationGetRelid(trigger->tg_relation));
  if (!collection)
    refuse(Code::unknown_collection,
           std::string("table ") + RelationGetRelationName(trigger->tg_relation) +
               " has Plait's triggers, but is no collection",
           "", "Drop its triggers named !plait_…, or plait.track it.");
  return collection;
}

// The collection's table: the trigger's own, or the root above it.
Relation open_root(const Collection& collection, const TriggerData* trigger) {
  if (RelationGetRelid(trigger->tg_relation) == collection.relation) return trigger->tg_relation;
  return pg([&] { return relation_open(collection.relation, AccessShareLock); });
}

void close_root(Relation root, const TriggerData* trigger) {
  if (root != trigger->tg_relation) pg([&] { relation_close(root, NoLock); });
}

void capture(const TriggerData* trigger) {
  Oid root = root_of(RelationGetRelid(trigger->tg_relation));
  int sequence = end_statement(root, kind_of(trigger));
  CollectionRef collection = collection_of_trigger(trigger);
  Rows rows = transition_rows(trigger);
  if (!is_under_way(root) && !has_notes(root))
    return record_rows(*collection, trigger->tg_relation, rows);
  note_rows(*collection, trigger->tg_relation, rows, sequence);
  if (is_under_way(root)) return;
  Relation table = open_root(*collection, trigger);
  record_net_changes(*collection, table, take_changes(root));
  close_root(table, trigger);
}

// TRUNCATE gives no rows: they are read before it takes them away, under its exclusive lock. Of a
// partitioned table each leaf's own trigger does.
void record_truncate(const TriggerData* trigger) {
  CollectionRef collection = collection_of_trigger(trigger);
  if (trigger->tg_relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
    write_deletes(*collection, RelationGetRelid(trigger->tg_relation));
}

}  // namespace

std::int64_t write_geneses(const Collection& collection) {
  Recorder recorder(collection);
  RowScan scan;
  std::int64_t written = 0;
  pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    recorder.open(relation);
    scan.open(collection, collection.relation, SnapshotSelf);
    while (scan.next()) {
      recorder.record(nullptr, scan.row());
      if (++written % 100'000 == 0) {
        CHECK_FOR_INTERRUPTS();
        ereport(NOTICE,
                (errmsg("plait.track: %lld rows of %s have their genesis",
                        static_cast<long long>(written), RelationGetRelationName(relation))));
      }
    }
    scan.close();
    recorder.close();
    relation_close(relation, NoLock);
  });
  return written;
}

void write_deletes(const Collection& collection, Oid table) {
  Recorder recorder(collection);
  RowScan scan;
  pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    recorder.open(relation);
    scan.open(collection, table, SnapshotSelf);
    while (scan.next()) {
      CHECK_FOR_INTERRUPTS();
      recorder.record(scan.row(), nullptr);
    }
    scan.close();
    recorder.close();
    relation_close(relation, NoLock);
  });
}

// plait.begin_statement() RETURNS trigger: BEFORE INSERT, UPDATE, DELETE, TRUNCATE FOR EACH
// STATEMENT
PLAIT_FUNCTION(plait_begin_statement) {
  const TriggerData* trigger = trigger_data(fcinfo);
  if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
    record_truncate(trigger);
  else
    begin_statement(root_of(RelationGetRelid(trigger->tg_relation)), kind_of(trigger));
  return PointerGetDatum(nullptr);
}

// plait.capture() RETURNS trigger: AFTER INSERT, UPDATE, DELETE FOR EACH STATEMENT
PLAIT_FUNCTION(plait_capture) {
  capture(trigger_data(fcinfo));
  return PointerGetDatum(nullptr);
}

}  // namespace plait
