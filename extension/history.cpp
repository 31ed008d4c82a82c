// extension/history.cpp: the DAG as SQL: head, history, compare, meet, bridge, ancestors, winners.
//
// A walk of core asks for events, and the ledger's primary key gives them: its cost is the
// difference of two heads, not the length of the history. All of it is for who may SELECT the whole
// table.

#include <algorithm>

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/entity_events.h"
#include "extension/ledger.h"
#include "extension/recorded.h"
#include "extension/stored_event.h"

#include "core/dag/bridge.h"
#include "core/dag/walk.h"
#include "core/merge/winners.h"

namespace plait {

namespace {

constexpr const char* budget_hint = "Ask again with a greater budget.";

Budget budget_argument(FunctionCallInfo fcinfo, int argument) {
  int budget = PG_GETARG_INT32(argument);
  if (budget < 1)
    refuse(Code::bad_value, "the budget is " + std::to_string(budget), "budget",
           "Give the number of events that may be opened, one at least.");
  return Budget{static_cast<std::size_t>(budget)};
}

// Gives a walk what it asks for, until it has ended.
template <typename Walker>
void drive(Walker& walk, EntityEvents& events) {
  while (!walk.wanted().empty()) or_refuse(walk.give(events.links(walk.wanted())));
}

Walk walked(FunctionCallInfo fcinfo) {
  Walk walk(head_argument(fcinfo, 2), head_argument(fcinfo, 3), budget_argument(fcinfo, 4));
  EntityEvents events(entity_argument(fcinfo));
  drive(walk, events);
  events.close();
  return walk;
}

std::optional<TimestampTz> recorded_at(Recorded& recorded, TupleTableSlot* row) {
  struct Written {
    std::int16_t era;
    std::uint64_t xid;
  };
  Written written = pg([&] {
    bool is_null;
    return Written{DatumGetInt16(slot_getattr(row, event_era, &is_null)),
                   DatumGetUInt64(slot_getattr(row, event_xid, &is_null))};
  });
  return recorded.at(written.era, written.xid);
}

// Writes the rows of events in the order given.
void write_events(FunctionCallInfo fcinfo, EntityEvents& events, std::span<const EventId> ids) {
  MemoryContext row_memory = pg([&] {
    InitMaterializedSRF(fcinfo, 0);
    return AllocSetContextCreate(CurrentMemoryContext, "plait event", ALLOCSET_DEFAULT_SIZES);
  });
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  EventColumns columns;
  Recorded recorded(pg([] { return GetActiveSnapshot(); }));
  Datum values[EventColumns::count];
  bool nulls[EventColumns::count];
  for (const EventId& id : ids) {
    MemoryContext outer = pg([&] {
      MemoryContextReset(row_memory);
      return MemoryContextSwitchTo(row_memory);
    });
    TupleTableSlot* row = events.row(id);
    if (row == nullptr) refuse(Code::internal, "event " + to_text(id) + " is gone");
    columns.read(row, recorded_at(recorded, row), values, nulls);
    pg([&] {
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
      MemoryContextSwitchTo(outer);
    });
  }
}

std::vector<std::string> names_argument(FunctionCallInfo fcinfo, int argument) {
  struct Texts {
    Datum* values;
    bool* nulls;
    int count;
  };
  Texts texts = pg([&] {
    Texts found{};
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false, TYPALIGN_INT,
                      &found.values, &found.nulls, &found.count);
    for (int i = 0; i < found.count; ++i)
      found.values[i] = found.nulls[i] ? 0 : CStringGetDatum(TextDatumGetCString(found.values[i]));
    return found;
  });
  std::vector<std::string> names;
  for (int i = 0; i < texts.count; ++i)
    if (!texts.nulls[i]) names.emplace_back(DatumGetCString(texts.values[i]));
  return names;
}

void expect_properties(const Collection& collection, std::span<const std::string_view> names) {
  for (std::string_view name : names) {
    bool is_former = std::ranges::find(collection.former, name, &TrackedProperty::name) !=
                     collection.former.end();
    if (collection.property(name) == nullptr && !is_former)
      refuse(Code::unknown_property,
             "collection " + collection.name + " has no property " + std::string(name),
             "properties", "plait.schema() lists the properties.");
  }
}

// Feeds the entity's events to `winners` from the newest on, ever more of them until it has enough.
void look_back(Winners& winners, const std::vector<std::string_view>& properties, int collection,
               const EntityId& entity) {
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  for (std::int64_t limit = 64;; limit *= 16) {
    std::vector<StoredEvent> events = read_events(
        {.collection = collection, .entity = entity, .limit = limit, .newest_first = true},
        snapshot);
    winners = Winners(properties);
    for (const EventView& event : views(events)) {
      winners.add(event);
      if (winners.complete()) return;
    }
    if (static_cast<std::int64_t>(events.size()) < limit) return;
  }
}

}  // namespace

