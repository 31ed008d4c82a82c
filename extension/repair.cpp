// extension/repair.cpp: plait.repair(): a table and its events agree again, by the word of one of
// them.
//
//   triggers, heads   are as they should be, in any case
//   'table'           the rows are right: what they say otherwise becomes events
//   'events'          the events are right: rows are written, as the caller, until they are
//                     the fold
//
// All of it happens in a subtransaction, which is undone unless the caller said apply: so what is
// told beforehand is what would happen, constraints and triggers included.

#include <algorithm>
#include <optional>
#include <vector>

#include "core/dag/head.h"
#include "core/merge/fold.h"
#include "extension/access.h"
#include "extension/argument.h"
#include "extension/divergence.h"
#include "extension/entity_events.h"
#include "extension/entity_key.h"
#include "extension/follow_up.h"
#include "extension/key.h"
#include "extension/merge_view.h"
#include "extension/partition.h"
#include "extension/resume.h"
#include "extension/row.h"
#include "extension/row_places.h"
#include "extension/spi.h"
#include "extension/stored_event.h"
#include "extension/subtransaction.h"
#include "extension/triggers.h"
#include "extension/under_way.h"

namespace plait {

namespace {

struct Mend {
  std::optional<EntityId> entity;  // empty: a row that is none, or no row
  std::string key;                 // key array; empty: none
  const char* action;
  Json detail;
};

Json ids_json(const Head& head) {
  Json ids = Json::array();
  for (const EventId& id : head) ids.push(Json::string(to_text(id)));
  return ids;
}

class Repair {
 public:
  explicit Repair(const Collection& collection)
      : collection_(collection), properties_(properties_of(collection)) {}

  void mend_triggers() {
    List* tables = pg([&] { return tables_under(collection_.relation, NoLock); });
    for (int i = 0; i < list_length(tables); ++i) {
      Oid table = list_nth_oid(tables, i);
      if (pg([&] { return silent_trigger(table); }) == nullptr) continue;
      drop_triggers(table);
      create_triggers(table);
      Json detail = Json::object();
      detail.set("table", Json::string(pg([&] { return qualified_name(table); })));
      mends_.push_back({std::nullopt, "", "triggers", std::move(detail)});
    }
  }

  void mend_heads() {
    for_each_entity(collection_.number, SnapshotSelf,
                    [&](const EntityId& entity) { mend_head(entity); });
  }

  void follow_table() {
    for (const Author::Written& one : write_differences(collection_.relation))
      tell_event(one.entity, one.event);
  }

  void follow_events() {
    compare_rows();
    begin_commit();
    // Each makes room for the next: unique constraints, foreign keys.
    for (RowMend& row : deletes_) mend_row(row);
    for (RowMend& row : updates_) mend_row(row);
    for (RowMend& row : inserts_) mend_row(row);
    run_sql("SET CONSTRAINTS ALL IMMEDIATE");
    end_commit();
    for (const FollowUp& added : follow_up(expectations_)) tell_event(added.entity, added.event);
  }

  const std::vector<Mend>& mends() const { return mends_; }

 private:
  struct RowMend {
    std::optional<EntityId> entity;
    std::string key;
    const char* action;
    RowValues values;
  };

  void mend_head(const EntityId& entity) {
    Head expected;
    for (const StoredEvent& event : read_events({collection_.number, entity}, SnapshotSelf))
      expected = advance(expected, event.id, event.parents);
    Head stored;
    pg([&] {
      Ledger ledger;
      ledger.open(SnapshotSelf, AccessShareLock);
      ledger.head(collection_.number, entity, stored);
      ledger.close();
    });
    if (stored == expected) return;
    std::string key = key_of(entity);
    bool is_natural = !key.empty() && key == natural_key(collection_, entity);
    std::span<const EventId> wide_head(expected.data(), expected.size() > 1 ? expected.size() : 0);
    pg([&] {
      Ledger ledger;
      ledger.open(SnapshotSelf, RowExclusiveLock);
      ledger.put_entity(collection_.number, entity, key, is_natural, wide_head);
      ledger.close();
      CommandCounterIncrement();
    });
    Json detail = Json::object();
    detail.set("head", ids_json(expected));
    detail.set("was", ids_json(stored));
    mends_.push_back({entity, key, "head", std::move(detail)});
  }

