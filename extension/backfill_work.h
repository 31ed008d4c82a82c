// extension/backfill_work.h: the rows that were there before their table was tracked get their
// geneses, batch after batch, each in a transaction of its own.
#pragma once

#include "extension/wall.h"

#include <map>

#include "extension/backfill.h"
#include "extension/backfill_batch.h"
#include "extension/catalogue.h"
#include "extension/own_transactions.h"

namespace plait {

// The work at one collection, in one CALL. Outside pg().
class BackfillWork {
 public:
  BackfillWork(Oid relation, OwnTransactions& transactions)
      : relation_(relation), transactions_(transactions) {}

  // The next blocks; false: all were looked at.
  bool pass();
  // Rows that others held at that time, waiting for one of these if all still are; false: there are
  // none.
  bool retry();

  // The collection, its table locked as a writer locks it. Refuses unknown_collection: it was
  // untracked, or the table is gone.
  CollectionRef open_collection();

 private:
  // Rows of one table that others held.
  struct Held {
    Places rows;
    std::size_t in_vain = 0;  // so many in a row were tried since one was free
  };

  Backfill next_backfill(int collection);
  bool open_backfill(Backfill& backfill);
  bool open_held(const Collection& collection, Oid table, Backfill& backfill);
  TransactionId try_held(Oid table);
  void wait_for_first(Oid table, TransactionId holder);
  void save(Backfill& backfill, std::int64_t written);
  void pace(TimestampTz began);

  Oid relation_;
  OwnTransactions& transactions_;
  std::map<Oid, Held> held_;
  Oid table_ = InvalidOid;  // of the last batch
  ItemPointerData next_{};  // in it
  std::int64_t work_us_ = 5'000;
  std::int64_t last_us_ = 0;  // of the last batch, its commit included
};

}  // namespace plait
