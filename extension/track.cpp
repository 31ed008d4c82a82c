// extension/track.cpp: a table becomes a collection, and stops being one.

#include "extension/track.h"

#include <set>
#include <string>
#include <vector>

#include "extension/argument.h"
#include "extension/backfill.h"
#include "extension/capture.h"
#include "extension/columns.h"
#include "extension/new_collection.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/property_rows.h"
#include "extension/rekey.h"
#include "extension/resume.h"
#include "extension/table.h"

namespace plait {

namespace {

void set_tracked(int number, bool tracked) {
  pg([&] {
    Table table = open_table("collection", RowExclusiveLock);
    Probe probe = open_probe(table, 0, 1, SnapshotSelf);
    Datum key = Int32GetDatum(number);
    set_probe(probe, &key);
    if (next_row(probe, ForwardScanDirection)) {
      slot_getallattrs(probe.slot);
      probe.slot->tts_values[collection_tracked - 1] = BoolGetDatum(tracked);
      ItemPointerData tid = probe.slot->tts_tid;
      update_row(table, &tid, SnapshotSelf, probe.slot->tts_values, probe.slot->tts_isnull);
    }
    close_probe(probe);
    close_table(table);
    CommandCounterIncrement();
  });
}

// While it was not tracked, what was its key may have got the same values twice: the first row has
// the entity.
RowEntities without_doubles(RowEntities rows) {
  std::set<EntityId> seen;
  for (std::optional<EntityId>& entity : rows)
    if (entity && !seen.insert(*entity).second) entity.reset();
  return rows;
}

void write_history(Oid relation) {
  CollectionRef collection = collection_of(relation);
  std::int64_t rows = write_geneses(*collection);
  pg([&] {
    if (rows > 0)
      ereport(NOTICE, (errmsg("collection %s: %lld rows have their genesis",
                              collection->name.c_str(), static_cast<long long>(rows))));
  });
}

// A collection that the table is or was. Of one that is no longer tracked, what changed meanwhile
// becomes events.
void track_again(const Collection& collection, Oid relation) {
  if (collection.being_backfilled)
    refuse(Code::being_tracked,
           "collection " + collection.name + " is being tracked by plait.track_concurrently", "",
           "CALL plait.track_concurrently again goes on where it was; plait.progress shows how far "
           "it is; plait.untrack gives it up.");
  if (collection.tracked)
    return pg([&] {
      ereport(NOTICE, (errmsg("collection %s is tracked already", collection.name.c_str())));
    });
  if (collection.key.empty())
    refuse(Code::key_changed,
           "a column of the key that collection " + collection.name + " had is gone",
           collection.name,
           "Its rows cannot be found again in its history. Without that: a new table with another "
           "name.");
  set_tracked(collection.number, true);
  follow_columns(collection.number, relation);
  create_all_triggers(relation);
  invalidate(relation);
  CollectionRef now = collection_of(relation);
  if (has_columns_of_key(*now) && packs_as_before(collection, *now))
    write_differences(relation);
  else
    rekey(collection, without_doubles(entities_of_rows(*now)), true);
}

std::string track(const TrackWish& wish) {
  expect_owner(wish.relation);
  pg([&] { tables_under(wish.relation, ShareRowExclusiveLock); });
  own_node();
  pg([] { lock_collections(); });
  TableFacts facts = expect_trackable(wish);
  if (CollectionRef known = known_collection(wish)) {
    track_again(*known, wish.relation);
    return known->name;
  }
  begin_collection(facts, wish);
  write_history(wish.relation);
  return collection_of(wish.relation)->name;
}

}  // namespace

// plait.track(relation regclass, name text, merge jsonb) -> text
PLAIT_FUNCTION(plait_track) { return text_datum(track(track_wish(fcinfo))); }

// plait.untrack(relation regclass) -> text
PLAIT_FUNCTION(plait_untrack) {
  Oid relation = PG_GETARG_OID(0);
  expect_owner(relation);
  CollectionRef collection = collection_of(relation);
  const char* table = pg([&] {
    const char* name = get_rel_name(relation);
    tables_under(relation, ShareRowExclusiveLock);
    return name;
  });
  if (!collection || !collection->tracked || collection->relation != relation)
    refuse(Code::unknown_collection, std::string(table) + " is not tracked", "relation",
           "plait.status() lists the collections.");
  drop_all_triggers(relation);
  set_tracked(collection->number, false);
  pg([&] { delete_backfills(collection->number); });
  invalidate(relation);
  return text_datum(collection->name);
}

}  // namespace plait
