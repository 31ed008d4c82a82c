// extension/feed.cpp: who reads makes the tick, in the snapshot that it reads with.
//
// A reader looks whether the newest tick covers all that it sees (feed_position); if not, it locks
// plait.feed_lock, takes its snapshot and makes a tick of it (make_tick). CALL plait.advance() is
// the same for followers that speak SQL alone. A tick's own commit record lies behind everything
// that its upto calls finished, and is flushed: what a cursor covers can be neither lost nor used
// again.

#include "extension/feed.h"

#include "extension/argument.h"
#include "extension/feed_walk.h"
#include "extension/node.h"
#include "extension/own_transactions.h"
#include "extension/spi.h"

namespace plait {

namespace {

Snapshot active_snapshot() {
  return pg([] { return GetActiveSnapshot(); });
}

void expect_primary() {
  if (pg([] { return RecoveryInProgress(); }))
    refuse(Code::not_supported, "a standby makes no ticks", "",
           "Read plait.changes here, and let a reader of the primary CALL plait.advance().");
}

void expect_lock_held() {
  bool is_held = pg([] {
    ::Relation lock = table_open(plait_relation("feed_lock"), AccessShareLock);
    bool held = CheckRelationLockedByMe(lock, ShareRowExclusiveLock, true);
    table_close(lock, NoLock);
    return held;
  });
  if (!is_held)
    refuse(
        Code::permission_denied, "who makes a tick must hold the feed's lock", "",
        "LOCK TABLE plait.feed_lock IN SHARE ROW EXCLUSIVE MODE first, as the first statement of "
        "the transaction.");
}

void expect_right_to_follow() {
  bool may_follow = pg([] {
    return pg_class_aclcheck(plait_relation("feed_lock"), GetUserId(), ACL_UPDATE) == ACLCHECK_OK;
  });
  if (!may_follow)
    refuse(Code::permission_denied, "this role may not follow the feed", "",
           "A superuser gives the right by SELECT plait.grant_feed('role').");
}

// Waits until the newest tick is 5 ms old. Under load that gathers commits, and followers, for one
// tick; idle it is old already.
void space_ticks() {
  constexpr std::int64_t between_us = 5'000;
  std::optional<Tick> newest = newest_tick(SnapshotSelf);
  if (!newest) return;
  std::int64_t age_us = GetCurrentTimestamp() - newest->at;
  if (age_us >= 0 && age_us < between_us) pg_usleep(between_us - age_us);
}

// Whether the newest tick that `now` shows covers all that `then` showed.
bool covers(Snapshot now, Snapshot then) {
  std::optional<OwnNode> own = known_own_node();
  std::optional<Tick> newest;
  if (own) newest = newest_tick_of(own->era, now);
  return newest && !has_news(own->era, newest, then);
}

// The role of argument 0, quoted; PUBLIC is none: whoever follows keeps writers of ticks waiting.
std::string role_argument(FunctionCallInfo fcinfo) {
  Oid role = PG_GETARG_OID(0);
  return pg([&] { return quote_identifier(GetUserNameFromId(role, false)); });
}

}  // namespace

bool has_news(std::int16_t era, const std::optional<Tick>& newest, Snapshot snapshot) {
  FeedRange range{era, newest ? &newest->upto : nullptr, nullptr};
  return pg([&] { return has_events(range, snapshot); });
}

Cursor make_tick() {
  pg([] { PreventCommandIfReadOnly("plait.make_tick()"); });
  if (pg([] { return TransactionIdIsValid(GetTopTransactionIdIfAny()); }))
    refuse(Code::not_supported, "a transaction that has written cannot make a tick", "",
           "Make it in a transaction of its own: BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE "
           "plait.feed_lock IN SHARE ROW EXCLUSIVE MODE; SELECT plait.make_tick(); COMMIT.");
  Snapshot snapshot = active_snapshot();
  std::optional<Tick> newest = newest_tick(snapshot);
  std::optional<Tick> newest_now = newest_tick(SnapshotSelf);
  std::int64_t seq = newest ? newest->cursor.seq : 0;
  if (newest_now && newest_now->cursor.seq != seq)
    refuse(Code::serialization_failure, "the snapshot is older than the newest tick", "",
           "Take the lock on plait.feed_lock before the transaction's first query, and try again.");
  std::int16_t era = own_node().era;
  if (newest && newest->era != era) newest.reset();
  if (newest && !has_news(era, newest, snapshot)) return newest->cursor;
  return write_tick(seq + 1, era);
}

// plait.cursor() -> text
PLAIT_FUNCTION(plait_cursor) {
  std::optional<OwnNode> own = known_own_node();
  std::optional<Tick> newest;
  if (own) newest = newest_tick_of(own->era, active_snapshot());
  if (newest) return text_datum(to_text(newest->cursor));
  fcinfo->isnull = true;
  return static_cast<Datum>(0);
}

// plait.feed_position() -> (cursor text, complete boolean)
PLAIT_FUNCTION(plait_feed_position) {
  std::optional<OwnNode> own = known_own_node();
  std::optional<Tick> newest;
  if (own) newest = newest_tick_of(own->era, active_snapshot());
  bool is_complete = newest && !has_news(own->era, newest, active_snapshot());
  Datum cursor = newest ? text_datum(to_text(newest->cursor)) : 0;
  return pg([&] {
    TupleDesc columns;
    get_call_result_type(fcinfo, nullptr, &columns);
    Datum values[2] = {cursor, BoolGetDatum(is_complete)};
    bool nulls[2] = {cursor == 0, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
  });
}

// plait.make_tick() -> text
PLAIT_FUNCTION(plait_make_tick) {
  expect_primary();
  expect_lock_held();
  return text_datum(to_text(make_tick()));
}

// CALL plait.advance()
PLAIT_FUNCTION(plait_advance) {
  expect_no_block(fcinfo, "plait.advance()",
                  "CALL it by itself: it begins a transaction of its own, so that its snapshot is "
                  "newer than its lock.");
  expect_primary();
  expect_right_to_follow();
  // The snapshot that CALL took is older than the lock.
  OwnTransactions transactions;
  transactions.open();
  Snapshot called = pg([] {
    PushActiveSnapshot(GetTransactionSnapshot());
    return GetActiveSnapshot();
  });
  if (!covers(called, called)) {
    pg([] { LockRelationOid(plait_relation("feed_lock"), ShareRowExclusiveLock); });
    // Of many followers one makes the tick, and those that waited for the lock find it.
    if (!covers(SnapshotSelf, called)) {
      space_ticks();
      pg([] { PushActiveSnapshot(GetTransactionSnapshot()); });
      make_tick();
      pg([] { PopActiveSnapshot(); });
    }
  }
  pg([] { PopActiveSnapshot(); });
  transactions.close();
  return static_cast<Datum>(0);
}

// plait.grant_feed(role regrole)
PLAIT_FUNCTION(plait_grant_feed) {
  run_sql("GRANT UPDATE ON plait.feed_lock TO " + role_argument(fcinfo));
  return static_cast<Datum>(0);
}

// plait.revoke_feed(role regrole)
PLAIT_FUNCTION(plait_revoke_feed) {
  run_sql("REVOKE UPDATE ON plait.feed_lock FROM " + role_argument(fcinfo));
  return static_cast<Datum>(0);
}

}  // namespace plait
