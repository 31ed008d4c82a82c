// extension/worker.cpp: the process that wakes readers, one a database: many commits, one NOTIFY.
//
//   a commit sets its latch → look: anything since the last look? → NOTIFY plait, not flushed
//   with nobody to wake     → it looks for news once a second
//   a timer looks for what set none: COMMIT PREPARED, writers that do not know it yet
//   nobody makes ticks      → it makes one a second
//   nobody writes or listens → it ends; the next who does starts another (extension/wake.cpp)
//
// It runs as the bootstrap superuser, so it runs nobody's code: no SQL, no function, trigger or
// type of a user, only Plait's own tables. Between looks it holds no snapshot and no lock but its
// own. What goes wrong ends it, with an error in the server's log.

#include "extension/wall.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "extension/feed.h"
#include "extension/feed_walk.h"
#include "extension/node.h"
#include "extension/settings.h"
#include "extension/table.h"
#include "extension/worker_row.h"

namespace plait {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds between_notifies{5};
constexpr milliseconds between_ticks{1'000};
constexpr milliseconds between_looks{200};
// A backend looks for the worker once a second: until all have seen a new one, it looks itself.
constexpr milliseconds unknown_for{1'200};
constexpr milliseconds between_early_looks{10};

// One with a snapshot. What is thrown meanwhile ends the process, which rolls it back.
class Transaction {
 public:
  Transaction() {
    pg([] {
      SetCurrentStatementStartTimestamp();
      StartTransactionCommand();
    });
  }
  Snapshot take_snapshot() {
    has_snapshot_ = true;
    return pg([] {
      PushActiveSnapshot(GetTransactionSnapshot());
      return GetActiveSnapshot();
    });
  }
  void commit() {
    pg([this] {
      if (has_snapshot_) PopActiveSnapshot();
      CommitTransactionCommand();
      pgstat_report_stat(false);
    });
  }

 private:
  bool has_snapshot_ = false;
};

// The extension as it was when the worker began.
struct Installation {
  Oid extension;
  Oid table;
};

Installation installation() {
  Oid space = get_namespace_oid("plait", true);
  if (!OidIsValid(space)) return {};
  return {get_extension_oid("plait", true), get_relname_relid("worker", space)};
}

class Worker {
 public:
  // Whether it is the one.
  bool begin();
  void run();

 private:
  bool find_installation();
  bool look();
  bool tell_of_news(Snapshot snapshot);
  void make_due_tick();
  bool enter();
  bool is_needed(Clock::time_point now);
  LOCKTAG reads() const { return worker_lock(installation_.table, WorkerLock::reads); }
  bool has_readers();
  void rest();
  void wait();

  Installation installation_{};
  Clock::time_point began_ = Clock::now();
  Clock::time_point needed_ = began_;
  bool is_dropped_ = false;
  std::optional<Clock::time_point> tick_due_;
  std::optional<Upto> seen_;  // by the last look that found something
};

// Settings of the database are for its users' sessions.
void pin_settings_of_worker() {
  auto pin = [](const char* name, const char* value) {
    SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
  };
  pin("search_path", "pg_catalog, pg_temp");
  pin("default_transaction_isolation", "read committed");
  pin("default_transaction_read_only", "off");
  pin("lock_timeout", "0");
}

// Who may drop the database may end its worker: DROP DATABASE … WITH (FORCE) asks for that.
void belong_to_owner() {
  HeapTuple database = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
  if (!HeapTupleIsValid(database)) elog(ERROR, "database %u is gone", MyDatabaseId);
  MyProc->roleId = reinterpret_cast<Form_pg_database>(GETSTRUCT(database))->datdba;
  ReleaseSysCache(database);
}

// False as long as the extension cannot be seen.
bool Worker::find_installation() {
  Transaction transaction;
  pg([this] { installation_ = installation(); });
  transaction.commit();
  return OidIsValid(installation_.extension) && OidIsValid(installation_.table);
}

bool Worker::begin() {
  // Who started it may have created the extension in a transaction that is not committed yet.
  for (Clock::time_point now = began_; !find_installation(); now = Clock::now()) {
    if (now > began_ + unknown_for) return false;
    wait();
  }
  Transaction transaction;
  bool is_the_one = pg([this] {
    pin_settings_of_worker();
    belong_to_owner();
    if (!take_worker_lock(worker_lock(installation_.table, WorkerLock::works), ExclusiveLock))
      return false;
    if (!enter()) return false;
    write_worker_place();
    return true;
  });
  transaction.commit();
  return is_the_one;
}

// Not listening to the latch, setting it costs no writer a system call.
void be_deaf() {
  pg([] {
    WaitLatch(nullptr, WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, between_notifies.count(),
              PG_WAIT_EXTENSION);
  });
}

// Between looks while there is news. With nobody to wake, the next one can wait for the tick: 200
// looks a second would take the writers a twentieth of their rate.
void Worker::rest() {
  do be_deaf();
  while (!InterruptPending && Clock::now() < *tick_due_ && !has_readers());
}

void Worker::run() {
  while (!is_dropped_) {
    bool has_news = look();
    Clock::time_point now = Clock::now();
    if (has_news) needed_ = now;
    if (tick_due_ && now >= *tick_due_) make_due_tick();
    if (!is_needed(now)) return;
    if (has_news && tick_due_) rest();
    wait();
  }
}

// Until a commit sets the latch or a timer ends. Returns from here only to go on: SIGTERM ends the
// process.
void Worker::wait() {
  Clock::time_point now = Clock::now();
  milliseconds pause = now < began_ + unknown_for ? between_early_looks : between_looks;
  if (tick_due_)
    pause = std::min(pause, std::chrono::ceil<milliseconds>(std::max(*tick_due_ - now, {})));
  pg([&] {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause.count(),
              PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    if (ProcDiePending) proc_exit(0);  // without a FATAL in the log
    CHECK_FOR_INTERRUPTS();
    if (!ConfigReloadPending) return;
    ConfigReloadPending = false;
    ProcessConfigFile(PGC_SIGHUP);
  });
}

// Whether somebody writes or listens, or did so a moment ago.
bool Worker::is_needed(Clock::time_point now) {
  if (worker_idle_ms() == 0) return false;  // whoever started it has another setting
  if (now < needed_ + milliseconds(worker_idle_ms())) return true;
  bool is_read = pg([this] { return !take_worker_lock(reads(), ExclusiveLock); });
  if (is_read)
    needed_ = now;
  else
    MyProc->roleId = InvalidOid;  // it leaves; who listens now waits for the lock, so for its end
  return is_read;
}

bool Worker::has_readers() {
  return pg([this] {
    LOCKTAG lock = reads();
    if (!take_worker_lock(lock, ExclusiveLock)) return true;
    LockRelease(&lock, ExclusiveLock, true);
    return false;
  });
}

// First thing in a transaction that touches tables; false: not now. DROP EXTENSION locks the
// extension before its tables: who has this lock never stands in its way with half of them.
bool Worker::enter() {
  if (!ConditionalLockDatabaseObject(ExtensionRelationId, installation_.extension, 0,
                                     AccessShareLock))
    return false;
  is_dropped_ = installation().table != installation_.table;
  return !is_dropped_;
}

// Whether there is anything new, of which readers are told then, if there are any.
bool Worker::look() {
  Transaction transaction;
  bool has_news = pg([this] { return enter(); }) && tell_of_news(transaction.take_snapshot());
  transaction.commit();
  return has_news;
}

bool Worker::tell_of_news(Snapshot snapshot) {
  std::optional<OwnNode> own = known_own_node();
  if (!own) return false;  // nobody has written in this life of the database
  if (!seen_)
    if (auto newest = newest_tick_of(own->era, snapshot)) seen_ = newest->upto;
  FeedRange range{own->era, seen_ ? &*seen_ : nullptr, nullptr};
  if (!pg([&] { return has_events(range, snapshot); })) return false;
  seen_ = upto_now();
  if (!tick_due_) tick_due_ = Clock::now() + between_ticks;
  if (!has_readers()) return true;
  pg([] {
    set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                      true, 0, false);
    Async_Notify("plait", nullptr);
  });
  return true;
}

// A second after changes came: if no reader has made a tick meanwhile, this does.
void Worker::make_due_tick() {
  tick_due_ = Clock::now() + between_ticks;
  Transaction transaction;
  bool is_free = pg([this] {
    return enter() &&
           ConditionalLockRelationOid(plait_relation("feed_lock"), ShareRowExclusiveLock);
  });
  std::optional<OwnNode> own;
  if (is_free) own = known_own_node();
  if (own) {
    Snapshot snapshot = transaction.take_snapshot();
    std::optional<Tick> newest = newest_tick_of(own->era, snapshot);
    if (!has_news(own->era, newest, snapshot))
      tick_due_.reset();
    else if (!newest || newest->at + USECS_PER_SEC <= GetCurrentTimestamp())
      make_tick();
  }
  transaction.commit();
}

Datum work(FunctionCallInfo) {
  Worker worker;
  if (worker.begin()) worker.run();
  return static_cast<Datum>(0);
}

}  // namespace

}  // namespace plait

extern "C" {
#pragma GCC visibility push(default)
void plait_worker_main(Datum database);
#pragma GCC visibility pop

void plait_worker_main(Datum database) {
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
  plait::wall::call(plait::work, nullptr);
}
}
