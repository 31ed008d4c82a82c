// extension/stored_event.cpp: events of one entity as they stand in plait.event.

#include "extension/stored_event.h"

#include <algorithm>
#include <cstring>

#include "extension/columns.h"

namespace plait {

namespace {

// A row as Postgres gives it; copied into C++ once nothing can jump any more.
struct RawEvent {
  EventId id;
  std::uint64_t xid;
  std::int64_t salt;
  bool erased;
  int origin;
  int actor;
  std::int16_t era;
  const EventId* parents;
  int parent_count;
  char* operations;
  char* context;
};

RawEvent read_row(TupleTableSlot* slot) {
  slot_getallattrs(slot);
  const Datum* value = slot->tts_values;
  RawEvent raw{};
  raw.id = EventId(datum_ulid(value[event_id - 1]));
  raw.xid = DatumGetUInt64(value[event_xid - 1]);
  raw.erased = slot->tts_isnull[event_salt - 1];
  raw.salt = raw.erased ? 0 : DatumGetInt64(value[event_salt - 1]);
  raw.origin = DatumGetInt32(value[event_origin - 1]);
  raw.actor = DatumGetInt32(value[event_actor - 1]);
  raw.era = DatumGetInt16(value[event_era - 1]);
  bytea* parents = DatumGetByteaPCopy(value[event_parents - 1]);
  raw.parents = reinterpret_cast<const EventId*>(VARDATA(parents));
  raw.parent_count = static_cast<int>(VARSIZE_ANY_EXHDR(parents) / sizeof(Ulid));
  raw.operations = JsonbToCString(nullptr, &DatumGetJsonbP(value[event_operations - 1])->root, 0);
  raw.context = JsonbToCString(nullptr, &DatumGetJsonbP(value[event_context - 1])->root, 0);
  return raw;
}

Json json_of(const char* text) {
  auto json = parse_json(text, {stored_json_depth_max});
  return json ? *std::move(json) : Json::object();
}

StoredEvent stored(const RawEvent& raw) {
  StoredEvent event;
  event.id = raw.id;
  event.parents.assign(raw.parents, raw.parents + raw.parent_count);
  event.operations = json_of(raw.operations);
  if (!raw.erased) event.salt = static_cast<std::uint64_t>(raw.salt);
  event.origin = raw.origin;
  event.actor = raw.actor;
  event.era = raw.era;
  event.xid = raw.xid;
  event.context = json_of(raw.context);
  return event;
}

// Up to `limit` rows of an entity from `from` on.
List* read_raw(const EventRange& range, Snapshot snapshot) {
  List* rows = NIL;
  Table table = open_table("event", AccessShareLock);
  Relation index = table.indexes[0].relation;
  ScanKeyData keys[4];
  int count = 0;
  auto where = [&](int column, StrategyNumber strategy, Datum value) {
    Oid type = index->rd_opcintype[column];
    Oid compares =
        get_opfamily_member(index->rd_opfamily[column], type, type, static_cast<int16>(strategy));
    ScanKeyInit(&keys[count++], static_cast<AttrNumber>(column + 1), strategy, get_opcode(compares),
                value);
  };
  where(0, BTEqualStrategyNumber, Int32GetDatum(range.collection));
  where(1, BTEqualStrategyNumber, ulid_datum(range.entity));
  where(2, BTGreaterEqualStrategyNumber, ulid_datum(range.from));
  if (range.before) where(2, BTLessStrategyNumber, ulid_datum(*range.before));
  TupleTableSlot* slot = table_slot_create(table.relation, nullptr);
  IndexScanDesc scan = index_beginscan(table.relation, index, snapshot, count, 0);
  index_rescan(scan, keys, count, nullptr, 0);
  ScanDirection direction = range.newest_first ? BackwardScanDirection : ForwardScanDirection;
  while (range.limit < 0 || list_length(rows) < range.limit) {
    if (!index_getnext_slot(scan, direction, slot)) break;
    CHECK_FOR_INTERRUPTS();
    auto* raw = static_cast<RawEvent*>(palloc(sizeof(RawEvent)));
    *raw = read_row(slot);
    rows = lappend(rows, raw);
  }
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  close_table(table);
  return rows;
}

std::vector<StoredEvent> all_stored(List* rows) {
  std::vector<StoredEvent> events;
  events.reserve(static_cast<std::size_t>(list_length(rows)));
  ListCell* cell;
  foreach (cell, rows) events.push_back(stored(*static_cast<RawEvent*>(lfirst(cell))));
  return events;
}

}  // namespace

std::vector<StoredEvent> read_events(const EventRange& range, Snapshot snapshot) {
  return all_stored(pg([&] { return read_raw(range, snapshot); }));
}

Histories::Histories(Snapshot snapshot) {
  pg([&] {
    table_ = open_table("event", AccessShareLock);
    probe_ = open_probe(table_, 0, 2, snapshot);
  });
}

std::vector<StoredEvent> Histories::of(int collection, const EntityId& entity) {
  return all_stored(pg([&] {
    List* rows = NIL;
    Datum keys[2] = {Int32GetDatum(collection), ulid_datum(entity)};
    set_probe(probe_, keys);
    while (next_row(probe_, ForwardScanDirection)) {
      CHECK_FOR_INTERRUPTS();
      auto* raw = static_cast<RawEvent*>(palloc(sizeof(RawEvent)));
      *raw = read_row(probe_.slot);
      rows = lappend(rows, raw);
    }
    return rows;
  }));
}

void Histories::close() {
  pg([&] {
    close_probe(probe_);
    close_table(table_);
  });
}

std::optional<StoredEvent> read_event(int collection, const EntityId& entity, const EventId& id,
                                      Snapshot snapshot) {
  auto events = read_events({collection, entity, id, 1}, snapshot);
  if (events.empty() || events.front().id != id) return std::nullopt;
  return std::move(events.front());
}

bool is_stored(int collection, const EntityId& entity, const EventId& id) {
  return pg([&] {
    const Datum keys[3] = {Int32GetDatum(collection), ulid_datum(entity), ulid_datum(id)};
    Table table = open_table("event", AccessShareLock);
    for (;;) {
      SnapshotData dirty;
      InitDirtySnapshot(dirty);
      Probe probe = open_probe(table, 0, 3, &dirty);
      set_probe(probe, keys);
      bool found = next_row(probe, ForwardScanDirection);
      close_probe(probe);
      if (!found || !TransactionIdIsValid(dirty.xmin)) {
        close_table(table);
        return found;
      }
      XactLockTableWait(dirty.xmin, nullptr, nullptr, XLTW_None);
    }
  });
}

void visit_newest_first(int collection, const EntityId& entity, Snapshot snapshot,
                        const std::function<bool(const EventView&)>& visit) {
  constexpr std::int64_t first_page = 64;
  constexpr std::int64_t page_max = 4'096;
  MemoryContext page_memory = pg([] {
    return AllocSetContextCreate(CurrentMemoryContext, "plait events", ALLOCSET_DEFAULT_SIZES);
  });
  EventRange range{.collection = collection, .entity = entity, .newest_first = true};
  for (range.limit = first_page;; range.limit = std::min(page_max, range.limit * 4)) {
    MemoryContext outer = pg([&] { return MemoryContextSwitchTo(page_memory); });
    std::vector<StoredEvent> events = read_events(range, snapshot);
    pg([&] {
      MemoryContextSwitchTo(outer);
      MemoryContextReset(page_memory);
    });
    auto ends = [&](const EventView& event) { return !visit(event); };
    if (std::ranges::any_of(views(events), ends)) break;
    if (static_cast<std::int64_t>(events.size()) < range.limit) break;
    range.before = events.back().id;
  }
  pg([&] { MemoryContextDelete(page_memory); });
}

std::vector<EventView> views(const std::vector<StoredEvent>& events) {
  std::vector<EventView> views;
  views.reserve(events.size());
  for (const StoredEvent& event : events) {
    // A joining event has none.
    auto operations = read_operations(event.operations);
    views.push_back({event.id, event.parents, operations ? *operations : Operations{}});
  }
  return views;
}

}  // namespace plait