  std::string key_of(const EntityId& entity) const {
    EntityKeys keys(SnapshotSelf);
    std::string key = keys.key_of(collection_, entity);
    keys.close();
    return key;
  }

  void tell_event(const EntityId& entity, const EventId& id) {
    auto event = read_event(collection_.number, entity, id, SnapshotSelf);
    if (!event) refuse(Code::internal, "event " + to_text(id) + " is gone");
    mends_.push_back({entity, key_of(entity), "event", event->operations});
  }

  // Finds what to do. Nobody writes meanwhile; the triggers of users, which run later, find nothing
  // of the table open.
  void compare_rows() {
    RowFetch rows;
    int level = pg([&] {
      rows.open(collection_, SnapshotSelf);
      return pin_settings();
    });
    RowPlaces places =
        row_places(collection_, SnapshotSelf, [&](const EntityId&, const std::string& key) {
          deletes_.push_back({std::nullopt, key, "delete", {}});
        });
    for_each_entity(collection_.number, SnapshotSelf, [&](const EntityId& entity) {
      const RowPlace* place = row_of(places, entity);
      compare(entity, place == nullptr ? nullptr : pg([&] { return rows.fetch(*place); }));
    });
    pg([&] {
      unpin_settings(level);
      rows.close();
    });
  }

  // The row is NULL where there is none.
  void compare(const EntityId& entity, TupleTableSlot* row) {
    std::vector<StoredEvent> events = read_events({collection_.number, entity}, SnapshotSelf);
    State state = or_refuse(fold(properties_, views(events)));
    if (state.life != Life::alive) {
      if (row != nullptr) deletes_.push_back({entity, key_of(row), "delete", {}});
      return;
    }
    RowValues values = values_by_events(entity, state);
    if (row == nullptr) {
      inserts_.push_back({entity, key_of_values(collection_, object_of(values)), "insert", values});
      return;
    }
    keep_differing(row, values);
    if (!values.empty()) updates_.push_back({entity, key_of(row), "update", std::move(values)});
  }

  std::string key_of(TupleTableSlot* row) const {
    std::string key;
    pg([&] { append_key(key, collection_, row); });
    return key;
  }

  RowValues values_by_events(const EntityId& entity, const State& state) {
    Json folded = values_of(collection_, properties_, entity, state);
    RowValues values;
    for (const TrackedProperty& property : collection_.properties) {
      if (property.derived) continue;
      const Json* value = folded.find(property.name);
      values.emplace(property.name, value == nullptr ? Json::null() : *value);
    }
    return values;
  }

  static Json object_of(const RowValues& values) {
    Json object = Json::object();
    for (const auto& [name, value] : values) object.set(name, value);
    return object;
  }

  // Leaves the values that the row has otherwise.
  void keep_differing(TupleTableSlot* row, RowValues& values) {
    std::string text;
    for (const TrackedProperty& property : collection_.properties) {
      auto value = values.find(property.name);
      if (value == values.end()) continue;
      text.clear();
      pg([&] { append_row_value(text, property, row); });
      if (agrees(property, text, &value->second)) values.erase(value);
    }
  }

