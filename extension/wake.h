// extension/wake.h: a backend's side of the worker that wakes readers: who it is, waking it at
// commit, starting it when there is none.
//
// A writer never notifies: NOTIFY in its transaction would make all commits wait for each other.
// Once its transaction is committed it sets the worker's latch, which is lock-free, and the worker
// sends one notification for many commits (extension/worker.cpp). The worker is looked for at most
// once a second, while events are written, never in the callback after commit.
#pragma once

#include "extension/wall.h"

namespace plait {

// Events were written: the commit of this transaction wakes the worker. Inside pg().
void note_events();

struct WorkerState {
  int pid;              // 0: there is none
  const char* why_not;  // NULL with a pid
};
WorkerState worker_state();  // inside pg()

void watch_commits();  // called by _PG_init

}  // namespace plait
