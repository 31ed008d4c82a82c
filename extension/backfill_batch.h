// extension/backfill_batch.h: some of the rows that were there before their table was tracked get
// their geneses, in one short transaction.
//
//   no event yet, its lock is free   locked, and its genesis is written
//   no event yet, somebody holds it  noted, for a later batch
//   changed since our snapshot       whoever changed it wrote its genesis before
//
// A row of the snapshot that can be locked is as it was then. Who changes a row writes its events
// with it, so if the row had none after the snapshot was taken it has none now: the look may come
// before the lock.
#pragma once

#include "extension/wall.h"

#include <deque>

#include "extension/catalogue.h"
#include "extension/recorder.h"
#include "extension/root_layout.h"

namespace plait {

using Places = std::deque<ItemPointerData>;

class BackfillBatch {
 public:
  // `held`: gets the rows that others hold. Outside pg(); the rest inside.
  BackfillBatch(const Collection& collection, Places& held);

  // On the collection's table or one of its leaves, for about so long. REQUIRES: ROW EXCLUSIVE on
  // it and its root, and an active snapshot that was taken after.
  void open(Oid table, std::int64_t work_us);
  // Rows in the order of their places, from one on, in the first `blocks`. Returns where the next
  // batch goes on.
  ItemPointerData pass(ItemPointerData from, BlockNumber blocks);
  // The row at one place, if it still is there.
  void retry(const ItemPointerData& place, LockWaitPolicy wait);
  bool is_over() const { return GetCurrentTimestamp() >= end_; }
  std::int64_t written() const { return written_; }
  // A transaction that holds the row at a place; InvalidTransactionId: none any more.
  TransactionId holder_of(const ItemPointerData& place);
  void close();

 private:
  void take(LockWaitPolicy wait);
  TM_Result lock(LockWaitPolicy wait);

  const Collection& collection_;
  Places& held_;
  Recorder recorder_;
  Relation root_ = nullptr;
  Relation table_ = nullptr;
  Snapshot snapshot_ = nullptr;
  RootLayout layout_;
  TupleTableSlot* row_ = nullptr;
  TupleTableSlot* locked_ = nullptr;
  TimestampTz end_ = 0;
  std::int64_t written_ = 0;
};

}  // namespace plait
