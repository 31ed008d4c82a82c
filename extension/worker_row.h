// extension/worker_row.h: who this database's worker is: the one row of plait.worker.
//
// No shared memory: the worker writes its process number into the row, whoever looks for it checks
// that the process there still is that worker. A stale row (of another server, another database or
// a worker that has ended) means: no worker.
#pragma once

#include "extension/wall.h"

namespace plait {

// Where a worker was seen.
struct WorkerPlace {
  int process;  // its number among the server's processes
  int pid;
};

// The process of that place, NULL where it is no worker of this database any more. Takes no lock
// and allocates nothing: fit for a callback after commit.
PGPROC* worker_at(const WorkerPlace& place);

// The rest runs inside pg().

// As the row says; {-1, 0} when it is of another server's life, or missing.
WorkerPlace read_worker_place();
// Says that it is this process. REQUIRES: the lock `works`.
void write_worker_place();

// Locks beside everybody's advisory ones (whose fourth field is 1 or 2), of one installation of the
// extension: `table` is plait.worker.
enum class WorkerLock : std::uint16_t {
  works = 3,  // held by the worker while it lives
  starts,     // by who started one, for a second of the clock: `detail`
  reads       // shared, by sessions that want to be woken, until they end
};
LOCKTAG worker_lock(Oid table, WorkerLock lock, std::uint32_t detail = 0);
// Takes it for this process, not for its transaction; false when another one has it, or the
// server's table of locks is full.
bool take_worker_lock(const LOCKTAG& lock, LOCKMODE mode);

}  // namespace plait
