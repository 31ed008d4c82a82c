// extension/entity_key.cpp: key ↔ entity as a reader sees it, through the snapshot of its
// statement.

#include "extension/entity_key.h"

#include "core/event/json.h"
#include "extension/columns.h"
#include "extension/key.h"

namespace plait {

namespace {

bool find(Probe& probe, int collection, const Ulid& id) {
  Datum keys[2] = {Int32GetDatum(collection), ulid_datum(id)};
  set_probe(probe, keys);
  return next_row(probe, ForwardScanDirection);
}

}  // namespace

EntityKeys::EntityKeys(Snapshot snapshot) {
  pg([&] {
    table_ = open_table("entity", AccessShareLock);
    probe_ = open_probe(table_, 0, 2, snapshot);
    is_empty_ = RelationGetNumberOfBlocks(table_.relation) == 0;
  });
}

std::string EntityKeys::key_of(const Collection& collection, const EntityId& entity) {
  bool has_row = false;
  const char* stored = is_empty_ ? nullptr : pg([&]() -> const char* {
    has_row = find(probe_, collection.number, entity);
    if (!has_row) return nullptr;
    bool is_null;
    Datum key = slot_getattr(probe_.slot, entity_key, &is_null);
    return is_null ? nullptr : JsonbToCString(nullptr, &DatumGetJsonbP(key)->root, 0);
  });
  if (collection.key.empty()) return "";  // its table is gone
  if (!has_row) return natural_key(collection, entity);
  if (stored == nullptr) return "";
  return to_text(or_refuse(parse_json(stored)));
}

void EntityKeys::close() {
  pg([&] {
    close_probe(probe_);
    close_table(table_);
  });
}

std::vector<std::string> keys_of(const Collection& collection, std::span<const EntityId> entities) {
  std::vector<std::string> found;
  EntityKeys keys(pg([] { return GetActiveSnapshot(); }));
  for (const EntityId& entity : entities) found.push_back(keys.key_of(collection, entity));
  keys.close();
  return found;
}

std::optional<EntityId> entity_with_key(const Collection& collection, std::string_view key,
                                        Snapshot snapshot) {
  std::optional<EntityId> natural = natural_id(collection, or_refuse(parse_json(key)));
  Ulid hash = key_hash(key);
  EntityId by_key;
  bool has_key = false;
  bool natural_is_taken = false;  // its id belongs to an entity that has another key, or none
  pg([&] {
    Table table = open_table("entity", AccessShareLock);
    Probe by_hash =
        open_probe(table, index_over(table, {entity_collection, entity_key_hash}), 2, snapshot);
    has_key = find(by_hash, collection.number, hash);
    bool is_null;
    if (has_key) by_key = EntityId(datum_ulid(slot_getattr(by_hash.slot, entity_entity, &is_null)));
    Probe by_id = open_probe(table, 0, 2, snapshot);
    if (!has_key && natural) natural_is_taken = find(by_id, collection.number, *natural);
    close_probe(by_id);
    close_probe(by_hash);
    close_table(table);
  });
  if (has_key) return by_key;
  if (natural_is_taken) return std::nullopt;
  return natural;
}

}  // namespace plait
