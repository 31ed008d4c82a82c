// extension/track_concurrently.cpp: plait.track beside writers, in transactions of its own.
//
//   look    is the collection new, begun before, or complete?
//   prepare a partitioned table's leaves get their triggers, which do not fire yet, one by one
//   begin   the collection and its triggers, under a lock on the table that nobody waits for long.
//           From here on every change is an event; a row that is changed before its turn gets its
//           genesis from its old image, by the writer
//   work    the rows that have no event yet get their geneses, a short transaction a batch
//   finish  the collection is complete

#include <vector>

#include "extension/backfill.h"
#include "extension/backfill_claim.h"
#include "extension/backfill_work.h"
#include "extension/new_collection.h"
#include "extension/node.h"
#include "extension/own_transactions.h"
#include "extension/partition.h"
#include "extension/triggers.h"

namespace plait {

namespace {

// Who writes while we wait for the table's lock stands behind us: so long at most; then it is
// others' turn.
constexpr int lock_ms = 100;
constexpr int pause_ms = 500;

enum class Found { unknown, begun, complete };

// One row of plait.backfill for each table with rows of its own. Inside pg().
void begin_backfills(int collection, Oid relation, std::int16_t era) {
  ListCell* cell;
  foreach (cell, tables_under(relation, AccessShareLock)) {
    Relation table = relation_open(lfirst_oid(cell), NoLock);
    Backfill backfill{};
    backfill.collection = collection;
    backfill.relation = RelationGetRelid(table);
    backfill.era = era;
    backfill.file = table->rd_rel->relfilenode;
    backfill.since = GetCurrentTimestamp();
    if (table->rd_rel->relkind == RELKIND_RELATION) {
      backfill.blocks = RelationGetNumberOfBlocks(table);
      insert_backfill(backfill);
    }
    relation_close(table, NoLock);
  }
}

// Which rows others held was known to the former CALL alone. In another life of the database
// neither tables nor blocks are the same.
void resume(const Collection& collection, std::int16_t era) {
  pg([&] {
    ListCell* cell;
    foreach (cell, read_backfills(collection.number, SnapshotSelf)) {
      auto* backfill = static_cast<Backfill*>(lfirst(cell));
      if (backfill->era != era) {
        delete_backfills(collection.number);
        return begin_backfills(collection.number, collection.relation, era);
      }
      backfill->next = backfill->done;
      backfill->held = 0;
      update_backfill(*backfill);
    }
  });
}

class ConcurrentTracking {
 public:
  explicit ConcurrentTracking(const TrackWish& wish) : wish_(wish) {}

  void run() {
    transactions_.open();
    claim();
    Found found = look();
    if (found == Found::unknown) {
      prepare();
      begin();
      found = look();
    }
    if (found == Found::begun) work();
    pg([&] { release_claim(wish_.relation); });
    transactions_.close();
  }

 private:
  std::string table_name() {
    return pg([&] { return get_rel_name(wish_.relation); });
  }

  void claim() {
    expect_owner(wish_.relation);
    int other = 0;
    while (!pg([&] { return claim_backfill(wish_.relation); }) && other == 0)
      other = pg([&] { return claimed_by(wish_.relation); });  // 0: it has just ended
    if (other != 0)
      refuse(Code::being_tracked, table_name() + " is being tracked by another session", "relation",
             "plait.progress shows how far it is; SELECT pg_cancel_backend(" +
                 std::to_string(other) + ") stops it, and a later CALL goes on.");
  }

  Found look() {
    Found found = Found::unknown;
    transactions_.run(false, [&] {
      std::int16_t era = own_node().era;
      if (CollectionRef known = known_collection(wish_)) {
        found = look_at(*known, era);
        return;
      }
      pg([&] { tables_under(wish_.relation, AccessShareLock); });
      expect_free_name(expect_trackable(wish_), wish_);
    });
    return found;
  }

  Found look_at(const Collection& known, std::int16_t era) {
    if (!known.tracked)
      refuse(
          Code::not_supported, "collection " + known.name + " was tracked before", "relation",
          "plait.track('" + table_name() + "') goes on with its history, and locks writers out.");
    if (known.being_backfilled) {
      resume(known, era);
      return Found::begun;
    }
    pg([&] { ereport(NOTICE, (errmsg("collection %s is tracked already", known.name.c_str()))); });
    return Found::complete;
  }

