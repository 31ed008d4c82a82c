// extension/subtransaction.h: work that can be undone alone.
#pragma once

#include "extension/wall.h"

namespace plait {

// Where a subtransaction began, and where its end goes back to.
struct Subtransaction {
  MemoryContext memory;
  ResourceOwner owner;
};

Subtransaction begin_subtransaction();
void end_subtransaction(const Subtransaction& outer, bool keep);

// Runs `work`, which says whether to keep what it did; what it throws undoes it. In the caller's
// memory. Outside pg().
template <typename Work>
void in_subtransaction(Work work) {
  Subtransaction outer = begin_subtransaction();
  bool keep;
  try {
    keep = work();
  } catch (...) {
    end_subtransaction(outer, false);
    throw;
  }
  end_subtransaction(outer, keep);
}

}  // namespace plait
