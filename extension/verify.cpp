// extension/verify.cpp: what must hold of a collection, recomputed from its events: plait.verify().
//
//   events    each id is its content's, greater than its parents', which are events of the entity;
//             one genesis
//   head      what plait.entity or the newest event says is the frontier of the DAG
//   triggers  every table of it has them, firing always
//   state     the table's rows are the fold: one a living entity, the values of its properties
//
// It reads with one snapshot and writes nothing. Cost: the whole history.

#include <algorithm>
#include <optional>
#include <vector>

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/backfill.h"
#include "extension/divergence.h"
#include "extension/entity_events.h"
#include "extension/key.h"
#include "extension/merge_view.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/row_places.h"
#include "extension/spi.h"
#include "extension/stored_event.h"
#include "extension/triggers.h"

#include "core/dag/head.h"
#include "core/merge/fold.h"

namespace plait {

namespace {

class Verification {
 public:
  Verification(FunctionCallInfo fcinfo, const Collection& collection)
      : collection_(collection),
        properties_(properties_of(collection)),
        result_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)),
        snapshot_(pg([] { return GetActiveSnapshot(); })) {}

  void run() {
    int level = pg([&] {
      // A table that is no longer tracked goes its own way.
      has_table_ = collection_.tracked && get_rel_name(collection_.relation) != nullptr;
      is_being_backfilled_ = plait::is_being_backfilled(collection_.number, snapshot_);
      if (!has_table_) return -1;
      rows_.open(collection_, snapshot_);
      return pin_settings();
    });
    if (has_table_) {
      check_triggers();
      place_rows();
    }
    for_each_entity(collection_.number, snapshot_,
                    [&](const EntityId& entity) { check_entity(entity); });
    if (!has_table_) return;
    pg([&] {
      unpin_settings(level);
      rows_.close();
    });
  }

 private:
  // Of an entity, or of the whole collection.
  void tell(const std::optional<EntityId>& entity, const char* problem, const std::string& detail) {
    Datum values[4] = {text_datum(collection_.name), entity ? ulid_datum(*entity) : 0,
                       text_datum(problem), text_datum(detail)};
    bool nulls[4] = {false, !entity, false, false};
    pg([&] { tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls); });
  }

  void check_triggers() {
    List* tables = pg([&] { return tables_under(collection_.relation, AccessShareLock); });
    for (int i = 0; i < list_length(tables); ++i) {
      Oid table = list_nth_oid(tables, i);
      const char* silent = pg([&] { return silent_trigger(table); });
      if (silent != nullptr)
        tell(std::nullopt, "not_captured", std::string("trigger ") + silent + " of " + pg([&] {
                                             return qualified_name(table);
                                           }) + " is gone or not ENABLE ALWAYS");
    }
  }

  void place_rows() {
    places_ =
        row_places(collection_, snapshot_, [&](const EntityId& entity, const std::string& key) {
          if (!is_being_backfilled_)
            tell(entity, "unrecorded_row", "the row with key " + key + " has no event");
        });
    for (std::size_t i = 1; i < places_.size(); ++i)
      if (places_[i - 1].entity == places_[i].entity)
        tell(places_[i].entity, "two_rows", "two rows are this entity");
  }

  void check_entity(const EntityId& entity) {
    std::vector<StoredEvent> events = read_events({collection_.number, entity}, snapshot_);
    Head head;
    for (const StoredEvent& event : events) {
      check_stored_event(entity, event, events);
      head = advance(head, event.id, event.parents);
    }
    check_geneses(entity, events);
    check_head(entity, head);
    auto state = fold(properties_, views(events));
    if (!state) return tell(entity, name(state.error().code).data(), state.error().what);
    check_row(entity, *state);
  }

  void check_stored_event(const EntityId& entity, const StoredEvent& stored,
                          const std::vector<StoredEvent>& events) {
    Event event{.id = stored.id,
                .collection = collection_.name,
                .entity = entity,
                .parents = stored.parents,
                .operations = stored.operations,
                .origin = origin(stored.origin),
                .salt = stored.salt};
    if (event.is_genesis() && EntityId(event.id) == entity) event.entity.reset();
    if (Status checked = check_event(event); !checked)
      tell(entity, name(checked.error().code).data(), checked.error().what);
    for (const EventId& parent : event.parents)
      if (!std::ranges::binary_search(events, parent, {}, &StoredEvent::id))
        tell(entity, "missing_parents", to_text(event.id) + " names " + to_text(parent));
  }

  void check_geneses(const EntityId& entity, const std::vector<StoredEvent>& events) {
    auto geneses = std::ranges::count_if(
        events, [](const StoredEvent& event) { return event.parents.empty(); });
    if (geneses != 1) tell(entity, "geneses", std::to_string(geneses) + " events have no parents");
  }

  void check_head(const EntityId& entity, const Head& expected) {
    Head stored = head_of(collection_, entity);
    if (stored == expected) return;
    std::string detail = "stored:";
    for (const EventId& event : stored) detail += " " + to_text(event);
    detail += ", by the events:";
    for (const EventId& event : expected) detail += " " + to_text(event);
    tell(entity, "wrong_head", detail);
  }

  void check_row(const EntityId& entity, const State& state) {
    if (!has_table_) return;
    const RowPlace* place = row_of(places_, entity);
    if ((place != nullptr) != (state.life == Life::alive))
      return tell(entity, place != nullptr ? "row_unexpected" : "row_missing",
                  "by its events the entity is " + std::string(name(state.life)));
    if (place == nullptr) return;
    bool id_says_key = pg([&] {
      row_ = rows_.fetch(*place);
      EntityId natural;
      return natural_id(collection_, row_, &natural) && natural == entity;
    });
    Json folded = values_of(collection_, properties_, entity, state);
    for (const TrackedProperty& property : collection_.properties)
      if (!property.derived && !(id_says_key && property.key_position >= 0))
        check_value(entity, property, folded);
  }

  void check_value(const EntityId& entity, const TrackedProperty& property, const Json& folded) {
    std::string row_text;
    pg([&] { append_row_value(row_text, property, row_); });
    const Json* value = folded.find(property.name);
    if (agrees(property, row_text, value)) return;
    tell(entity, "wrong_value",
         property.name + " is " + row_text + ", by its events " +
             (value == nullptr ? "null" : to_text(*value)));
  }

  NodeId origin(int number) {
    auto known = std::ranges::find(origins_, number, &std::pair<int, NodeId>::first);
    if (known == origins_.end()) {
      origins_.emplace_back(number, node_id(number));
      known = std::prev(origins_.end());
    }
    return known->second;
  }

  const Collection& collection_;
  Properties properties_;
  ReturnSetInfo* result_;
  Snapshot snapshot_;
  bool has_table_ = false;
  bool is_being_backfilled_ = false;  // rows without events have their turn yet
  RowFetch rows_;
  TupleTableSlot* row_ = nullptr;  // of the entity that is checked
  RowPlaces places_;
  std::vector<std::pair<int, NodeId>> origins_;
};

}  // namespace

// plait.verify(name text DEFAULT NULL) -> setof (collection, entity, problem, detail)
PLAIT_FUNCTION(plait_verify) {
  std::vector<CollectionRef> collections = whole_collections(fcinfo, 0);
  pg([&] { InitMaterializedSRF(fcinfo, 0); });
  for (const CollectionRef& collection : collections) Verification(fcinfo, *collection).run();
  return static_cast<Datum>(0);
}

}  // namespace plait