  void mend_row(RowMend& row) {
    Json key = or_refuse(parse_json(row.key));
    // What no event knows is told apart by its key.
    EntityId name = row.entity ? *row.entity : EntityId(key_hash(row.key));
    Expectation& expected = expectations_[{collection_.number, name}];
    expected.collection = collection_numbered(collection_.number);
    bool is_insert = row.action == std::string_view("insert");
    (is_insert ? expected.born_key : expected.first_key) = row.key;
    expected.last_key = row.key;
    std::uint64_t written = 0;
    if (is_insert) {
      expected.image = row_image(collection_, nullptr, row.values);
      written = insert_row(collection_, row.values);
    } else if (row.values.empty()) {
      written = delete_row(collection_, key);
    } else {
      expected.image = row_image(collection_, row_as_it_is(collection_, key), row.values);
      expected.last_key = key_after(row);
      written = update_row(collection_, key, row.values);
    }
    if (written != 1)
      refuse(Code::write_refused, "a trigger of the table let no row through",
             collection_.name + "/" + row.key, "Look at its BEFORE triggers and policies.");
    Json detail = Json::object();
    if (!row.values.empty()) detail.set("set", object_of(row.values));
    mends_.push_back({row.entity, row.key, row.action, std::move(detail)});
  }

  // The key of a row after its update.
  std::string key_after(const RowMend& row) const {
    Json values = object_of(row.values);
    Json before = or_refuse(parse_json(row.key));
    for (std::size_t i = 0; i < collection_.key.size(); ++i) {
      const std::string& name = key_property(collection_, i).name;
      if (values.find(name) == nullptr) values.set(name, before.as_array()[i]);
    }
    return key_of_values(collection_, values);
  }

  const Collection& collection_;
  Properties properties_;
  std::vector<RowMend> deletes_;
  std::vector<RowMend> updates_;
  std::vector<RowMend> inserts_;
  Expectations expectations_;
  std::vector<Mend> mends_;
};

void write_mends(FunctionCallInfo fcinfo, const Collection& collection,
                 const std::vector<Mend>& mends) {
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const Mend& mend : mends) {
    Datum values[5] = {text_datum(collection.name), 0, 0, text_datum(mend.action),
                       jsonb_datum(to_text(mend.detail))};
    bool nulls[5] = {false, !mend.entity, mend.key.empty(), false, false};
    if (mend.entity) values[1] = ulid_result(*mend.entity);
    if (!mend.key.empty()) values[2] = text_datum(key_argument(mend.key));
    pg([&] { tuplestore_putvalues(result->setResult, result->setDesc, values, nulls); });
  }
}

// The collection, tracked, of a table that the caller owns, no one else writing it.
CollectionRef expect_own(const std::string& name) {
  CollectionRef collection = expect_collection(name);
  if (!pg([&] { return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(collection->relation)); }))
    refuse(Code::unknown_collection, "the table of collection " + name + " is gone", "name",
           "Its history stays; there is nothing to compare it with.");
  if (collection->being_backfilled)
    refuse(Code::being_tracked, "rows of collection " + name + " have no history yet", "name",
           "Try again when plait.track_concurrently has come to its end: plait.progress shows how "
           "far it is.");
  pg([&] {
    if (!pg_class_ownercheck(collection->relation, GetUserId()))
      aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(collection->relation));
    tables_under(collection->relation, ShareRowExclusiveLock);
  });
  return collection;
}

}  // namespace

// plait.repair(name text, truth text, apply boolean) -> setof (collection, entity, key, action,
// detail)
PLAIT_FUNCTION(plait_repair) {
  std::string truth = text_argument(fcinfo, 1);
  if (truth != "table" && truth != "events")
    refuse(Code::bad_value, "truth is \"" + truth + "\"", "truth",
           "Say 'table' (what rows say otherwise becomes events) or 'events' (rows are written "
           "until they are what the events say).");
  pg([&] {
    PreventCommandIfReadOnly("plait.repair()");
    InitMaterializedSRF(fcinfo, 0);
  });
  CollectionRef collection = expect_own(text_argument(fcinfo, 0));
  Repair repair(*collection);
  in_subtransaction([&] {
    repair.mend_triggers();
    repair.mend_heads();
    if (truth == "table")
      repair.follow_table();
    else
      repair.follow_events();
    return PG_GETARG_BOOL(2);
  });
  write_mends(fcinfo, *collection, repair.mends());
  return static_cast<Datum>(0);
}

}  // namespace plait
