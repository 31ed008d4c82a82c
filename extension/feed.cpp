// extension/feed.cpp: who reads makes the tick, in the snapshot that it reads with.
//
// A reader looks whether the newest tick covers all that it sees (feed_position); if not, it takes
// the lock on plait.feed_lock, waits until the newest tick is 5 ms old, takes a snapshot and makes
// a tick of it (make_tick), which it exports for the connection that reads. CALL plait.advance() is
// the same for followers that speak SQL alone. A tick's own commit record lies behind everything
// that its upto calls finished, and is flushed: what a cursor covers can be neither lost nor used
// again.

#include "extension/feed.h"

#include <chrono>

#include "extension/argument.h"
#include "extension/feed_walk.h"
#include "extension/node.h"
#include "extension/own_transactions.h"
#include "extension/spi.h"

namespace plait {

namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

Snapshot active_snapshot() {
  return pg([] { return GetActiveSnapshot(); });
}

void expect_primary() {
  if (pg([] { return RecoveryInProgress(); }))
    refuse(Code::not_supported, "a standby makes no ticks", "",
           "Read plait.changes here, and let a reader of the primary CALL plait.advance().");
}

void expect_right_to_follow() {
  bool may_follow = pg([] {
    return pg_class_aclcheck(plait_relation("feed_lock"), GetUserId(), ACL_UPDATE) == ACLCHECK_OK;
  });
  if (!may_follow)
    refuse(Code::permission_denied, "this role may not follow the feed", "",
           "A superuser gives the right by SELECT plait.grant_feed('role').");
}

void expect_read_committed(const char* what) {
  if (!IsolationUsesXactSnapshot()) return;
  refuse(Code::not_supported,
         std::string(what) + " needs a snapshot that is newer than the feed's lock", "",
         "BEGIN ISOLATION LEVEL READ COMMITTED; what reads with the snapshot is REPEATABLE READ.");
}

void lock_feed() {
  pg([] { LockRelationOid(plait_relation("feed_lock"), ShareRowExclusiveLock); });
}

Snapshot push_snapshot() {
  return pg([] {
    PushActiveSnapshot(GetTransactionSnapshot());
    return GetActiveSnapshot();
  });
}

void pop_snapshot() {
  pg([] { PopActiveSnapshot(); });
}

// How long until the newest tick is 5 ms old.
microseconds until_next(Snapshot snapshot) {
  constexpr microseconds between_ticks{5'000};
  std::optional<Tick> newest = newest_tick(snapshot);
  if (!newest) return {};
  microseconds age{GetCurrentTimestamp() - newest->at};
  return age < microseconds{} ? microseconds{} : between_ticks - age;  // the clock was set back
}

// Interrupts end it.
void wait(microseconds duration) {
  auto end = Clock::now() + duration;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    auto pause = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    pg([&] {
      WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause.count(),
                PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
      CHECK_FOR_INTERRUPTS();
    });
  }
}

// Whether the newest tick that `now` shows covers all that `then` showed.
bool covers(Snapshot now, Snapshot then) {
  std::optional<OwnNode> own = known_own_node();
  std::optional<Tick> newest;
  if (own) newest = newest_tick_of(own->era, now);
  return newest && !has_news(own->era, newest, then);
}

// A tick of a snapshot of now, which it leaves active. Where there is news, at least 5 ms after the
// newest one: under load that gathers commits, and followers that wait for the lock, for one tick;
// idle the newest one is old already. REQUIRES: the lock, READ COMMITTED.
Cursor next_tick() {
  Snapshot snapshot = push_snapshot();
  microseconds pause = until_next(snapshot);
  if (pause > microseconds{} && !covers(snapshot, snapshot)) {
    pop_snapshot();
    wait(pause);
    push_snapshot();
  }
  return make_tick();
}

// The library is newer than this database's SQL, where the function returns a text.
void expect_own_version(FunctionCallInfo fcinfo) {
  bool is_own =
      pg([&] { return get_call_result_type(fcinfo, nullptr, nullptr) == TYPEFUNC_COMPOSITE; });
  if (!is_own)
    refuse(Code::not_supported, "plait.make_tick() of this database is an older version's", "",
           "ALTER EXTENSION plait UPDATE; then start gateways of the library's version.");
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
           "Make it in a transaction of its own: BEGIN; SELECT * FROM plait.make_tick(); COMMIT.");
  Snapshot snapshot = active_snapshot();
  std::optional<Tick> newest = newest_tick(snapshot);
  std::int64_t seq = newest ? newest->cursor.seq : 0;
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

// plait.make_tick() -> (cursor text, snapshot text, finished pg_snapshot)
PLAIT_FUNCTION(plait_make_tick) {
  expect_own_version(fcinfo);
  expect_primary();
  expect_right_to_follow();
  expect_read_committed("plait.make_tick()");
  lock_feed();
  Datum cursor = text_datum(to_text(next_tick()));
  Datum made = pg([&] {
    TupleDesc columns;
    get_call_result_type(fcinfo, nullptr, &columns);
    Datum values[3] = {cursor, CStringGetTextDatum(ExportSnapshot(GetActiveSnapshot())),
                       OidFunctionCall0(F_PG_CURRENT_SNAPSHOT)};
    bool nulls[3] = {};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
  });
  pop_snapshot();
  return made;
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
    lock_feed();
    // Of many followers one makes the tick, and those that waited for the lock find it.
    if (!covers(SnapshotSelf, called)) {
      next_tick();
      pop_snapshot();
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
