// extension/row_now.cpp: the user's row as it is now, found by its key.

#include "extension/row_now.h"

#include "extension/key.h"
#include "extension/partition.h"

namespace plait {

void RowFinder::open(const Collection& collection, Relation relation) {
  memory_ = CurrentMemoryContext;
  collection_ = &collection;
  relation_ = relation;
}

RowFinder::Leaf& RowFinder::leaf(Oid table) {
  for (Leaf& known : leaves_)
    if (RelationGetRelid(known.relation) == table) return known;
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  Leaf& opened = leaves_.emplace_back();
  opened.relation = relation_open(table, AccessShareLock);
  opened.index =
      index_open(index_of_leaf(opened.relation, primary_key_of(*collection_)), AccessShareLock);
  opened.slot = table_slot_create(opened.relation, nullptr);
  opened.layout.open(opened.relation, *collection_);
  set_keys(opened);
  opened.scan = index_beginscan(opened.relation, opened.index, SnapshotSelf,
                                static_cast<int>(collection_->key.size()), 0);
  MemoryContextSwitchTo(outer);
  return opened;
}

void RowFinder::set_keys(Leaf& leaf) {
  for (std::size_t i = 0; i < collection_->key.size(); ++i) {
    Oid type = leaf.index->rd_opcintype[i];
    Oid equal = get_opfamily_member(leaf.index->rd_opfamily[i], type, type, BTEqualStrategyNumber);
    ScanKeyEntryInitialize(&leaf.keys[i], 0, static_cast<AttrNumber>(i + 1), BTEqualStrategyNumber,
                           type, leaf.index->rd_indcollation[i], get_opcode(equal),
                           static_cast<Datum>(0));
  }
}

bool RowFinder::find(HeapTuple key_image) {
  Oid table = leaf_of_key(relation_, key_image);
  if (!OidIsValid(table)) return false;
  Leaf& in = leaf(table);
  for (std::size_t i = 0; i < collection_->key.size(); ++i) {
    const TrackedProperty& property =
        collection_->properties[static_cast<std::size_t>(collection_->key[i])];
    bool is_null;
    in.keys[i].sk_argument =
        heap_getattr(key_image, property.attribute, RelationGetDescr(relation_), &is_null);
  }
  index_rescan(in.scan, in.keys, static_cast<int>(collection_->key.size()), nullptr, 0);
  // A scan that meets its first dead entry allocates room to remember it.
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  bool found = index_getnext_slot(in.scan, ForwardScanDirection, in.slot);
  MemoryContextSwitchTo(outer);
  found_in_ = found ? &in : nullptr;
  if (found) row_ = in.layout.convert(in.slot);
  return found;
}

bool RowFinder::lock() {
  LockRelationOid(RelationGetRelid(found_in_->relation), RowShareLock);
  ItemPointerData place = found_in_->slot->tts_tid;
  TupleTableSlot* locked = table_slot_create(found_in_->relation, nullptr);
  TM_FailureData failure{};
  TM_Result result = table_tuple_lock(found_in_->relation, &place, GetLatestSnapshot(), locked,
                                      GetCurrentCommandId(true), LockTupleExclusive, LockWaitBlock,
                                      TUPLE_LOCK_FLAG_FIND_LAST_VERSION, &failure);
  ExecDropSingleTupleTableSlot(locked);
  if (IsolationUsesXactSnapshot() && (failure.traversed || result == TM_Deleted))
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("could not serialize access due to concurrent update")));
  return result == TM_Ok;
}

void RowFinder::close() {
  for (Leaf& opened : leaves_) {
    index_endscan(opened.scan);
    opened.layout.close();
    ExecDropSingleTupleTableSlot(opened.slot);
    index_close(opened.index, NoLock);
    relation_close(opened.relation, NoLock);
  }
  leaves_.clear();
}

}  // namespace plait
