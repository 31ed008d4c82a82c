// extension/recorder.cpp: pairs of row images become events in the ledger, one an entity.

#include "extension/recorder.h"

namespace plait {

Recorder::Recorder(const Collection& collection, std::vector<Author::Written>* written)
    : collection_(collection), author_(collection, written) {}

void Recorder::open(Relation relation) {
  relation_ = relation;
  ledger_.open(SnapshotSelf, RowExclusiveLock);
  ledger_.hold_all_rows();
  row_context_ = AllocSetContextCreate(CurrentMemoryContext, "plait row", ALLOCSET_DEFAULT_SIZES);
  if (collection_.depends_on_settings) settings_level_ = pin_settings();
}

void Recorder::close() {
  settle_moves();
  author_.flush(ledger_);
  ledger_.close();
  if (settings_level_ >= 0) unpin_settings(settings_level_);
  MemoryContextDelete(row_context_);
}

void Recorder::record(TupleTableSlot* before, TupleTableSlot* after) {
  MemoryContext outer = MemoryContextSwitchTo(row_context_);
  if (before == nullptr)
    record_insert(after);
  else if (after == nullptr)
    record_delete(before);
  else
    record_update(before, after);
  MemoryContextSwitchTo(outer);
  MemoryContextReset(row_context_);
}

void Recorder::write_genesis(const Identity& identity, TupleTableSlot* row) {
  author_.describe_create(row, false, identity.named_by_key);
  if (identity.named_by_key) {
    author_.write(ledger_, identity.entity, {});
    return;
  }
  EntityId entity = author_.write_genesis(ledger_);
  ledger_.put_entity(collection_.number, entity, key_, false, {});
}

void Recorder::read_head(const Identity& identity) {
  parents_.clear();
  if (identity.has_wide_head)
    ledger_.head(collection_.number, identity.entity, parents_);
  else
    parents_.push_back(identity.newest.id);
}

void Recorder::write_event(const Identity& identity) {
  author_.write(ledger_, identity.entity, parents_);
  if (identity.has_wide_head)
    ledger_.put_entity(collection_.number, identity.entity, key_, identity.named_by_key, {});
}

void Recorder::flush() {
  author_.flush(ledger_);
  ledger_.flush();
}

void Recorder::record_insert(TupleTableSlot* after) {
  key_.clear();
  append_key(key_, collection_, after);
  Identity identity = entity_of_new_key(ledger_, collection_, after, key_);
  if (!identity.known) return write_genesis(identity, after);
  // The new row's key is the lock among those who restore by it; its newest event is the lock
  // against those who write on the dead.
  for (;;) {
    ledger_.lock_event(identity.newest.tid);
    EventId locked = identity.newest.id;
    identity = entity_of_new_key(ledger_, collection_, after, key_);
    if (identity.newest.id == locked) break;
  }
  read_head(identity);
  author_.describe_create(after, true, identity.named_by_key);
  write_event(identity);
}

// The entity of a row that exists. One that has no events was written while the triggers were off,
// or its table's backfill has not come to it: it gets its genesis now.
Identity Recorder::expect_entity(TupleTableSlot* row) {
  key_.clear();
  append_key(key_, collection_, row);
  Identity identity = entity_of_key(ledger_, collection_, row, key_);
  if (identity.known) return identity;
  write_genesis(identity, row);
  author_.flush(ledger_);
  identity.known = true;
  identity.entity = author_.last().entity;
  identity.newest.id = author_.last().event;
  return identity;
}

bool Recorder::is_recorded(TupleTableSlot* row) {
  MemoryContext outer = MemoryContextSwitchTo(row_context_);
  key_.clear();
  append_key(key_, collection_, row);
  bool is_known = entity_of_new_key(ledger_, collection_, row, key_).known;
  MemoryContextSwitchTo(outer);
  MemoryContextReset(row_context_);
  return is_known;
}

void Recorder::record_update(TupleTableSlot* before, TupleTableSlot* after) {
  if (!author_.changes(before, after)) {
    // It has moved in its table, maybe to where the backfill has been already.
    if (collection_.being_backfilled) expect_entity(before);
    return;
  }
  Identity identity = expect_entity(before);
  read_head(identity);
  author_.describe_update(before, after);
  other_key_.clear();
  append_key(other_key_, collection_, after);
  if (key_ == other_key_) return write_event(identity);
  author_.write(ledger_, identity.entity, parents_);
  moves_.push_back({identity.entity, false, {}, other_key_});
  moves_.back().has_natural_id = natural_id(collection_, after, &moves_.back().natural);
}

void Recorder::record_on_top(TupleTableSlot* expected, TupleTableSlot* row) {
  MemoryContext outer = MemoryContextSwitchTo(row_context_);
  if (author_.changes(expected, row)) {
    Identity identity = expect_entity(row);
    read_head(identity);
    author_.describe_update(expected, row);
    write_event(identity);
  }
  MemoryContextSwitchTo(outer);
  MemoryContextReset(row_context_);
}

void Recorder::record_delete(TupleTableSlot* before) {
  Identity identity = expect_entity(before);
  read_head(identity);
  author_.describe_delete();
  write_event(identity);
}

// Two passes: all old keys are left before a new one is taken, so that rows may swap theirs.
void Recorder::settle_moves() {
  if (moves_.empty()) return;
  flush();
  CommandCounterIncrement();
  for (const Move& move : moves_) leave_key(ledger_, collection_, move.entity);
  CommandCounterIncrement();  // a row is written once a command
  for (const Move& move : moves_)
    take_key(ledger_, collection_, move.entity, move.has_natural_id ? &move.natural : nullptr,
             move.key);
  moves_.clear();
}

void record_net_changes(const Collection& collection, Relation relation,
                        const std::vector<NetChange>& changes) {
  Recorder recorder(collection);
  RowFinder finder;
  pg([&] {
    recorder.open(relation);
    finder.open(collection, relation);
    TupleTableSlot* before = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
    for (const NetChange& change : changes) {
      if (change.before != nullptr) ExecStoreHeapTuple(change.before, before, false);
      bool exists = change.after_key != nullptr && finder.find(change.after_key);
      if (exists || change.before != nullptr)
        recorder.record(change.before != nullptr ? before : nullptr,
                        exists ? finder.row() : nullptr);
    }
    ExecDropSingleTupleTableSlot(before);
    finder.close();
    recorder.close();
  });
}

}  // namespace plait
