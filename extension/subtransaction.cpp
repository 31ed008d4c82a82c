// extension/subtransaction.cpp: work that can be undone alone.

#include "extension/subtransaction.h"

namespace plait {

Subtransaction begin_subtransaction() {
  return pg([] {
    Subtransaction outer{CurrentMemoryContext, CurrentResourceOwner};
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(outer.memory);
    return outer;
  });
}

void end_subtransaction(const Subtransaction& outer, bool keep) {
  pg([&] {
    if (keep)
      ReleaseCurrentSubTransaction();
    else
      RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(outer.memory);
    CurrentResourceOwner = outer.owner;
  });
}

}  // namespace plait
