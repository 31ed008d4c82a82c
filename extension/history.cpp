// extension/history.cpp: the DAG as SQL: head, history, compare, meet, bridge, ancestors, winners.
//
// A walk of core asks for events, and the ledger's primary key gives them: its cost is the
// difference of two heads, not the length of the history. Who sees the whole table gets events as
// they are; a net reader gets of visible entities what still holds of what he sees (net_history).

#include <algorithm>

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/entity_events.h"
#include "extension/net_history.h"
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

// Writes the rows of events in the order given; for a net reader those of them that are in `net`.
class EventWriter {
 public:
  explicit EventWriter(FunctionCallInfo fcinfo) {
    row_memory_ = pg([&] {
      InitMaterializedSRF(fcinfo, 0);
      return AllocSetContextCreate(CurrentMemoryContext, "plait event", ALLOCSET_DEFAULT_SIZES);
    });
    result_ = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  }

  void write(EntityEvents& events, std::span<const EventId> ids) {
    EventColumns columns;
    Recorded recorded(pg([] { return GetActiveSnapshot(); }));
    for (const EventId& id : ids)
      put([&] {
        TupleTableSlot* row = events.row(id);
        if (row == nullptr) refuse(Code::internal, "event " + to_text(id) + " is gone");
        columns.read(row, recorded_at(recorded, row), values_, nulls_);
      });
  }

  void write_net(const std::map<EventId, std::string>& net, std::span<const EventId> ids) {
    for (const EventId& id : ids)
      if (auto event = net.find(id); event != net.end())
        put([&] {
          Datum operations = jsonb_datum(event->second);
          pg([&] { net_event_columns(id, operations, std::nullopt, values_, nulls_); });
        });
  }

 private:
  template <typename Fill>
  void put(Fill fill) {
    MemoryContext outer = pg([&] {
      MemoryContextReset(row_memory_);
      return MemoryContextSwitchTo(row_memory_);
    });
    fill();
    pg([&] {
      tuplestore_putvalues(result_->setResult, result_->setDesc, values_, nulls_);
      MemoryContextSwitchTo(outer);
    });
  }

  MemoryContext row_memory_;
  ReturnSetInfo* result_;
  Datum values_[EventColumns::count];
  bool nulls_[EventColumns::count];
};

void expect_within(const Budget& budget, std::size_t events) {
  if (events > budget.events)
    refuse(Code::budget_exceeded,
           "the entity has more than " + std::to_string(budget.events) + " events", "budget",
           budget_hint);
}

void write_net_history(FunctionCallInfo fcinfo, const NamedEntity& named, const Budget& budget) {
  std::map<EventId, std::string> net = net_events(named);
  expect_within(budget, net.size());
  std::vector<EventId> ids;
  for (const auto& [id, operations] : net) ids.push_back(id);
  EventWriter(fcinfo).write_net(net, ids);
}

void write_events(FunctionCallInfo fcinfo, const NamedEntity& named, EntityEvents& events,
                  std::span<const EventId> ids) {
  EventWriter writer(fcinfo);
  if (named.row)
    writer.write_net(net_events(named), ids);
  else
    writer.write(events, ids);
  events.close();
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

// Refuses unknown_property, also of what the caller does not see.
void expect_properties(const Collection& collection, Sight sight,
                       std::span<const std::string_view> names) {
  for (std::string_view name : names) {
    const TrackedProperty* property = collection.property(name);
    bool is_former = std::ranges::find(collection.former, name, &TrackedProperty::name) !=
                     collection.former.end();
    bool is_there =
        sight == Sight::whole
            ? property != nullptr || is_former
            : property != nullptr && pg([&] { return may_select(collection, *property); });
    if (!is_there)
      refuse(Code::unknown_property,
             "collection " + collection.name + " has no property " + std::string(name),
             "properties", "plait.schema() lists the properties.");
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
  return head_datum(head_of(*named.collection, named.entity));
}

// plait.history(collection text, key text, budget integer) -> setof event
PLAIT_FUNCTION(plait_history) {
  Budget budget = budget_argument(fcinfo, 2);
  NamedEntity named = entity_argument(fcinfo);
  if (named.row) {  // how many events there are in all is not for him
    write_net_history(fcinfo, named, budget);
    return static_cast<Datum>(0);
  }
  EntityEvents events(named);
  std::vector<EventId> ids = events.ids(budget.events + 1);
  expect_within(budget, ids.size());
  EventWriter(fcinfo).write(events, ids);
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
  NamedEntity named = entity_argument(fcinfo);
  EntityEvents events(named);
  drive(bridge, events);
  if (bridge.budget_exceeded())
    refuse(Code::budget_exceeded, "the bridge is longer than the budget", "budget", budget_hint);
  write_events(fcinfo, named, events, bridge.parents_first());
  return static_cast<Datum>(0);
}

// plait.ancestors(collection text, key text, head plait.ulid[], budget integer) -> setof event
PLAIT_FUNCTION(plait_ancestors) {
  Bridge walk = ancestors(head_argument(fcinfo, 2), budget_argument(fcinfo, 3));
  NamedEntity named = entity_argument(fcinfo);
  EntityEvents events(named);
  drive(walk, events);
  write_events(fcinfo, named, events, walk.newest_first());
  return static_cast<Datum>(0);
}

// plait.winners(collection text, entity plait.ulid, properties text[]) -> jsonb
PLAIT_FUNCTION(plait_winners) {
  CollectionRef collection = expect_collection(text_argument(fcinfo, 0), true);
  Sight sight = expect_visible(*collection);
  EntityId entity(datum_ulid(PG_GETARG_DATUM(1)));
  std::vector<std::string> names = names_argument(fcinfo, 2);
  std::vector<std::string_view> properties(names.begin(), names.end());
  expect_properties(*collection, sight, properties);
  Winners winners(properties);
  if (sight == Sight::whole || NetView(collection).row(entity))
    visit_newest_first(collection->number, entity, pg([] { return GetActiveSnapshot(); }),
                       [&](const EventView& event) {
                         winners.add(event);
                         return !winners.complete();
                       });
  Json json = Json::object();
  for (const auto& [property, event] : winners.found())
    json.set(property, Json::string(to_text(event)));
  return jsonb_datum(to_text(json));
}

}  // namespace plait
