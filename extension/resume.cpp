// extension/resume.cpp: a table that was not watched for a while tells what changed meanwhile.

#include "extension/resume.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/merge/fold.h"
#include "extension/divergence.h"
#include "extension/entity_events.h"
#include "extension/merge_view.h"
#include "extension/recorder.h"
#include "extension/row_scan.h"
#include "extension/stored_event.h"

namespace plait {

namespace {

// What the table's row says that the fold does not: canonical operations, empty when they agree.
std::string differences(const Collection& collection, const Json& folded, TupleTableSlot* row,
                        bool id_says_key) {
  Json set = Json::object();
  std::string value;
  for (const TrackedProperty& property : collection.properties) {
    if (property.derived || (id_says_key && property.key_position >= 0)) continue;
    value.clear();
    pg([&] { append_row_value(value, property, row); });
    const Json* before = folded.find(property.name);
    if (agrees(property, value, before)) continue;
    set.set(property.name, or_refuse(parse_json(value, {stored_json_depth_max})));
  }
  if (set.as_object().empty()) return "";
  Json operations = Json::object();
  operations.set("set", std::move(set));
  return to_text(operations);
}

class Resumption {
 public:
  explicit Resumption(const Collection& collection, Telling telling = Telling::differences)
      : collection_(collection),
        telling_(telling),
        properties_(properties_of(collection)),
        author_(collection, &written_),
        histories_(SnapshotSelf) {}

  // A row that has no events yet gets them from who backfills the collection.
  void run() {
    skips_unknown_ = collection_.being_backfilled;
    compare_rows(collection_.relation);
    compare_entities();
  }

  // The end of it.
  std::vector<Author::Written> take_written() {
    histories_.close();
    return std::move(written_);
  }

  // Every row of the table or of one of its partitions against its entity; remembers which entities
  // have a row.
  void compare_rows(Oid table) {
    RowScan scan;
    Recorder recorder(collection_, &written_);
    Ledger ledger;
    Relation relation = nullptr;
    MemoryContext outer = nullptr;
    int level = pg([&] {
      relation = relation_open(collection_.relation, AccessShareLock);
      recorder.open(relation);
      ledger.open(SnapshotSelf, RowExclusiveLock);
      scan.open(collection_, table, SnapshotSelf);
      outer = MemoryContextSwitchTo(
          AllocSetContextCreate(CurrentMemoryContext, "plait row", ALLOCSET_DEFAULT_SIZES));
      return pin_settings();
    });
    auto next = [&] {
      CHECK_FOR_INTERRUPTS();
      MemoryContextReset(CurrentMemoryContext);
      return scan.next();
    };
    while (pg(next)) compare_row(scan.row(), ledger, recorder);
    pg([&] {
      MemoryContextDelete(MemoryContextSwitchTo(outer));
      unpin_settings(level);
      scan.close();
      author_.flush(ledger);
      ledger.close();
      recorder.close();
      relation_close(relation, NoLock);
      CommandCounterIncrement();
    });
    for (const Author::Written& one : written_) living_.push_back(one.entity);
  }

 private:
  void compare_row(TupleTableSlot* row, Ledger& ledger, Recorder& recorder) {
    std::string key;
    Identity identity = pg([&] {
      append_key(key, collection_, row);
      return entity_of_new_key(ledger, collection_, row, key);
    });
    if (!identity.known && skips_unknown_) return;
    std::optional<State> state;
    if (identity.known) state = state_of(identity.entity);
    if (!state || state->life != Life::alive) return pg([&] { recorder.record(nullptr, row); });
    living_.push_back(identity.entity);
    std::string operations =
        differences(collection_, values_of(collection_, properties_, identity.entity, *state), row,
                    identity.named_by_key);
    if (operations.empty() && telling_ == Telling::every_entity) operations = "{}";
    if (!operations.empty()) write(ledger, identity.entity, operations, key, identity.named_by_key);
  }

  // Entities that live in the fold and have no row any more.
  void compare_entities() {
    std::ranges::sort(living_);
    Ledger ledger;
    pg([&] { ledger.open(SnapshotSelf, RowExclusiveLock); });
    for_each_entity(collection_.number, SnapshotSelf, [&](const EntityId& entity) {
      if (std::ranges::binary_search(living_, entity)) return;
      if (state_of(entity).life == Life::alive)
        write(ledger, entity, "{\"delete\":true}", "", false);
    });
    pg([&] {
      author_.flush(ledger);
      ledger.close();
      CommandCounterIncrement();
    });
  }

  State state_of(const EntityId& entity) {
    std::vector<StoredEvent> events = histories_.of(collection_.number, entity);
    return or_refuse(fold(properties_, views(events)));
  }

  // An event on the entity's head; its row in plait.entity forgets a wide head. REQUIRES: the first
  // one of this entity here.
  void write(Ledger& ledger, const EntityId& entity, const std::string& operations,
             const std::string& key, bool named_by_key) {
    author_.describe(operations);
    pg([&] {
      EntityRow row = ledger.entity_by_id(collection_.number, entity);
      ledger.head(collection_.number, entity, parents_);
      author_.write(ledger, entity, parents_);
      if (row.head != nullptr && !key.empty())
        ledger.put_entity(collection_.number, entity, key, named_by_key, {});
    });
  }

  const Collection& collection_;
  Telling telling_;
  Properties properties_;
  std::vector<Author::Written> written_;
  Author author_;
  Histories histories_;
  Head parents_;
  bool skips_unknown_ = false;
  std::vector<EntityId> living_;
};

}  // namespace

std::vector<Author::Written> write_differences(Oid relation, Telling telling) {
  CollectionRef collection = collection_of(relation);
  Resumption resumption(*collection, telling);
  resumption.run();
  return resumption.take_written();
}

void write_differences_of(const Collection& collection, Oid partition) {
  Resumption resumption(collection);
  resumption.compare_rows(partition);
  resumption.take_written();
}

}  // namespace plait
