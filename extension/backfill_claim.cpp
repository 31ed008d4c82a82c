// extension/backfill_claim.cpp: one process at a time gives a table's rows their geneses.

#include "extension/backfill_claim.h"

#include "extension/table.h"

namespace plait {

namespace {

LOCKTAG tag_of(Oid relation) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, plait_relation("backfill"), relation, 0);
  return tag;
}

}  // namespace

bool claim_backfill(Oid relation) {
  LOCKTAG tag = tag_of(relation);
  return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

void release_claim(Oid relation) {
  LOCKTAG tag = tag_of(relation);
  LockRelease(&tag, ExclusiveLock, true);
}

List* backfill_claims() {
  LOCKTAG any = tag_of(InvalidOid);
  List* claims = NIL;
  LockData* locks = GetLockStatusData();
  for (int i = 0; i < locks->nelements; ++i) {
    const LockInstanceData& lock = locks->locks[i];
    bool is_claim = lock.locktag.locktag_type == LOCKTAG_OBJECT &&
                    lock.locktag.locktag_field1 == any.locktag_field1 &&
                    lock.locktag.locktag_field2 == any.locktag_field2 &&
                    (lock.holdMask & LOCKBIT_ON(ExclusiveLock)) != 0;
    if (!is_claim) continue;
    auto* claim = static_cast<BackfillClaim*>(palloc(sizeof(BackfillClaim)));
    *claim = {lock.locktag.locktag_field3, lock.pid};
    claims = lappend(claims, claim);
  }
  return claims;
}

int claimed_by(Oid relation) {
  ListCell* cell;
  foreach (cell, backfill_claims()) {
    auto* claim = static_cast<BackfillClaim*>(lfirst(cell));
    if (claim->relation == relation) return claim->pid;
  }
  return 0;
}

}  // namespace plait
