// extension/backfill_claim.h: one process at a time gives a table's rows their geneses: a lock of
// its session, by which others find it.
//
// It outlives the transactions of the CALL and goes with the CALL's error or the session's end.
// Everything here runs inside pg().
#pragma once

#include "extension/wall.h"

namespace plait {

struct BackfillClaim {
  Oid relation;  // the collection's table
  int pid;
};

// False: another process has it.
bool claim_backfill(Oid relation);
void release_claim(Oid relation);

// All that there are in this database: palloc'd BackfillClaim.
List* backfill_claims();
// 0: nobody.
int claimed_by(Oid relation);

}  // namespace plait
