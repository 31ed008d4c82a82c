// extension/ledger.cpp: events and entities in their tables.

#include "extension/ledger.h"

#include <cstring>

#include "extension/columns.h"
#include "extension/key.h"
#include "extension/wake.h"

namespace plait {

namespace {

constexpr int event_columns = event_context;
constexpr int entity_columns = entity_head;

bytea* bytes_of(std::span<const EventId> ids) {
  std::size_t size = ids.size() * sizeof(Ulid);
  auto* bytes = static_cast<bytea*>(palloc(VARHDRSZ + size));
  SET_VARSIZE(bytes, VARHDRSZ + size);
  if (size > 0) std::memcpy(VARDATA(bytes), ids.data(), size);
  return bytes;
}

// A row of plait.entity, in the current context.
struct EntityValues {
  Datum values[entity_columns];
  bool nulls[entity_columns];
  Ulid entity;
  Ulid hash;
};

void form(EntityValues& row, int collection, const EntityId& entity, std::string_view key,
          std::span<const EventId> wide_head) {
  row.entity = entity;
  row.values[entity_collection - 1] = Int32GetDatum(collection);
  row.values[entity_entity - 1] = ulid_datum(row.entity);
  row.nulls[entity_key - 1] = row.nulls[entity_key_hash - 1] = key.empty();
  if (!key.empty()) {
    row.hash = key_hash(key);
    row.values[entity_key - 1] =
        DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(key.data(), key.size())));
    row.values[entity_key_hash - 1] = ulid_datum(row.hash);
  }
  row.nulls[entity_head - 1] = wide_head.empty();
  if (!wide_head.empty()) row.values[entity_head - 1] = PointerGetDatum(bytes_of(wide_head));
}

}  // namespace

void Ledger::open(Snapshot snapshot, LOCKMODE lock) {
  snapshot_ = snapshot;
  lock_ = lock;
  memory_ = CurrentMemoryContext;
  event_ = open_table("event", lock);
  if (snapshot == SnapshotSelf) last_.open(event_, 0, 2, snapshot);
  exceptions_ = table_open(plait_relation("entity"), lock);
}

void Ledger::open_entities() {
  if (entity_.relation != nullptr) return;
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  entity_ = open_table("entity", lock_);
  by_id_ = open_probe(entity_, 0, 2, snapshot_);
  by_key_ =
      open_probe(entity_, index_over(entity_, {entity_collection, entity_key_hash}), 2, snapshot_);
  MemoryContextSwitchTo(outer);
}

void Ledger::close() {
  flush();
  for (int i = 0; i < slot_count_; ++i) ExecDropSingleTupleTableSlot(slots_[i]);
  slot_count_ = 0;
  if (batch_ != nullptr) MemoryContextDelete(batch_);
  batch_ = nullptr;
  if (successor_.scan != nullptr) close_probe(successor_);
  if (snapshot_ == SnapshotSelf) last_.close();
  if (newest_.scan != nullptr) close_probe(newest_);
  close_table(event_);
  if (entity_.relation != nullptr) {
    close_probe(by_id_);
    close_probe(by_key_);
    close_table(entity_);
  }
  table_close(exceptions_, NoLock);
}

// NULL if there is none. A reader's snapshot may take predicate locks, which only a scan does.
TupleTableSlot* Ledger::newest_row(const Datum* keys) {
  if (snapshot_ == SnapshotSelf) {
    LastEntry::Answer answer = last_.find(keys);
    if (answer == LastEntry::Answer::none) return nullptr;
    if (answer == LastEntry::Answer::found) return last_.slot();
  }
  if (newest_.scan == nullptr) {
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    newest_ = open_probe(event_, 0, 2, snapshot_);
    MemoryContextSwitchTo(outer);
  }
  set_probe(newest_, keys);
  return next_row(newest_, BackwardScanDirection) ? newest_.slot : nullptr;
}

