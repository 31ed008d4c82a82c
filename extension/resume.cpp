// extension/resume.cpp: a table that was not watched for a while tells what changed meanwhile.

#include "extension/resume.h"

#include <algorithm>
#include <vector>

#include "core/merge/fold.h"
#include "extension/author.h"
#include "extension/entity_events.h"
#include "extension/merge_view.h"
#include "extension/recorder.h"
#include "extension/row_scan.h"
#include "extension/stored_event.h"

namespace plait {

namespace {

// What the table's row says that the fold does not: canonical operations, empty when they agree.
std::string differences(const Collection& collection, const State& state, const Json& folded,
                        TupleTableSlot* row, bool id_says_key) {
  bool restores = state.life != Life::alive;
  Json set = Json::object();
  std::string value;
  for (const TrackedProperty& property : collection.properties) {
    if (property.derived || (id_says_key && property.key_position >= 0)) continue;
    value.clear();
    pg([&] {
      bool is_null;
      Datum datum = slot_getattr(row, property.attribute, &is_null);
      if (is_null)
        value += "null";
      else
        append_wire(value, *property.type, datum);
    });
    Json now = or_refuse(parse_json(value, {stored_json_depth_max}));
    const Json* before = folded.find(property.name);
    if (restores || (before == nullptr ? !now.is_null() : *before != now))
      set.set(property.name, now);
  }
  if (!restores && set.as_object().empty()) return "";
  Json operations = Json::object();
  if (restores) operations.set("create", Json::boolean(true));
  if (!set.as_object().empty()) operations.set("set", std::move(set));
  return to_text(operations);
}

class Resumption {
 public:
  explicit Resumption(const Collection& collection)
      : collection_(collection), properties_(properties_of(collection)), author_(collection) {}

  void run() {
    compare_rows(collection_.relation);
    compare_entities();
  }

  // Every row of the table or of one of its partitions against its entity; remembers which entities
  // have a row.
  void compare_rows(Oid table) {
    RowScan scan;
    int level = pg([&] {
      scan.open(collection_, table, SnapshotSelf);
      return pin_settings();
    });
    while (pg([&] { return scan.next(); })) compare_row(scan.row());
    pg([&] {
      scan.close();
      unpin_settings(level);
    });
  }

 private:
  void compare_row(TupleTableSlot* row) {
    std::string key;
    Identity identity = pg([&] {
      append_key(key, collection_, row);
      Ledger ledger;
      ledger.open(SnapshotSelf, RowExclusiveLock);
      Identity found = entity_of_new_key(ledger, collection_, row, key);
      ledger.close();
      return found;
    });
    if (!identity.known) return record_new(row);
    living_.push_back(identity.entity);
    State state = state_of(identity.entity);
    std::string operations =
        differences(collection_, state, values_of(collection_, properties_, identity.entity, state),
                    row, identity.named_by_key);
    if (!operations.empty()) write(identity.entity, operations, key, identity.named_by_key);
  }

  void record_new(TupleTableSlot* row) {
    Recorder recorder(collection_);
    pg([&] {
      Relation relation = relation_open(collection_.relation, NoLock);
      recorder.open(relation);
      recorder.record(nullptr, row);
      recorder.close();
      relation_close(relation, NoLock);
    });
  }

  // Entities that live in the fold and have no row any more.
  void compare_entities() {
    std::ranges::sort(living_);
    EntityId entity;
    while (next_entity(collection_.number, &entity, SnapshotSelf)) {
      if (std::ranges::binary_search(living_, entity)) continue;
      std::vector<StoredEvent> events = read_events({collection_.number, entity}, SnapshotSelf);
      if (events.front().xid == present_transaction()) continue;  // born just now
      State state = or_refuse(fold(properties_, views(events)));
      if (state.life == Life::alive) write(entity, "{\"delete\":true}", "", false);
    }
  }

  State state_of(const EntityId& entity) {
    std::vector<StoredEvent> events = read_events({collection_.number, entity}, SnapshotSelf);
    return or_refuse(fold(properties_, views(events)));
  }

  static std::uint64_t present_transaction() {
    return pg([] { return U64FromFullTransactionId(GetTopFullTransactionId()); });
  }

  // An event on the entity's head; its row in plait.entity forgets a wide head.
  void write(const EntityId& entity, const std::string& operations, const std::string& key,
             bool named_by_key) {
    author_.describe(operations);
    Head parents;
    pg([&] {
      Ledger ledger;
      ledger.open(SnapshotSelf, RowExclusiveLock);
      ledger.head(collection_.number, entity, parents);
      EntityRow row = ledger.entity_by_id(collection_.number, entity);
      author_.write(ledger, entity, parents);
      author_.flush(ledger);
      if (row.head != nullptr && !key.empty())
        ledger.put_entity(collection_.number, entity, key, named_by_key, {});
      ledger.close();
      CommandCounterIncrement();
    });
  }

  const Collection& collection_;
  Properties properties_;
  Author author_;
  std::vector<EntityId> living_;
};

}  // namespace

void write_differences(Oid relation) {
  CollectionRef collection = collection_of(relation);
  Resumption(*collection).run();
}

void write_differences_of(const Collection& collection, Oid partition) {
  Resumption(collection).compare_rows(partition);
}

}  // namespace plait