  // Making triggers takes long enough, table by table, that it should not be done under the locks
  // on all of them.
  void prepare() {
    for (Oid table : tables()) {
      if (table == wish_.relation) continue;
      transactions_.run(false, [&] {
        lock_out_writers({table},
                         [&] { pg([&] { LockRelationOid(table, ShareRowExclusiveLock); }); });
        if (root_of(table) == wish_.relation) prepare_triggers(table);
      });
    }
  }

  // The table and its partitions.
  std::vector<Oid> tables() {
    List* found = pg([&] { return tables_under(wish_.relation, NoLock); });
    std::vector<Oid> all;
    for (int i = 0; i < list_length(found); ++i) all.push_back(list_nth_oid(found, i));
    return all;
  }

  void begin() {
    transactions_.run(false, [&] {
      lock_out_writers(tables(), [&] { lock_all(); });
      TableFacts facts = expect_trackable(wish_);
      if (known_collection(wish_)) return;  // by another session meanwhile
      begin_collection(facts, wish_);
      int number = collection_of(wish_.relation)->number;
      std::int16_t era = own_node().era;
      pg([&] { begin_backfills(number, wish_.relation, era); });
      invalidate(wish_.relation);
    });
  }

  // Waits until all who have written there are through, which stops nobody, and then asks for the
  // lock for a moment.
  template <typename Lock>
  void lock_out_writers(const std::vector<Oid>& tables, Lock lock) {
    for (;;) {
      wait_for_writers(tables);
      if (give_up_after(lock_ms, lock)) return;
      pg([] {
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause_ms,
                  PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
      });
    }
  }

  void wait_for_writers(const std::vector<Oid>& tables) {
    pg([&] {
      List* tags = NIL;
      for (Oid table : tables) {
        auto* tag = static_cast<LOCKTAG*>(palloc(sizeof(LOCKTAG)));
        SET_LOCKTAG_RELATION(*tag, MyDatabaseId, table);
        tags = lappend(tags, tag);
      }
      WaitForLockersMultiple(tags, ShareRowExclusiveLock, false);
    });
  }

  void lock_all() {
    pg([&] {
      TimestampTz end = GetCurrentTimestamp() + lock_ms * 1000;
      lock_collections();
      LockRelationOid(wish_.relation, ShareRowExclusiveLock);
      // Now nobody adds a partition.
      ListCell* cell;
      foreach (cell, tables_under(wish_.relation, NoLock)) {
        wait_at_most(static_cast<int>((end - GetCurrentTimestamp()) / 1000));
        LockRelationOid(lfirst_oid(cell), ShareRowExclusiveLock);
      }
    });
  }

  void work() {
    BackfillWork work(wish_.relation, transactions_);
    while (work.pass() || work.retry()) {
    }
    std::string name;
    std::int64_t rows = 0;
    transactions_.run(true, [&] {
      CollectionRef collection = work.open_collection();
      name = collection->name;
      pg([&] {
        ListCell* cell;
        foreach (cell, read_backfills(collection->number, SnapshotSelf))
          rows += static_cast<Backfill*>(lfirst(cell))->rows;
        delete_backfills(collection->number);
      });
      invalidate(wish_.relation);
    });
    pg([&] {
      ereport(NOTICE, (errmsg("collection %s: %lld rows have their genesis", name.c_str(),
                              static_cast<long long>(rows))));
    });
  }

  const TrackWish& wish_;
  OwnTransactions transactions_;
};

}  // namespace

// CALL plait.track_concurrently(relation regclass, name text, merge jsonb)
PLAIT_FUNCTION(plait_track_concurrently) {
  expect_no_block(fcinfo, "plait.track_concurrently()",
                  "CALL it by itself: it gives rows their geneses in transactions of its own.");
  pg([] { PreventCommandIfReadOnly("plait.track_concurrently()"); });
  TrackWish wish = track_wish(fcinfo);
  ConcurrentTracking(wish).run();
  return static_cast<Datum>(0);
}

}  // namespace plait