// plait.head(collection text, key text) -> plait.ulid[]
PLAIT_FUNCTION(plait_head) {
  NamedEntity named;
  try {
    named = entity_argument(fcinfo);
  } catch (const Refusal& refusal) {  // no entity, no head
    if (refusal.error().code != Code::not_found) throw;
    fcinfo->isnull = true;
    return static_cast<Datum>(0);
  }
  Head head;
  pg([&] {
    Ledger ledger;
    ledger.open(GetActiveSnapshot(), AccessShareLock);
    ledger.head(named.collection->number, named.entity, head);
    ledger.close();
  });
  return head_datum(head);
}

// plait.history(collection text, key text, budget integer) -> setof event
PLAIT_FUNCTION(plait_history) {
  Budget budget = budget_argument(fcinfo, 2);
  EntityEvents events(entity_argument(fcinfo));
  std::vector<EventId> ids = events.ids(budget.events + 1);
  if (ids.size() > budget.events)
    refuse(Code::budget_exceeded,
           "the entity has more than " + std::to_string(budget.events) + " events", "budget",
           budget_hint);
  write_events(fcinfo, events, ids);
  events.close();
  return static_cast<Datum>(0);
}

// plait.compare(collection text, key text, ours plait.ulid[], theirs plait.ulid[], budget integer)
// -> text
PLAIT_FUNCTION(plait_compare) { return text_datum(name(walked(fcinfo).relation())); }

// plait.meet(collection text, key text, ours plait.ulid[], theirs plait.ulid[], budget integer) ->
// plait.ulid[]
PLAIT_FUNCTION(plait_meet) {
  Walk walk = walked(fcinfo);
  if (walk.relation() == Relation::budget_exceeded)
    refuse(Code::budget_exceeded, "the heads do not meet within the budget", "budget", budget_hint);
  return head_datum(walk.meet());
}

// plait.bridge(collection text, key text, known plait.ulid[], wanted plait.ulid[], budget integer)
// -> setof event
PLAIT_FUNCTION(plait_bridge) {
  Bridge bridge(head_argument(fcinfo, 2), head_argument(fcinfo, 3), budget_argument(fcinfo, 4));
  EntityEvents events(entity_argument(fcinfo));
  drive(bridge, events);
  if (bridge.budget_exceeded())
    refuse(Code::budget_exceeded, "the bridge is longer than the budget", "budget", budget_hint);
  write_events(fcinfo, events, bridge.parents_first());
  events.close();
  return static_cast<Datum>(0);
}

// plait.ancestors(collection text, key text, head plait.ulid[], budget integer) -> setof event
PLAIT_FUNCTION(plait_ancestors) {
  Bridge walk = ancestors(head_argument(fcinfo, 2), budget_argument(fcinfo, 3));
  EntityEvents events(entity_argument(fcinfo));
  drive(walk, events);
  write_events(fcinfo, events, walk.newest_first());
  events.close();
  return static_cast<Datum>(0);
}

// plait.winners(collection text, entity plait.ulid, properties text[]) -> jsonb
PLAIT_FUNCTION(plait_winners) {
  CollectionRef collection = expect_collection(text_argument(fcinfo, 0), true);
  expect_readable(*collection);
  EntityId entity(datum_ulid(PG_GETARG_DATUM(1)));
  std::vector<std::string> names = names_argument(fcinfo, 2);
  std::vector<std::string_view> properties(names.begin(), names.end());
  expect_properties(*collection, properties);
  Winners winners(properties);
  look_back(winners, properties, collection->number, entity);
  Json json = Json::object();
  for (const auto& [property, event] : winners.found())
    json.set(property, Json::string(to_text(event)));
  return jsonb_datum(to_text(json));
}

}  // namespace plait
