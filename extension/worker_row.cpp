// extension/worker_row.cpp: who this database's worker is: the one row of plait.worker.

#include "extension/worker_row.h"

#include "extension/columns.h"
#include "extension/table.h"

namespace plait {

namespace {

constexpr int worker_columns = worker_system;

bool is_of_this_server(TupleTableSlot* slot) {
  bool is_null;
  auto system =
      static_cast<std::uint64_t>(DatumGetInt64(slot_getattr(slot, worker_system, &is_null)));
  return system == GetSystemIdentifier() &&
         DatumGetTimestampTz(slot_getattr(slot, worker_postmaster, &is_null)) == PgStartTime;
}

// The row as it is now, if there is one; calls f(slot).
template <typename F>
bool with_row(Relation relation, F&& f) {
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, nullptr);
  bool found = table_scan_getnextslot(scan, ForwardScanDirection, slot);
  if (found) f(slot);
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  return found;
}

}  // namespace

PGPROC* worker_at(const WorkerPlace& place) {
  if (place.process < 0 || static_cast<std::uint32_t>(place.process) >= ProcGlobal->allProcCount)
    return nullptr;
  PGPROC* process = &ProcGlobal->allProcs[place.process];
  // A process that has ended leaves all but its latch as it was.
  bool is_alive = place.pid != 0 && process->procLatch.owner_pid == place.pid;
  bool is_ours = process->isBackgroundWorker && process->databaseId == MyDatabaseId &&
                 OidIsValid(process->roleId);  // else it is about to end
  return is_alive && is_ours ? process : nullptr;
}

WorkerPlace read_worker_place() {
  WorkerPlace place{-1, 0};
  Relation relation = table_open(plait_relation("worker"), AccessShareLock);
  with_row(relation, [&](TupleTableSlot* slot) {
    if (!is_of_this_server(slot)) return;
    bool is_null;
    place.process = DatumGetInt32(slot_getattr(slot, worker_process, &is_null));
    place.pid = DatumGetInt32(slot_getattr(slot, worker_pid, &is_null));
  });
  table_close(relation, AccessShareLock);
  return place;
}

void write_worker_place() {
  Table table = open_table("worker", RowExclusiveLock);
  ItemPointerData place;
  bool exists = with_row(table.relation, [&](TupleTableSlot* slot) { place = slot->tts_tid; });
  Datum values[worker_columns];
  bool nulls[worker_columns] = {};
  values[worker_process - 1] = Int32GetDatum(MyProc->pgprocno);
  values[worker_pid - 1] = Int32GetDatum(MyProcPid);
  values[worker_postmaster - 1] = TimestampTzGetDatum(PgStartTime);
  values[worker_system - 1] = Int64GetDatum(static_cast<std::int64_t>(GetSystemIdentifier()));
  if (exists)
    update_row(table, &place, SnapshotSelf, values, nulls);
  else
    insert_row(table, values, nulls);
  close_table(table);
}

LOCKTAG worker_lock(Oid table, WorkerLock lock, std::uint32_t detail) {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, table, detail, static_cast<std::uint16_t>(lock));
  return tag;
}

bool take_worker_lock(const LOCKTAG& lock, LOCKMODE mode) {
  return LockAcquireExtended(&lock, mode, true, true, false, nullptr) == LOCKACQUIRE_OK;
}

}  // namespace plait
