// extension/last_entry.cpp: the last row under the first columns of a btree, in one descent.

#include "extension/last_entry.h"

namespace plait {

void LastEntry::open(const Table& table, int index, int columns, Snapshot snapshot) {
  index_ = table.indexes[index].relation;
  table_ = table.relation;
  snapshot_ = snapshot;
  slot_ = table_slot_create(table_, nullptr);
  std::size_t keys = sizeof(ScanKeyData) * static_cast<std::size_t>(columns);
  key_ = static_cast<BTScanInsert>(palloc(offsetof(BTScanInsertData, scankeys) + keys));
  _bt_metaversion(index_, &key_->heapkeyspace, &key_->allequalimage);
  key_->anynullkeys = false;
  key_->nextkey = true;  // the descent ends where the first greater entry is, or would be
  key_->pivotsearch = false;
  key_->scantid = nullptr;
  key_->keysz = columns;
  for (int i = 0; i < columns; ++i) {
    auto column = static_cast<AttrNumber>(i + 1);
    ScanKeyEntryInitializeWithInfo(&key_->scankeys[i], 0, column, InvalidStrategy, InvalidOid,
                                   index_->rd_indcollation[i],
                                   index_getprocinfo(index_, column, BTORDER_PROC), Datum{0});
  }
}

void LastEntry::close() { ExecDropSingleTupleTableSlot(slot_); }

LastEntry::Answer LastEntry::find(const Datum* values) {
  for (int i = 0; i < key_->keysz; ++i) key_->scankeys[i].sk_argument = values[i];
  Buffer leaf;
  _bt_freestack(_bt_search(index_, key_, &leaf, BT_READ, nullptr));
  if (!BufferIsValid(leaf)) return Answer::none;  // an index without a page
  ItemPointerData tid;
  Answer answer = on_leaf(BufferGetPage(leaf), &tid);
  _bt_unlockbuf(index_, leaf);
  // While the leaf is pinned VACUUM can't give the row's place to another one.
  if (answer == Answer::found && !table_tuple_fetch_row_version(table_, &tid, snapshot_, slot_))
    answer = Answer::unsure;
  ReleaseBuffer(leaf);
  return answer;
}

OffsetNumber LastEntry::first_greater(Page page) const {
  OffsetNumber low = P_FIRSTDATAKEY(BTPageGetOpaque(page));
  auto high = static_cast<OffsetNumber>(PageGetMaxOffsetNumber(page) + 1);
  while (low < high) {
    auto middle = static_cast<OffsetNumber>(low + (high - low) / 2);
    if (_bt_compare(index_, key_, page, middle) >= 0)
      low = static_cast<OffsetNumber>(middle + 1);
    else
      high = middle;
  }
  return low;
}

LastEntry::Answer LastEntry::on_leaf(Page page, ItemPointer tid) const {
  BTPageOpaque leaf = BTPageGetOpaque(page);
  OffsetNumber greater = first_greater(page);
  if (greater == P_FIRSTDATAKEY(leaf)) return P_LEFTMOST(leaf) ? Answer::none : Answer::unsure;
  OffsetNumber last = OffsetNumberPrev(greater);
  if (_bt_compare(index_, key_, page, last) != 0) return Answer::none;
  ItemId item = PageGetItemId(page, last);
  auto* entry = reinterpret_cast<IndexTuple>(PageGetItem(page, item));
  if (ItemIdIsDead(item) || BTreeTupleIsPosting(entry)) return Answer::unsure;
  *tid = entry->t_tid;
  return Answer::found;
}

}  // namespace plait
