// extension/wake.cpp: a backend's side of the worker that wakes readers.

#include "extension/wake.h"

#include "extension/settings.h"
#include "extension/table.h"
#include "extension/worker_row.h"

namespace plait {

namespace {

struct Backend {
  WorkerPlace worker{-1, 0};
  TimestampTz looked_at = 0;
  bool holds_start = false;
  LOCKTAG start{};
  bool has_written = false;  // in this transaction
};

Backend& backend() {
  static Backend instance;
  return instance;
}

void on_transaction_end(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  // Of what was prepared nobody is told when it is committed: the worker's timer finds it.
  if (event == XACT_EVENT_COMMIT && backend().has_written)
    if (PGPROC* worker = worker_at(backend().worker)) SetLatch(&worker->procLatch);
  backend().has_written = false;
}

// Why this session starts none; NULL: it may.
const char* why_not_started() {
  if (RecoveryInProgress()) return "this is a standby";
  if (worker_idle_ms() == 0) return "plait.worker_idle is 0";
  return nullptr;
}

bool register_worker() {
  BackgroundWorker worker{};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId);
  strlcpy(worker.bgw_library_name, "plait", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "plait_worker_main", sizeof worker.bgw_function_name);
  snprintf(worker.bgw_name, sizeof worker.bgw_name, "plait worker of database %u", MyDatabaseId);
  strlcpy(worker.bgw_type, "plait worker", sizeof worker.bgw_type);
  return RegisterDynamicBackgroundWorker(&worker, nullptr);
}

std::uint32_t second_of(TimestampTz time) {
  return static_cast<std::uint32_t>(time / USECS_PER_SEC);
}

// Whether one is about to come, started by this session or another one. The lock lets one session a
// second try: while a worker starts nobody can see it yet, and thirty writers would take all slots.
// It stays until this session's next try, and keeps nobody from trying in the next second. Who gets
// a second's lock when that is over has it from one who tried in it.
bool start_worker(TimestampTz now) {
  if (why_not_started() != nullptr) return false;
  Backend& self = backend();
  std::uint32_t second = second_of(now);
  LOCKTAG start = worker_lock(plait_relation("worker"), WorkerLock::starts, second);
  if (self.holds_start && LockHeldByMe(&self.start, ExclusiveLock)) {
    if (self.start.locktag_field3 == start.locktag_field3) return true;  // tried in this second
    LockRelease(&self.start, ExclusiveLock, true);
  }
  self.start = start;
  self.holds_start = take_worker_lock(start, ExclusiveLock);
  bool is_mine = self.holds_start && second_of(GetCurrentTimestamp()) == second;
  return !is_mine || register_worker();
}

// Looks who the worker is; without one, starts it. Whether there is one or one is about to come.
bool look_for_worker(TimestampTz now) {
  Backend& self = backend();
  self.looked_at = now;
  self.worker = read_worker_place();
  return worker_at(self.worker) != nullptr || start_worker(now);
}

// The same, at most once a second.
void keep_worker() {
  if (worker_at(backend().worker) != nullptr) return;
  TimestampTz now = GetCurrentTimestamp();
  TimestampTz looked_at = backend().looked_at;
  if (now < looked_at || now - looked_at >= USECS_PER_SEC) look_for_worker(now);
}

// Until it can be seen, which takes some 10 ms from its start; not for ever.
void wait_for_worker() {
  constexpr int wait_ms = 1'200;  // the next second, with another try, is within it
  constexpr int step_ms = 5;
  for (int waited_ms = 0; waited_ms < wait_ms; waited_ms += step_ms) {
    bool is_coming = look_for_worker(GetCurrentTimestamp());
    if (!is_coming || worker_at(backend().worker) != nullptr) return;
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, step_ms, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  }
}

// How many of the server's worker processes are there, its own and parallel workers included.
int workers_running() {
  int count = 0;
  for (std::uint32_t i = 0; i < ProcGlobal->allProcCount; ++i) {
    const PGPROC& process = ProcGlobal->allProcs[i];
    if (process.procLatch.owner_pid != 0 && process.isBackgroundWorker) ++count;
  }
  return count;
}

}  // namespace

void note_events() {
  if (backend().has_written) return;
  backend().has_written = true;
  keep_worker();
}

WorkerState worker_state() {
  WorkerPlace place = read_worker_place();
  if (worker_at(place) != nullptr) return {place.pid, nullptr};
  if (const char* why_not = why_not_started()) return {0, why_not};
  if (workers_running() >= max_worker_processes)
    return {0, psprintf("all %d worker processes of the server are in use: raise "
                        "max_worker_processes",
                        max_worker_processes)};
  return {0, "nobody writes or listens: the next one starts it"};
}

void watch_commits() { RegisterXactCallback(on_transaction_end, nullptr); }

// plait.listen() -> boolean
PLAIT_FUNCTION(plait_listen) {
  return pg([] {
    if (RecoveryInProgress()) return BoolGetDatum(false);
    Async_Listen("plait");
    LOCKTAG reads = worker_lock(plait_relation("worker"), WorkerLock::reads);
    if (LockHeldByMe(&reads, ShareLock)) {
      keep_worker();
    } else {
      LockAcquire(&reads, ShareLock, true, false);
      wait_for_worker();
    }
    return BoolGetDatum(worker_at(backend().worker) != nullptr);
  });
}

}  // namespace plait
