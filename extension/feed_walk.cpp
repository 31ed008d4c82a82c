// extension/feed_walk.cpp: the events of finished transactions between two ticks, found by
// transaction.

#include "extension/feed_walk.h"

#include "extension/columns.h"

namespace plait {

namespace {

// A transaction id of a snapshot, with its epoch: it lies within 2^31 of the next one.
std::uint64_t widened(TransactionId xid) {
  FullTransactionId next = ReadNextFullTransactionId();
  std::uint64_t epoch = EpochFromFullTransactionId(next);
  if (xid > XidFromFullTransactionId(next)) --epoch;
  return epoch << 32 | xid;
}

// Whether a transaction that has ended wrote nothing that anybody will see: rolled back, or cut off
// by a crash. False where the commit log no longer reaches back to it.
bool was_rolled_back(std::uint64_t xid) {
  std::uint64_t next = U64FromFullTransactionId(ReadNextFullTransactionId());
  if (next - xid >= MaxTransactionId / 2) return false;
  auto short_xid = static_cast<TransactionId>(xid);
  LWLockAcquire(XactTruncationLock, LW_SHARED);
  bool is_kept = !TransactionIdPrecedes(short_xid, ShmemVariableCache->oldestClogXid);
  bool did_commit = !is_kept || TransactionIdDidCommit(short_xid);
  LWLockRelease(XactTruncationLock);
  return !did_commit;
}

}  // namespace

void FeedWalk::open(const FeedRange& range, Snapshot snapshot) {
  range_ = range;
  snapshot_ = snapshot;
  snapshot_xmin_ = widened(snapshot->xmin);
  snapshot_xmax_ = widened(snapshot->xmax);
  own_ = U64FromFullTransactionId(GetTopFullTransactionIdIfAny());
  table_ = open_table("event", AccessShareLock);
  index_ = table_.indexes[index_over(table_, {event_era, event_xid})].relation;
  slot_ = table_slot_create(table_.relation, nullptr);
  scan_ = index_beginscan(table_.relation, index_, snapshot, 2, 0);
  scan_->xs_want_itup = true;  // the ids come from the index alone
  if (range.after != nullptr) return begin_era();
  in_earlier_eras_ = true;
  seek(0);
}

void FeedWalk::begin_era() {
  in_earlier_eras_ = false;
  seek(range_.after == nullptr ? 0 : range_.after->first_unfinished(0));
}

void FeedWalk::seek(std::uint64_t xid) {
  has_judged_ = false;
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], 1, in_earlier_eras_ ? BTLessStrategyNumber : BTEqualStrategyNumber,
              in_earlier_eras_ ? F_INT2LT : F_INT2EQ, Int16GetDatum(range_.era));
  ScanKeyInit(&keys[1], 2, BTGreaterEqualStrategyNumber, F_XID8GE, UInt64GetDatum(xid));
  index_rescan(scan_, keys, 2, nullptr, 0);
}

bool FeedWalk::next() {
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    if (index_getnext_tid(scan_, ForwardScanDirection) == nullptr) {
      if (!in_earlier_eras_) return false;
      begin_era();
      continue;
    }
    if (!in_earlier_eras_) {
      bool is_null;
      Datum xid = index_getattr(scan_->xs_itup, 2, scan_->xs_itupdesc, &is_null);
      Verdict verdict = judge(DatumGetUInt64(xid));
      if (verdict == Verdict::at_end) return false;
      if (verdict == Verdict::passed_over) continue;
    }
    if (index_fetch_heap(scan_, slot_)) return true;
  }
}

FeedWalk::Verdict FeedWalk::judge(std::uint64_t xid) {
  if (has_judged_ && judged_ == xid) return Verdict::wanted;
  std::uint64_t end = range_.upto != nullptr ? range_.upto->end() : snapshot_xmax_;
  std::uint64_t candidate = range_.after != nullptr ? range_.after->first_unfinished(xid) : xid;
  if (xid >= end || candidate >= end) return Verdict::at_end;
  if (candidate == xid && is_finished(xid) && !was_rolled_back(xid)) {
    has_judged_ = true;
    judged_ = xid;
    return Verdict::wanted;
  }
  seek(candidate == xid ? xid + 1 : candidate);
  return Verdict::passed_over;
}

bool FeedWalk::is_finished(std::uint64_t xid) const {
  if (range_.upto != nullptr) return range_.upto->finished(xid);
  if (xid == own_) return false;  // a snapshot does not list its own transaction
  if (xid < snapshot_xmin_) return true;
  if (xid >= snapshot_xmax_) return false;
  return !XidInMVCCSnapshot(static_cast<TransactionId>(xid), snapshot_);
}

void FeedWalk::fetch(ItemPointer place) {
  if (!table_tuple_fetch_row_version(table_.relation, place, snapshot_, slot_))
    elog(ERROR, "an event that was there is gone");
}

void FeedWalk::close() {
  index_endscan(scan_);
  ExecDropSingleTupleTableSlot(slot_);
  close_table(table_);
}

bool has_events(const FeedRange& range, Snapshot snapshot) {
  FeedWalk walk;
  walk.open(range, snapshot);
  bool any = walk.next();
  walk.close();
  return any;
}

}  // namespace plait
