// extension/row_now.cpp: the user's row as it is now, found by its key.

#include "extension/row_now.h"

namespace plait {

void RowFinder::open(const Collection& collection, Relation relation) {
  memory_ = CurrentMemoryContext;
  collection_ = &collection;
  relation_ = relation;
  index_ = index_open(collection.primary_key, AccessShareLock);
  slot_ = table_slot_create(relation, nullptr);
  int count = static_cast<int>(collection.key.size());
  for (int i = 0; i < count; ++i) {
    Oid type = index_->rd_opcintype[i];
    Oid equal = get_opfamily_member(index_->rd_opfamily[i], type, type, BTEqualStrategyNumber);
    ScanKeyEntryInitialize(&keys_[i], 0, static_cast<AttrNumber>(i + 1), BTEqualStrategyNumber,
                           type, index_->rd_indcollation[i], get_opcode(equal),
                           static_cast<Datum>(0));
  }
  scan_ = index_beginscan(relation, index_, SnapshotSelf, count, 0);
}

bool RowFinder::find(HeapTuple key_image) {
  for (std::size_t i = 0; i < collection_->key.size(); ++i) {
    const TrackedProperty& property =
        collection_->properties[static_cast<std::size_t>(collection_->key[i])];
    bool is_null;
    keys_[i].sk_argument =
        heap_getattr(key_image, property.attribute, RelationGetDescr(relation_), &is_null);
  }
  index_rescan(scan_, keys_, static_cast<int>(collection_->key.size()), nullptr, 0);
  // A scan that meets its first dead entry allocates room to remember it.
  MemoryContext outer = MemoryContextSwitchTo(memory_);
  bool found = index_getnext_slot(scan_, ForwardScanDirection, slot_);
  MemoryContextSwitchTo(outer);
  return found;
}

void RowFinder::close() {
  index_endscan(scan_);
  ExecDropSingleTupleTableSlot(slot_);
  index_close(index_, NoLock);
}

}  // namespace plait
