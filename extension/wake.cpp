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
  bool has_started = false;  // when it looked last
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

// Whether it was started by this session. The lock lets one session a second try: while a worker
// starts nobody can see it yet, and thirty writers would take all slots. It stays until this
// session's next try, and keeps nobody from trying in the next second.
bool start_worker(TimestampTz now) {
  if (why_not_started() != nullptr) return false;
  Backend& self = backend();
  if (self.holds_start && LockHeldByMe(&self.start, ExclusiveLock))
    LockRelease(&self.start, ExclusiveLock, true);
  self.start = worker_lock(plait_relation("worker"), WorkerLock::starts,
                           static_cast<std::uint32_t>(now / USECS_PER_SEC));
  self.holds_start = take_worker_lock(self.start, ExclusiveLock);
  return self.holds_start && register_worker();
}

// Whether there is a worker, or this session has just started one.
bool look_for_worker() {
  Backend& self = backend();
  if (worker_at(self.worker) != nullptr) return true;
  TimestampTz now = GetCurrentTimestamp();
  if (now >= self.looked_at && now - self.looked_at < USECS_PER_SEC) return self.has_started;
  self.looked_at = now;
  self.worker = read_worker_place();
  self.has_started = worker_at(self.worker) == nullptr && start_worker(now);
  return self.has_started || worker_at(self.worker) != nullptr;
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
  look_for_worker();
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
    if (!LockHeldByMe(&reads, ShareLock)) LockAcquire(&reads, ShareLock, true, false);
    return BoolGetDatum(look_for_worker());
  });
}

}  // namespace plait