NewestEvent Ledger::newest(int collection, const EntityId& entity) {
  NewestEvent newest{};
  if (in_gap(collection, entity)) return newest;
  Datum keys[2] = {Int32GetDatum(collection), ulid_datum(entity)};
  TupleTableSlot* row = newest_row(keys);
  if (row == nullptr) {
    note_absence(collection, entity);
    return newest;
  }
  bool is_null;
  newest.found = true;
  newest.id = EventId(datum_ulid(slot_getattr(row, event_id, &is_null)));
  newest.xid = DatumGetUInt64(slot_getattr(row, event_xid, &is_null));
  newest.tid = row->tts_tid;
  return newest;
}

bool Ledger::in_gap(int collection, const EntityId& entity) const {
  return gap_.known && gap_.collection == collection && gap_.after < entity &&
         (!gap_.has_end || entity < gap_.end);
}

void Ledger::note_absence(int collection, const EntityId& entity) {
  if (!holds_all_rows_) return;
  ascending_ = looked_for_ < entity ? ascending_ + 1 : 0;
  looked_for_ = entity;
  if (ascending_ >= ascending_min) find_gap(collection, entity);
}

// From an entity without events to the next one that has some.
void Ledger::find_gap(int collection, const EntityId& entity) {
  if (successor_.scan == nullptr) {
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    successor_ = open_probe(event_, 0, 2, snapshot_, BTGreaterStrategyNumber);
    MemoryContextSwitchTo(outer);
  }
  Datum keys[2] = {Int32GetDatum(collection), ulid_datum(entity)};
  set_probe(successor_, keys);
  gap_ = {true, collection, entity, next_row(successor_, ForwardScanDirection), {}};
  if (!gap_.has_end) return;
  bool is_null;
  gap_.end = EntityId(datum_ulid(slot_getattr(successor_.slot, event_entity, &is_null)));
}

EntityRow Ledger::read_entity(Probe& probe) {
  EntityRow row{};
  if (!next_row(probe, ForwardScanDirection)) return row;
  bool is_null;
  row.found = true;
  row.tid = probe.slot->tts_tid;
  row.entity = EntityId(datum_ulid(slot_getattr(probe.slot, entity_entity, &is_null)));
  slot_getattr(probe.slot, entity_key_hash, &is_null);
  row.has_key = !is_null;
  Datum head = slot_getattr(probe.slot, entity_head, &is_null);
  if (is_null) return row;
  bytea* bytes = DatumGetByteaPCopy(head);
  row.head = reinterpret_cast<const EventId*>(VARDATA(bytes));
  row.head_width = static_cast<int>(VARSIZE_ANY_EXHDR(bytes) / sizeof(Ulid));
  return row;
}

// Most databases never have an exception: then its file has no block, which is one lseek to see. A
// row that matters to this writer was there before the lock that orders us was granted.
bool Ledger::no_exceptions() {
  if (holds_all_rows_ && saw_no_exceptions_) return true;
  saw_no_exceptions_ = RelationGetNumberOfBlocks(exceptions_) == 0;
  return saw_no_exceptions_;
}

EntityRow Ledger::entity_by_id(int collection, const EntityId& entity) {
  if (no_exceptions()) return {};
  open_entities();
  Datum keys[2] = {Int32GetDatum(collection), ulid_datum(entity)};
  set_probe(by_id_, keys);
  return read_entity(by_id_);
}

EntityRow Ledger::entity_by_key(int collection, std::string_view key) {
  if (no_exceptions()) return {};
  open_entities();
  Ulid hash = key_hash(key);
  Datum keys[2] = {Int32GetDatum(collection), ulid_datum(hash)};
  set_probe(by_key_, keys);
  return read_entity(by_key_);
}

void Ledger::head(int collection, const EntityId& entity, Head& out) {
  out.clear();
  EntityRow row = entity_by_id(collection, entity);
  if (row.head != nullptr) {
    out.assign(row.head, row.head + row.head_width);
    return;
  }
  NewestEvent event = newest(collection, entity);
  if (event.found) out.push_back(event.id);
}

