// extension/backfill_work.cpp: the rows that were there before their table was tracked get their
// geneses, batch after batch, each in a transaction of its own.

#include "extension/backfill_work.h"

#include <algorithm>

#include "extension/partition.h"

namespace plait {

namespace {

// Who wants a row that a batch has locked waits for the batch's end.
constexpr std::int64_t batch_us_max = 50'000;
constexpr std::int64_t work_us_min = 1'000;

// In the queue of a row that others want too, we hold the table's lock.
constexpr int row_wait_ms = 100;

// The backfill of a table, as it is now; collection 0: there is none. Inside pg().
Backfill backfill_of(int collection, Oid table) {
  ListCell* cell;
  foreach (cell, read_backfills(collection, SnapshotSelf)) {
    auto* backfill = static_cast<Backfill*>(lfirst(cell));
    if (backfill->relation == table) return *backfill;
  }
  return {};
}

}  // namespace

CollectionRef BackfillWork::open_collection() {
  bool has_table = pg([&] {
    LockRelationOid(relation_, RowExclusiveLock);
    return get_rel_name(relation_) != nullptr;
  });
  CollectionRef collection = has_table ? collection_of(relation_) : nullptr;
  if (!collection || !collection->tracked || !collection->being_backfilled)
    refuse(Code::unknown_collection, "the table was untracked or dropped meanwhile", "relation",
           "The geneses that were written stay history.");
  return collection;
}

// Locks its table, and sees whether the blocks are still those that were counted. False: the table
// is no part of the collection any more.
bool BackfillWork::open_backfill(Backfill& backfill) {
  Oid table = backfill.relation;
  bool is_there = pg([&] {
    LockRelationOid(table, RowExclusiveLock);
    return get_rel_name(table) != nullptr;
  });
  if (!is_there || root_of(table) != relation_) {
    held_.erase(table);
    backfill.blocks = backfill.next = backfill.done = backfill.held = 0;
    pg([&] { update_backfill(backfill); });
    return false;
  }
  pg([&] {
    Relation relation = relation_open(table, NoLock);
    bool is_rewritten = relation->rd_rel->relfilenode != backfill.file;
    if (is_rewritten) {
      backfill.file = relation->rd_rel->relfilenode;
      backfill.blocks = RelationGetNumberOfBlocks(relation);
      backfill.next = backfill.done = backfill.held = 0;
      table_ = InvalidOid;
      held_.erase(table);
    }
    relation_close(relation, NoLock);
  });
  return true;
}

// Of the first table whose blocks were not all looked at; collection 0: there is none.
Backfill BackfillWork::next_backfill(int collection) {
  List* all = pg([&] { return read_backfills(collection, SnapshotSelf); });
  for (int i = 0; i < list_length(all); ++i) {
    Backfill backfill = *static_cast<Backfill*>(list_nth(all, i));
    bool has_blocks = backfill.next < backfill.blocks;
    if (has_blocks && open_backfill(backfill) && backfill.next < backfill.blocks) return backfill;
  }
  return {};
}

bool BackfillWork::pass() {
  bool found = false;
  TimestampTz began = GetCurrentTimestamp();
  transactions_.run(false, [&] {
    CollectionRef collection = open_collection();
    Backfill backfill = next_backfill(collection->number);
    found = backfill.collection != 0;
    if (!found) return;
    if (table_ != backfill.relation) {
      table_ = backfill.relation;
      ItemPointerSet(&next_, static_cast<BlockNumber>(backfill.next), FirstOffsetNumber);
    }
    Places held;
    BackfillBatch batch(*collection, held);
    pg([&] {
      PushActiveSnapshot(GetTransactionSnapshot());
      batch.open(table_, work_us_);
      next_ = batch.pass(next_, static_cast<BlockNumber>(backfill.blocks));
      batch.close();
      PopActiveSnapshot();
    });
    backfill.next = ItemPointerGetBlockNumber(&next_);
    if (backfill.held == 0)
      backfill.done = held.empty() ? backfill.next : ItemPointerGetBlockNumber(&held.front());
    if (!held.empty()) {
      Places& rows = held_[table_].rows;
      rows.insert(rows.end(), held.begin(), held.end());
      backfill.held = static_cast<std::int64_t>(rows.size());
    }
    save(backfill, batch.written());
  });
  if (found) pace(began);
  return found;
}

bool BackfillWork::retry() {
  if (held_.empty()) return false;
  Oid table = held_.begin()->first;
  TimestampTz began = GetCurrentTimestamp();
  TransactionId holder = try_held(table);
  pace(began);
  auto held = held_.find(table);
  if (held != held_.end() && held->second.in_vain == held->second.rows.size())
    wait_for_first(table, holder);
  return true;
}

// False: there is no row to try again. Else the table is locked.
bool BackfillWork::open_held(const Collection& collection, Oid table, Backfill& backfill) {
  backfill = pg([&] { return backfill_of(collection.number, table); });
  if (backfill.collection == 0) held_.erase(table);
  if (backfill.collection == 0 || !open_backfill(backfill)) return false;
  if (held_.contains(table)) return true;
  pg([&] { update_backfill(backfill); });  // rewritten: its pass begins anew
  return false;
}

// As many as one batch can, once each. If all are held by others still: a transaction that holds
// the first.
TransactionId BackfillWork::try_held(Oid table) {
  TransactionId holder = InvalidTransactionId;
  transactions_.run(false, [&] {
    CollectionRef collection = open_collection();
    Backfill backfill;
    if (!open_held(*collection, table, backfill)) return;
    Held& held = held_[table];
    Places again;
    BackfillBatch batch(*collection, again);
    pg([&] {
      PushActiveSnapshot(GetTransactionSnapshot());
      batch.open(table, work_us_);
      do {
        CHECK_FOR_INTERRUPTS();
        std::size_t before = again.size();
        batch.retry(held.rows.front(), LockWaitSkip);
        held.rows.pop_front();
        if (again.size() == before) {
          held.in_vain = 0;
        } else {
          held.rows.push_back(again.back());
          ++held.in_vain;
        }
      } while (held.in_vain < held.rows.size() && !batch.is_over());
      if (!held.rows.empty() && held.in_vain == held.rows.size())
        holder = batch.holder_of(held.rows.front());
      batch.close();
      PopActiveSnapshot();
    });
    backfill.held = static_cast<std::int64_t>(held.rows.size());
    if (held.rows.empty()) {
      backfill.done = backfill.next;
      held_.erase(table);
    }
    save(backfill, batch.written());
  });
  return holder;
}

// First for its holder's end, when we hold nothing that others could want; then in the row's own
// queue, for others may want it as often as we.
void BackfillWork::wait_for_first(Oid table, TransactionId holder) {
  if (TransactionIdIsValid(holder))
    transactions_.run(false,
                      [&] { pg([&] { XactLockTableWait(holder, nullptr, nullptr, XLTW_None); }); });
  transactions_.run(false, [&] {
    CollectionRef collection = open_collection();
    Backfill backfill;
    if (!open_held(*collection, table, backfill)) return;
    Held& held = held_[table];
    std::int64_t written = 0;
    bool is_done = give_up_after(row_wait_ms, [&] {
      Places none;
      BackfillBatch batch(*collection, none);
      pg([&] {
        PushActiveSnapshot(GetTransactionSnapshot());
        batch.open(table, work_us_);
        batch.retry(held.rows.front(), LockWaitBlock);
        batch.close();
        PopActiveSnapshot();
      });
      written = batch.written();
    });
    held.in_vain = 0;
    if (!is_done) return;
    held.rows.pop_front();
    backfill.held = static_cast<std::int64_t>(held.rows.size());
    if (held.rows.empty()) {
      backfill.done = backfill.next;
      held_.erase(table);
    }
    save(backfill, written);
  });
}

void BackfillWork::save(Backfill& backfill, std::int64_t written) {
  backfill.rows += written;
  backfill.batch_us = last_us_;
  pg([&] { update_backfill(backfill); });
}

// The next batch works so long that it takes, with its commit, what a batch may.
void BackfillWork::pace(TimestampTz began) {
  last_us_ = std::max<std::int64_t>(GetCurrentTimestamp() - began, 1);
  work_us_ = std::clamp(work_us_ * batch_us_max / last_us_, work_us_min, batch_us_max);
}

}  // namespace plait
