// extension/entity_events.cpp: one entity's events for readers of its history: links and rows, by
// id.

#include "extension/entity_events.h"

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/entity_key.h"
#include "extension/key.h"
#include "extension/ledger.h"

namespace plait {

namespace {

std::string key_array_argument(const Collection& collection, const std::string& key) {
  try {
    return key_of_argument(collection, key.c_str());
  } catch (const PgError& error) {  // the key column's input function: still an error, of ours
    refuse(Code::bad_value, error.data().message, "key",
           "Give the value of " + collection.name + "'s key as text.");
  }
}

bool has_events(int collection, const EntityId& entity) {
  return pg([&] {
    Table table = open_table("event", AccessShareLock);
    Probe probe = open_probe(table, 0, 2, GetActiveSnapshot());
    Datum keys[2] = {Int32GetDatum(collection), ulid_datum(entity)};
    set_probe(probe, keys);
    bool found = next_row(probe, ForwardScanDirection);
    close_probe(probe);
    close_table(table);
    return found;
  });
}

}  // namespace

NamedEntity entity_argument(FunctionCallInfo fcinfo) {
  NamedEntity named{expect_collection(text_argument(fcinfo, 0), true), {}, {}};
  const Collection& collection = *named.collection;
  Sight sight = expect_visible(collection);
  if (collection.key.empty()) {
    const char* lost = collection.columns == nullptr ? "the table" : "a column of the key";
    refuse(Code::unknown_collection,
           std::string(lost) + " of collection " + collection.name +
               " is gone, and with it the form of its keys",
           "", "plait.changes still tells its events.");
  }
  std::string key = text_argument(fcinfo, 1);
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  std::optional<NetView> view;
  if (sight == Sight::net) view.emplace(named.collection);
  auto entity = entity_with_key(collection, key_array_argument(collection, key), snapshot);
  if (entity && view) named.row = view->row(*entity);
  if (!entity || (view && !named.row) || !has_events(collection.number, *entity))
    refuse(Code::not_found, "collection " + collection.name + " has no entity with key " + key,
           "key", "A row that is not in history yet was written while its table was not tracked.");
  named.entity = *entity;
  return named;
}

Head head_of(const Collection& collection, const EntityId& entity) {
  Head head;
  pg([&] {
    Ledger ledger;
    ledger.open(GetActiveSnapshot(), AccessShareLock);
    ledger.head(collection.number, entity, head);
    ledger.close();
  });
  return head;
}

bool has_entities(int collection, Snapshot snapshot) {
  return pg([&] {
    Table table = open_table("event", AccessShareLock);
    Probe probe = open_probe(table, 0, 1, snapshot);
    Datum number = Int32GetDatum(collection);
    set_probe(probe, &number);
    bool found = next_row(probe, ForwardScanDirection);
    close_probe(probe);
    close_table(table);
    return found;
  });
}

void for_each_entity(int collection, Snapshot snapshot,
                     const std::function<void(const EntityId&)>& visit) {
  Table table{};
  Probe first;
  Probe successor;
  MemoryContext outer = pg([&] {
    table = open_table("event", AccessShareLock);
    first = open_probe(table, 0, 1, snapshot);
    successor = open_probe(table, 0, 2, snapshot, BTGreaterStrategyNumber);
    return MemoryContextSwitchTo(
        AllocSetContextCreate(CurrentMemoryContext, "plait entity", ALLOCSET_DEFAULT_SIZES));
  });
  EntityId entity;
  auto next = [&](Probe& probe) {
    return pg([&] {
      CHECK_FOR_INTERRUPTS();
      MemoryContextReset(CurrentMemoryContext);
      Datum from[2] = {Int32GetDatum(collection), ulid_datum(entity)};
      set_probe(probe, from);
      bool found = next_row(probe, ForwardScanDirection);
      bool is_null;
      if (found) entity = EntityId(datum_ulid(slot_getattr(probe.slot, event_entity, &is_null)));
      return found;
    });
  };
  for (bool more = next(first); more; more = next(successor)) visit(entity);
  pg([&] {
    MemoryContextDelete(MemoryContextSwitchTo(outer));
    close_probe(successor);
    close_probe(first);
    close_table(table);
  });
}

EntityEvents::EntityEvents(const NamedEntity& entity)
    : collection_(entity.collection->number), entity_(entity.entity) {
  pg([&] {
    table_ = open_table("event", AccessShareLock);
    by_id_ = open_probe(table_, 0, 3, GetActiveSnapshot());
  });
}

// Inside pg().
bool EntityEvents::find(const EventId& event) {
  Datum keys[3] = {Int32GetDatum(collection_), ulid_datum(entity_), ulid_datum(event)};
  set_probe(by_id_, keys);
  return next_row(by_id_, ForwardScanDirection);
}

std::vector<Links> EntityEvents::links(std::span<const EventId> events) {
  std::vector<Links> found;
  for (const EventId& event : events) {
    bytea* parents = pg([&]() -> bytea* {
      CHECK_FOR_INTERRUPTS();
      if (!find(event)) return nullptr;
      bool is_null;
      return DatumGetByteaPP(slot_getattr(by_id_.slot, event_parents, &is_null));
    });
    if (parents == nullptr) continue;
    auto* first = reinterpret_cast<const EventId*>(VARDATA_ANY(parents));
    found.push_back({event, {first, first + VARSIZE_ANY_EXHDR(parents) / sizeof(Ulid)}});
  }
  return found;
}

TupleTableSlot* EntityEvents::row(const EventId& event) {
  return pg([&] { return find(event) ? by_id_.slot : nullptr; });
}

std::vector<EventId> EntityEvents::ids(std::size_t count) {
  std::vector<EventId> ids;
  Probe probe = pg([&] {
    Probe all = open_probe(table_, 0, 2, GetActiveSnapshot());
    Datum keys[2] = {Int32GetDatum(collection_), ulid_datum(entity_)};
    set_probe(all, keys);
    return all;
  });
  EventId id;
  auto next = [&] {
    CHECK_FOR_INTERRUPTS();
    bool is_null;
    if (!next_row(probe, ForwardScanDirection)) return false;
    id = EventId(datum_ulid(slot_getattr(probe.slot, event_id, &is_null)));
    return true;
  };
  while (ids.size() < count && pg(next)) ids.push_back(id);
  pg([&] { close_probe(probe); });
  return ids;
}

void EntityEvents::close() {
  pg([&] {
    close_probe(by_id_);
    close_table(table_);
  });
}

}  // namespace plait
