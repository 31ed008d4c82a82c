// extension/rekey.cpp: a tracked table gets another primary key, and its entities stay themselves.

#include "extension/rekey.h"

#include <algorithm>
#include <map>

#include "extension/author.h"
#include "extension/columns.h"
#include "extension/entity_events.h"
#include "extension/entity_key.h"
#include "extension/key.h"
#include "extension/ledger.h"
#include "extension/new_collection.h"
#include "extension/property_rows.h"
#include "extension/resume.h"
#include "extension/row_scan.h"

namespace plait {

namespace {

bool has_null_key(const Collection& collection, TupleTableSlot* row) {
  for (std::size_t i = 0; i < collection.key.size(); ++i)
    if (slot_attisnull(row, key_property(collection, i).attribute)) return true;
  return false;
}

// The entity whose key the row's key columns say, as text: their types may be others than when the
// key's packing was fixed. Inside pg().
std::optional<EntityId> entity_of_row(Ledger& ledger, const Collection& collection,
                                      TupleTableSlot* row, std::string& key) {
  if (has_null_key(collection, row)) return std::nullopt;
  key.clear();
  append_key(key, collection, row);
  EntityRow holder = ledger.entity_by_key(collection.number, key);
  EntityId entity = holder.entity;
  bool is_natural = !holder.found && natural_of_key(collection, key, &entity) &&
                    !ledger.entity_by_id(collection.number, entity).found;
  if (!holder.found && !is_natural) return std::nullopt;
  if (!ledger.newest(collection.number, entity).found) return std::nullopt;
  return entity;
}

// Calls work(row) inside pg() for each row in the order in which they lie, in a memory context of
// the row.
template <typename Work>
void each_row(const Collection& collection, Work work) {
  RowScan scan;
  pg([&] {
    MemoryContext outer = CurrentMemoryContext;
    int level = pin_settings();
    scan.open(collection, collection.relation, SnapshotSelf);
    MemoryContext of_row =
        AllocSetContextCreate(CurrentMemoryContext, "plait row", ALLOCSET_DEFAULT_SIZES);
    MemoryContextSwitchTo(of_row);
    while (scan.next()) {
      CHECK_FOR_INTERRUPTS();
      work(scan.row());
      MemoryContextReset(of_row);
    }
    MemoryContextSwitchTo(outer);
    MemoryContextDelete(of_row);
    scan.close();
    unpin_settings(level);
  });
}

// Not the rows that were noted: a trigger of the user's own wrote in between.
[[noreturn]] void refuse_other_rows(const Collection& collection) {
  refuse(Code::key_changed,
         "the rows of collection " + collection.name + " changed while its key did",
         collection.name, "Write no rows in event triggers of this command.");
}

// uuid or plait.ulid.
bool is_id(const WireType& type) { return type.length == sizeof(Ulid) && !type.by_value; }

bool is_integer(const WireType& type) {
  return type.base == INT2OID || type.base == INT4OID || type.base == INT8OID;
}

class Rekey {
 public:
  Rekey(const Collection& before, const Collection& after, const RowEntities& rows)
      : before_(before), after_(after), rows_(rows), author_(after) {
    for (const std::optional<EntityId>& entity : rows)
      if (entity) living_.push_back(*entity);
    std::ranges::sort(living_);
    if (before.naming == Naming::genesis) return;
    for (const TrackedProperty& property : after.properties) {
      const TrackedProperty* known = before.property(property.name);
      if (known != nullptr && known->key_position >= 0 && !property.derived)
        said_.push_back(&property);
    }
  }

  // `tells`: writes each living entity's event too.
  void run(bool tells) {
    if (!said_.empty()) tell_dead();
    forget_keys();
    give_keys(tells);
    keep_heads_of_dead();
    pg([&] {
      CommandCounterIncrement();
      if (!living_.empty())
        ereport(NOTICE, (errmsg("collection %s: %lld entities have their new key",
                                after_.name.c_str(), static_cast<long long>(living_.size()))));
    });
  }

