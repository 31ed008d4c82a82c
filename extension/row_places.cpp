// extension/row_places.cpp: where the row of each entity of a tracked table lies.

#include "extension/row_places.h"

#include <algorithm>

#include "extension/identity.h"
#include "extension/key.h"

namespace plait {

RowPlaces row_places(const Collection& collection, Snapshot snapshot,
                     const Unrecorded& unrecorded) {
  RowPlaces places;
  RowScan scan;
  Ledger ledger;
  MemoryContext outer = pg([&] {
    scan.open(collection, collection.relation, snapshot);
    ledger.open(snapshot, AccessShareLock);
    return MemoryContextSwitchTo(
        AllocSetContextCreate(CurrentMemoryContext, "plait row", ALLOCSET_DEFAULT_SIZES));
  });
  std::string key;
  Identity identity{};
  auto next = [&] {
    CHECK_FOR_INTERRUPTS();
    MemoryContextReset(CurrentMemoryContext);
    if (!scan.next()) return false;
    append_key(key, collection, scan.row());
    identity = entity_of_key(ledger, collection, scan.row(), key);
    return true;
  };
  for (; key.clear(), pg(next);) {
    if (identity.known)
      places.push_back({identity.entity, scan.place()});
    else
      unrecorded(identity.entity, key);
  }
  pg([&] {
    MemoryContextDelete(MemoryContextSwitchTo(outer));
    scan.close();
    ledger.close();
  });
  std::ranges::sort(places, {}, &EntityPlace::entity);
  return places;
}

const RowPlace* row_of(const RowPlaces& places, const EntityId& entity) {
  auto place = std::ranges::lower_bound(places, entity, {}, &EntityPlace::entity);
  return place != places.end() && place->entity == entity ? &place->row : nullptr;
}

}  // namespace plait
