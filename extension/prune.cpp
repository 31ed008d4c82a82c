// extension/prune.cpp: plait.prune(): what nobody asks for any more goes. Events stay.

#include "extension/argument.h"
#include "extension/tick.h"

namespace plait {

// plait.prune(before timestamptz) -> bigint
PLAIT_FUNCTION(plait_prune) {
  pg([] {
    PreventCommandIfReadOnly("plait.prune()");
    PreventCommandDuringRecovery("plait.prune()");
  });
  if (!pg([] { return pg_database_ownercheck(MyDatabaseId, GetUserId()); }))
    refuse(Code::permission_denied, "this role may not prune the feed", "",
           "The database's owner may, for it ends what others can resume.");
  return Int64GetDatum(delete_ticks_before(PG_GETARG_TIMESTAMPTZ(0)));
}

}  // namespace plait