 private:
  bool lives(const EntityId& entity) const { return std::ranges::binary_search(living_, entity); }

  // The key columns that the id of a dead entity said until now; empty if it said nothing.
  std::string said_by_id(EntityKeys& keys, const EntityId& entity) {
    std::string natural = natural_key(before_, entity);
    if (natural.empty() || keys.key_of(before_, entity) != natural) return "";
    Json key = or_refuse(parse_json(natural));
    Json set = Json::object();
    for (const TrackedProperty* property : said_) {
      auto position = static_cast<std::size_t>(before_.property(property->name)->key_position);
      const Json& said = key.as_array()[position];
      bool is_number = property->type->kind == WireKind::small_integer;
      set.set(property->name, is_number ? Json::number(said.as_string()) : said);
    }
    Json operations = Json::object();
    operations.set("set", std::move(set));
    return to_text(operations);
  }

  // So that a dead entity that is restored has again what its id no longer says.
  void tell_dead() {
    EntityKeys keys(SnapshotSelf);
    Ledger ledger;
    pg([&] { ledger.open(SnapshotSelf, RowExclusiveLock); });
    Head parents;
    for_each_entity(after_.number, SnapshotSelf, [&](const EntityId& entity) {
      if (lives(entity)) return;
      std::string operations = said_by_id(keys, entity);
      if (operations.empty()) return;
      author_.describe(operations);
      pg([&] {
        ledger.head(after_.number, entity, parents);
        author_.write(ledger, entity, parents);
        ledger.put_entity(after_.number, entity, "", true, {});
      });
    });
    keys.close();
    pg([&] {
      author_.flush(ledger);
      ledger.close();
      CommandCounterIncrement();
    });
  }

  // Takes the collection's rows out of plait.entity, and remembers heads of more than one event.
  void forget_keys() {
    pg([&] {
      Table table = open_table("entity", RowExclusiveLock);
      Probe probe = open_probe(table, 0, 1, SnapshotSelf);
      Datum number = Int32GetDatum(after_.number);
      set_probe(probe, &number);
      while (next_row(probe, ForwardScanDirection)) {
        CHECK_FOR_INTERRUPTS();
        bool is_null;
        EntityId entity(datum_ulid(slot_getattr(probe.slot, entity_entity, &is_null)));
        Datum head = slot_getattr(probe.slot, entity_head, &is_null);
        if (!is_null) {
          bytea* bytes = DatumGetByteaPP(head);
          auto* first = reinterpret_cast<const EventId*>(VARDATA_ANY(bytes));
          heads_[entity].assign(first, first + VARSIZE_ANY_EXHDR(bytes) / sizeof(Ulid));
        }
        ItemPointerData place = probe.slot->tts_tid;
        delete_row(table, &place, SnapshotSelf);
      }
      close_probe(probe);
      close_table(table);
      CommandCounterIncrement();
    });
  }

  void give_keys(bool tells) {
    Ledger ledger;
    pg([&] { ledger.open(SnapshotSelf, RowExclusiveLock); });
    std::size_t at = 0;
    std::string key;
    each_row(after_, [&](TupleTableSlot* row) {
      if (at++ >= rows_.size() || !rows_[at - 1]) return;
      const EntityId& entity = *rows_[at - 1];
      key.clear();
      append_key(key, after_, row);
      auto wide = heads_.find(entity);
      if (tells) tell_living(ledger, entity, row);
      bool keeps_head = !tells && wide != heads_.end();
      ledger.add_entity(after_.number, entity, key,
                        keeps_head ? wide->second : std::span<const EventId>());
    });
    if (at != rows_.size()) refuse_other_rows(after_);
    pg([&] {
      author_.flush(ledger);
      ledger.close();
    });
  }

