// extension/backfill_batch.cpp: some of the rows that were there before their table was tracked get
// their geneses, in one short transaction.

#include "extension/backfill_batch.h"

namespace plait {

namespace {

// Of the transactions that keep others from changing a row; a foreign key's lock does not.
TransactionId member_in_progress(MultiXactId multi, bool only_locks) {
  MultiXactMember* members;
  int count = GetMultiXactIdMembers(multi, &members, false, only_locks);
  for (int i = 0; i < count; ++i)
    if (members[i].status != MultiXactStatusForKeyShare &&
        TransactionIdIsInProgress(members[i].xid))
      return members[i].xid;
  return InvalidTransactionId;
}

}  // namespace

BackfillBatch::BackfillBatch(const Collection& collection, Places& held)
    : collection_(collection), held_(held), recorder_(collection) {}

void BackfillBatch::open(Oid table, std::int64_t work_us) {
  end_ = GetCurrentTimestamp() + work_us;
  snapshot_ = GetActiveSnapshot();
  root_ = relation_open(collection_.relation, NoLock);
  table_ = relation_open(table, NoLock);
  row_ = table_slot_create(table_, nullptr);
  locked_ = table_slot_create(table_, nullptr);
  layout_.open(table_, collection_);
  recorder_.open(root_);
}

void BackfillBatch::close() {
  recorder_.close();
  layout_.close();
  ExecDropSingleTupleTableSlot(locked_);
  ExecDropSingleTupleTableSlot(row_);
  relation_close(table_, NoLock);
  relation_close(root_, NoLock);
}

ItemPointerData BackfillBatch::pass(ItemPointerData from, BlockNumber blocks) {
  ItemPointerData next;
  ItemPointerSet(&next, blocks, FirstOffsetNumber);
  ItemPointerData last;
  ItemPointerSet(&last, blocks - 1, MaxOffsetNumber);
  TableScanDesc scan = table_beginscan_tidrange(table_, snapshot_, &from, &last);
  while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, row_)) {
    CHECK_FOR_INTERRUPTS();
    take(LockWaitSkip);
    if (!is_over()) continue;
    next = row_->tts_tid;
    next.ip_posid = static_cast<OffsetNumber>(next.ip_posid + 1);
    break;
  }
  ExecClearTuple(row_);
  table_endscan(scan);
  return next;
}

void BackfillBatch::retry(const ItemPointerData& place, LockWaitPolicy wait) {
  ItemPointerData at = place;
  if (table_tuple_fetch_row_version(table_, &at, snapshot_, row_)) take(wait);
}

void BackfillBatch::take(LockWaitPolicy wait) {
  TupleTableSlot* row = layout_.convert(row_);
  if (recorder_.is_recorded(row)) return;
  switch (lock(wait)) {
    case TM_Ok:
      recorder_.record(nullptr, row);
      ++written_;
      return;
    case TM_WouldBlock:
      held_.push_back(row_->tts_tid);
      return;
    case TM_Updated:
    case TM_Deleted:
      return;
    default:
      elog(ERROR, "a row without events cannot be locked");
  }
}

// As SELECT … FOR NO KEY UPDATE does: foreign keys' checks go on.
TM_Result BackfillBatch::lock(LockWaitPolicy wait) {
  TM_FailureData failure;
  ItemPointerData place = row_->tts_tid;
  TM_Result result = table_tuple_lock(table_, &place, snapshot_, locked_, GetCurrentCommandId(true),
                                      LockTupleNoKeyExclusive, wait, 0, &failure);
  ExecClearTuple(locked_);
  return result;
}

TransactionId BackfillBatch::holder_of(const ItemPointerData& place) {
  ItemPointerData at = place;
  if (!table_tuple_fetch_row_version(table_, &at, snapshot_, row_)) return InvalidTransactionId;
  auto* stored = reinterpret_cast<BufferHeapTupleTableSlot*>(row_);
  LockBuffer(stored->buffer, BUFFER_LOCK_SHARE);
  HeapTupleHeader header = stored->base.tuple->t_data;
  std::uint16_t flags = header->t_infomask;
  TransactionId holder = HeapTupleHeaderGetRawXmax(header);
  LockBuffer(stored->buffer, BUFFER_LOCK_UNLOCK);
  ExecClearTuple(row_);
  if ((flags & HEAP_XMAX_INVALID) != 0) return InvalidTransactionId;
  if ((flags & HEAP_XMAX_IS_MULTI) != 0)
    return member_in_progress(holder, HEAP_XMAX_IS_LOCKED_ONLY(flags));
  return TransactionIdIsInProgress(holder) ? holder : InvalidTransactionId;
}

}  // namespace plait
