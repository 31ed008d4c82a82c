// extension/capture.cpp: what a SQL statement changed becomes events.
//
//   BEFORE STATEMENT   begin_statement
//   AFTER STATEMENT    nothing else under way: rows -> Recorder -> ledger
//                      else: note the rows, and whoever ends last records the net changes

#include "extension/capture.h"

#include "extension/node.h"
#include "extension/recorder.h"
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

// Reads both transition tables side by side: old and new rows pair by position, also when a row
// moves between partitions, for the key may have changed.
class RowReader {
 public:
  void open(TupleDesc columns, Rows rows) {
    rows_ = rows;
    if (rows.before != nullptr) before_ = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
    if (rows.after != nullptr) after_ = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
    if (rows.before != nullptr) tuplestore_rescan(rows.before);
    if (rows.after != nullptr) tuplestore_rescan(rows.after);
  }
  bool next() {
    bool any = false;
    if (before_ != nullptr) any |= tuplestore_gettupleslot(rows_.before, true, false, before_);
    if (after_ != nullptr) any |= tuplestore_gettupleslot(rows_.after, true, false, after_);
    return any;
  }
  void close() {
    if (before_ != nullptr) ExecDropSingleTupleTableSlot(before_);
    if (after_ != nullptr) ExecDropSingleTupleTableSlot(after_);
  }
  TupleTableSlot* before() const { return before_; }
  TupleTableSlot* after() const { return after_; }

 private:
  Rows rows_{};
  TupleTableSlot* before_ = nullptr;
  TupleTableSlot* after_ = nullptr;
};

void note_rows(const Collection& collection, Relation relation, Rows rows, int sequence) {
  RowReader reader;
  std::string key_before;
  std::string key_after;
  pg([&] { reader.open(RelationGetDescr(relation), rows); });
  for (;;) {
    HeapTuple before = nullptr;
    HeapTuple after = nullptr;
    key_before.clear();
    key_after.clear();
    bool any = pg([&] {
      if (!reader.next()) return false;
      int level = collection.depends_on_settings ? pin_settings() : -1;
      if (reader.before() != nullptr) {
        append_key(key_before, collection, reader.before());
        before = ExecFetchSlotHeapTuple(reader.before(), true, nullptr);
      }
      if (reader.after() != nullptr) {
        append_key(key_after, collection, reader.after());
        after = ExecFetchSlotHeapTuple(reader.after(), true, nullptr);
      }
      if (level >= 0) unpin_settings(level);
      return true;
    });
    if (!any) break;
    note_change(RelationGetRelid(relation), sequence, before, key_before, after, key_after);
  }
  pg([&] { reader.close(); });
}

// Straight from the transition tables: nothing else has touched these rows.
void record_rows(const Collection& collection, Relation relation, Rows rows) {
  Recorder recorder(collection);
  RowReader reader;
  pg([&] {
    recorder.open(relation);
    reader.open(RelationGetDescr(relation), rows);
    while (reader.next()) recorder.record(reader.before(), reader.after());
    reader.close();
    recorder.close();
  });
}

// TRUNCATE gives no rows: they are read before it takes them away, under its exclusive lock.
void record_truncate(const Collection& collection, Relation relation) {
  Recorder recorder(collection);
  pg([&] {
    recorder.open(relation);
    TupleTableSlot* slot = table_slot_create(relation, nullptr);
    TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, nullptr);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) recorder.record(slot, nullptr);
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
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

void capture(const TriggerData* trigger) {
  Relation relation = trigger->tg_relation;
  Oid relid = RelationGetRelid(relation);
  int sequence = end_statement(relid, kind_of(trigger));
  CollectionRef collection = collection_of_trigger(trigger);
  Rows rows = transition_rows(trigger);
  if (!is_under_way(relid) && !has_notes(relid)) return record_rows(*collection, relation, rows);
  note_rows(*collection, relation, rows, sequence);
  if (!is_under_way(relid)) record_net_changes(*collection, relation, take_changes(relid));
}

}  // namespace

std::int64_t write_geneses(const Collection& collection, Relation relation) {
  Recorder recorder(collection);
  std::int64_t written = 0;
  pg([&] {
    recorder.open(relation);
    TupleTableSlot* slot = table_slot_create(relation, nullptr);
    TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, nullptr);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
      recorder.record(nullptr, slot);
      if (++written % 100'000 == 0) {
        CHECK_FOR_INTERRUPTS();
        ereport(NOTICE,
                (errmsg("plait.track: %lld rows of %s have their genesis",
                        static_cast<long long>(written), RelationGetRelationName(relation))));
      }
    }
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    recorder.close();
  });
  return written;
}

// plait.begin_statement() RETURNS trigger: BEFORE INSERT, UPDATE, DELETE, TRUNCATE FOR EACH
// STATEMENT
PLAIT_FUNCTION(plait_begin_statement) {
  const TriggerData* trigger = trigger_data(fcinfo);
  if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
    record_truncate(*collection_of_trigger(trigger), trigger->tg_relation);
  else
    begin_statement(RelationGetRelid(trigger->tg_relation), kind_of(trigger));
  return PointerGetDatum(nullptr);
}

// plait.capture() RETURNS trigger: AFTER INSERT, UPDATE, DELETE FOR EACH STATEMENT
PLAIT_FUNCTION(plait_capture) {
  capture(trigger_data(fcinfo));
  return PointerGetDatum(nullptr);
}

}  // namespace plait