  // What the old key said of the row stands in its events from now on. Where that is nothing, an
  // event without operations lets followers see the new key.
  void tell_living(Ledger& ledger, const EntityId& entity, TupleTableSlot* row) {
    operations_ = "{";
    for (const TrackedProperty* property : said_) {
      operations_ += property == said_.front() ? "\"set\":{" : ",";
      append_json_string(operations_, property->name);
      operations_ += ':';
      bool is_null;
      append_wire(operations_, *property->type, slot_getattr(row, property->attribute, &is_null));
    }
    operations_ += said_.empty() ? "}" : "}}";
    author_.describe(operations_);
    auto wide = heads_.find(entity);
    EventId newest = ledger.newest(after_.number, entity).id;
    author_.write(ledger, entity,
                  wide == heads_.end() ? std::span<const EventId>(&newest, 1) : wide->second);
  }

  void keep_heads_of_dead() {
    Ledger ledger;
    pg([&] {
      ledger.open(SnapshotSelf, RowExclusiveLock);
      for (const auto& [entity, head] : heads_)
        if (!lives(entity)) ledger.add_entity(after_.number, entity, "", head);
      ledger.close();
    });
  }

  const Collection& before_;
  const Collection& after_;
  const RowEntities& rows_;
  Author author_;
  std::string operations_;
  std::vector<EntityId> living_;              // ascending
  std::vector<const TrackedProperty*> said_;  // what ids said of the old key, and is still there
  std::map<EntityId, Head> heads_;            // of more than one event
};

// Rows that have no genesis yet could not be told from those of others.
void expect_backfilled(const Collection& collection) {
  if (collection.being_backfilled)
    refuse(Code::being_tracked,
           "the key of collection " + collection.name +
               " cannot change while plait.track_concurrently gives its rows their genesis",
           collection.name, "plait.progress shows how far it is; plait.untrack gives it up.");
}

}  // namespace

RowEntities entities_of_rows(const Collection& collection) {
  RowEntities rows;
  Ledger ledger;
  std::string key;
  pg([&] { ledger.open(SnapshotSelf, AccessShareLock); });
  each_row(collection, [&](TupleTableSlot* row) {
    rows.push_back(entity_of_row(ledger, collection, row, key));
  });
  pg([&] { ledger.close(); });
  return rows;
}

bool has_columns_of_key(const Collection& collection) {
  return pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    Oid primary = RelationGetPrimaryKeyIndex(relation);
    bool is_same = OidIsValid(primary);
    if (is_same) {
      Relation index = index_open(primary, AccessShareLock);
      auto count = static_cast<std::size_t>(index->rd_index->indnkeyatts);
      is_same = count == collection.key.size();
      for (std::size_t i = 0; is_same && i < count; ++i)
        is_same = key_property(collection, i).attribute == index->rd_index->indkey.values[i];
      index_close(index, NoLock);
    }
    relation_close(relation, NoLock);
    return is_same;
  });
}

bool packs_as_before(const Collection& before, const Collection& now) {
  for (std::size_t i = 0; i < now.key.size(); ++i) {
    const WireType& type = *key_property(now, i).type;
    if (before.naming == Naming::integer && !is_integer(type)) return false;
    bool is_same_id = is_id(type) && type.base == key_property(before, i).type->base;
    if (before.naming == Naming::ulid && !is_same_id) return false;
  }
  return true;
}

bool names_as_before(const Collection& before, const Collection& now, const RowEntities& rows) {
  if (!packs_as_before(before, now)) return false;
  RowEntities found = entities_of_rows(now);
  if (found.size() != rows.size()) refuse_other_rows(now);
  return found == rows;
}

void rekey(const Collection& before, const RowEntities& rows, bool values_changed) {
  CollectionRef now = collection_numbered(before.number);
  expect_backfilled(*now);
  set_key(before.number, now->relation, naming_text(Naming::genesis, {}));
  invalidate(now->relation);
  CollectionRef after = collection_numbered(before.number);
  values_changed |= std::ranges::any_of(rows, [](const auto& entity) { return !entity; });
  Rekey(before, *after, rows).run(!values_changed);
  if (values_changed) write_differences(after->relation, Telling::every_entity);
}

}  // namespace plait