void Ledger::add(int collection, const EventRow& event) {
  if (in_gap(collection, event.entity)) gap_.after = event.entity;
  // The caller's context may end with the row; slots live as long as the ledger.
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  if (batch_ == nullptr) {
    batch_ = AllocSetContextCreate(memory_, "plait events", ALLOCSET_DEFAULT_SIZES);
    slots_ = static_cast<TupleTableSlot**>(palloc(batch_max * sizeof(TupleTableSlot*)));
  }
  if (gathered_ == slot_count_)
    slots_[slot_count_++] =
        MakeSingleTupleTableSlot(RelationGetDescr(event_.relation), &TTSOpsHeapTuple);
  TupleTableSlot* slot = slots_[gathered_];
  MemoryContextSwitchTo(batch_);
  Datum values[event_columns];
  bool nulls[event_columns] = {};
  values[event_entity - 1] = ulid_datum(event.entity);
  values[event_id - 1] = ulid_datum(event.id);
  values[event_xid - 1] = UInt64GetDatum(U64FromFullTransactionId(GetTopFullTransactionId()));
  values[event_salt - 1] = Int64GetDatum(static_cast<std::int64_t>(event.salt));
  values[event_collection - 1] = Int32GetDatum(collection);
  values[event_origin - 1] = Int32GetDatum(event.origin);
  values[event_actor - 1] = Int32GetDatum(event.actor);
  values[event_era - 1] = Int16GetDatum(event.era);
  values[event_parents - 1] = PointerGetDatum(bytes_of(event.parents));
  values[event_operations - 1] = event.operations;
  values[event_context - 1] = event.context;
  HeapTuple tuple = heap_form_tuple(RelationGetDescr(event_.relation), values, nulls);
  ExecForceStoreHeapTuple(tuple, slot, false);
  MemoryContextSwitchTo(outer);
  gathered_bytes_ += tuple->t_len;
  if (++gathered_ == batch_max || gathered_bytes_ >= batch_bytes_max) flush();
}

void Ledger::flush() {
  if (gathered_ == 0) return;
  MemoryContext outer = MemoryContextSwitchTo(batch_);
  if (gathered_ == 1)
    simple_table_tuple_insert(event_.relation, slots_[0]);
  else
    table_multi_insert(event_.relation, slots_, gathered_, GetCurrentCommandId(true), 0, nullptr);
  insert_index_entries(event_, slots_, gathered_);
  for (int i = 0; i < gathered_; ++i) ExecClearTuple(slots_[i]);
  MemoryContextSwitchTo(outer);
  MemoryContextReset(batch_);
  gathered_ = 0;
  gathered_bytes_ = 0;
  note_events();
}

void Ledger::put_entity(int collection, const EntityId& entity, std::string_view key, bool natural,
                        std::span<const EventId> wide_head) {
  EntityRow row = entity_by_id(collection, entity);
  bool needless = natural && wide_head.empty();
  if (needless) {
    if (row.found) delete_row(entity_, &row.tid, snapshot_);
    return;
  }
  if (!row.found) return add_entity(collection, entity, key, wide_head);
  EntityValues values{};
  form(values, collection, entity, key, wide_head);
  update_row(entity_, &row.tid, snapshot_, values.values, values.nulls);
}

void Ledger::add_entity(int collection, const EntityId& entity, std::string_view key,
                        std::span<const EventId> wide_head) {
  open_entities();
  EntityValues values{};
  form(values, collection, entity, key, wide_head);
  insert_row(entity_, values.values, values.nulls);
  saw_no_exceptions_ = false;
}

void Ledger::lock_event(const ItemPointerData& tid) {
  saw_no_exceptions_ = false;  // who had this lock may have written one
  TM_FailureData failure;
  TupleTableSlot* slot = table_slot_create(event_.relation, nullptr);
  ItemPointerData place = tid;
  TM_Result result =
      table_tuple_lock(event_.relation, &place, snapshot_, slot, GetCurrentCommandId(true),
                       LockTupleExclusive, LockWaitBlock, 0, &failure);
  if (result != TM_Ok && result != TM_SelfModified)
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("an event changed while it was being locked")));
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace plait
