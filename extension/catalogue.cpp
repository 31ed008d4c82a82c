// extension/catalogue.cpp: collections and their properties as a backend knows them.

#include "extension/catalogue.h"

#include <algorithm>
#include <unordered_map>

#include "core/event/json.h"
#include "extension/backfill.h"
#include "extension/columns.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/relocate.h"
#include "extension/table.h"

namespace plait {

namespace {

// What a row of plait.collection says, without owning anything.
struct CollectionRow {
  int number;
  char* name;
  char* table_schema;
  char* table_name;
  Oid relation;
  char* naming;
  bool tracked;
};

struct PropertyRow {
  char* name;
  char* column;  // NULL: dropped
  AttrNumber attribute;
  char* merge;
  char* initial;  // NULL: SQL NULL
  int key_position;
};

struct CacheEntry {
  CollectionRef collection;
  bool stale = false;
};

std::unordered_map<Oid, CacheEntry>& cache() {
  static auto* entries = new std::unordered_map<Oid, CacheEntry>;
  return *entries;
}

// May run at any moment inside Postgres: marks, frees nothing.
void on_relcache_invalidation(Datum, Oid relation) {
  if (OidIsValid(relation)) {
    auto entry = cache().find(relation);
    if (entry != cache().end()) entry->second.stale = true;
    return;
  }
  for (auto& entry : cache()) entry.second.stale = true;
}

char* text_of(TupleTableSlot* slot, int attribute) {
  bool is_null;
  Datum datum = slot_getattr(slot, attribute, &is_null);
  return is_null ? nullptr : TextDatumGetCString(datum);
}

std::int16_t small_number_of(TupleTableSlot* slot, int attribute, std::int16_t otherwise) {
  bool is_null;
  Datum datum = slot_getattr(slot, attribute, &is_null);
  return is_null ? otherwise : DatumGetInt16(datum);
}

CollectionRow read_collection_row(TupleTableSlot* slot) {
  bool is_null;
  CollectionRow row{};
  row.number = DatumGetInt32(slot_getattr(slot, collection_number, &is_null));
  row.name = text_of(slot, collection_name);
  row.table_schema = text_of(slot, collection_schema);
  row.table_name = text_of(slot, collection_table);
  row.relation = DatumGetObjectId(slot_getattr(slot, collection_relation, &is_null));
  row.naming = text_of(slot, collection_naming);
  row.tracked = DatumGetBool(slot_getattr(slot, collection_tracked, &is_null));
  return row;
}

// All rows of plait.collection as they are now; a list of palloc'd CollectionRow. The OIDs of an
// earlier life of the database mean nothing: there the names are looked up.
List* read_collections() {
  bool oids_hold = life_is_present();
  List* rows = NIL;
  Relation relation = table_open(plait_relation("collection"), AccessShareLock);
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    auto* row = static_cast<CollectionRow*>(palloc(sizeof(CollectionRow)));
    *row = read_collection_row(slot);
    if (!oids_hold) row->relation = relation_named(row->table_schema, row->table_name);
    rows = lappend(rows, row);
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  table_close(relation, AccessShareLock);
  return rows;
}

List* read_properties(int collection, Oid relation) {
  bool attributes_hold = life_is_present();
  List* rows = NIL;
  Table table = open_table("property", AccessShareLock);
  Probe probe = open_probe(table, 0, 1, SnapshotSelf);
  Datum key = Int32GetDatum(collection);
  set_probe(probe, &key);
  while (next_row(probe, ForwardScanDirection)) {
    auto* row = static_cast<PropertyRow*>(palloc(sizeof(PropertyRow)));
    bool is_null;
    row->name = text_of(probe.slot, property_name);
    row->column = text_of(probe.slot, property_column);
    row->attribute = small_number_of(probe.slot, property_attribute, 0);
    row->merge = text_of(probe.slot, property_merge);
    Datum initial = slot_getattr(probe.slot, property_initial, &is_null);
    row->initial = is_null ? nullptr : JsonbToCString(nullptr, &DatumGetJsonbP(initial)->root, 0);
    row->key_position = small_number_of(probe.slot, property_key_position, -1);
    if (!attributes_hold && row->column != nullptr && OidIsValid(relation))
      row->attribute = get_attnum(relation, row->column);
    rows = lappend(rows, row);
  }
  close_probe(probe);
  close_table(table);
  return rows;
}

// "integer:4,4" -> Naming::integer and the widths.
void read_naming(Collection& collection, std::string_view text) {
  if (text == "ulid") {
    collection.naming = Naming::ulid;
  } else if (text.substr(0, 8) == "integer:") {
    collection.naming = Naming::integer;
    for (char c : text.substr(8))
      if (c != ',') collection.key_widths.push_back(c - '0');
  } else {
    collection.naming = Naming::genesis;
  }
}

std::string canonical(const char* jsonb_text) {
  auto json = parse_json(jsonb_text, {stored_json_depth_max});
  return json ? to_text(*json) : std::string();
}

// The live column of a property, or NULL: dropped, or its table is gone.
Form_pg_attribute live_column(TupleDesc columns, const PropertyRow& row) {
  if (columns == nullptr || row.column == nullptr) return nullptr;
  if (row.attribute <= 0 || row.attribute > columns->natts) return nullptr;
  Form_pg_attribute attribute = TupleDescAttr(columns, row.attribute - 1);
  return attribute->attisdropped ? nullptr : attribute;
}

void add_property(Collection& collection, const PropertyRow& row, Form_pg_attribute attribute) {
  TrackedProperty property;
  property.name = row.name;
  append_json_string(property.member, property.name);
  property.member += ':';
  property.merge = row.merge;
  property.initial = row.initial == nullptr ? "" : canonical(row.initial);
  property.key_position = row.key_position;
  if (attribute == nullptr) {
    collection.former.push_back(std::move(property));
    return;
  }
  property.column = NameStr(attribute->attname);
  property.attribute = row.attribute;
  property.derived = attribute->attgenerated != '\0';
  property.not_null = attribute->attnotnull;
  property.type =
      pg([&] { return wire_type(attribute->atttypid, attribute->atttypmod, collection.context); });
  collection.depends_on_settings |= property.type->depends_on_settings;
  collection.properties.push_back(std::move(property));
}

void fill_properties(Collection& collection, List* rows) {
  Relation relation = nullptr;
  if (OidIsValid(collection.relation))
    relation = pg([&] { return try_relation_open(collection.relation, AccessShareLock); });
  ListCell* cell;
  foreach (cell, rows) {
    const auto& row = *static_cast<PropertyRow*>(lfirst(cell));
    TupleDesc columns = relation == nullptr ? nullptr : RelationGetDescr(relation);
    add_property(collection, row, live_column(columns, row));
  }
  if (relation == nullptr) return;
  pg([&] {
    MemoryContext outer = MemoryContextSwitchTo(collection.context);
    collection.columns = CreateTupleDescCopy(RelationGetDescr(relation));
    MemoryContextSwitchTo(outer);
    relation_close(relation, AccessShareLock);  // who is about to alter the table must not hold it
  });
}

std::shared_ptr<Collection> build(const CollectionRow& row) {
  auto collection = std::make_shared<Collection>();
  collection->number = row.number;
  collection->name = row.name;
  collection->relation = row.relation;
  collection->tracked = row.tracked;
  read_naming(*collection, row.naming);
  List* properties = pg([&] {
    collection->context =
        AllocSetContextCreate(CacheMemoryContext, "plait collection", ALLOCSET_SMALL_SIZES);
    collection->being_backfilled = is_being_backfilled(row.number, SnapshotSelf);
    return read_properties(row.number, row.relation);
  });
  fill_properties(*collection, properties);
  std::ranges::sort(collection->properties, [](const TrackedProperty& a, const TrackedProperty& b) {
    return utf16_less(a.name, b.name);
  });
  bool has_lost_key = std::ranges::any_of(
      collection->former, [](const TrackedProperty& gone) { return gone.key_position >= 0; });
  for (std::size_t i = 0; i < collection->properties.size() && !has_lost_key; ++i)
    if (int at = collection->properties[i].key_position; at >= 0) {
      if (collection->key.size() <= static_cast<std::size_t>(at))
        collection->key.resize(static_cast<std::size_t>(at) + 1);
      collection->key[static_cast<std::size_t>(at)] = static_cast<int>(i);
    }
  return collection;
}

CollectionRef remember(const CollectionRow& row) {
  auto& entries = cache();
  if (OidIsValid(row.relation)) {
    auto entry = entries.find(row.relation);
    if (entry != entries.end() && !entry->second.stale) return entry->second.collection;
    entries[row.relation].stale = false;  // before reading: an invalidation while we read counts
  }
  CollectionRef built = build(row);
  if (OidIsValid(row.relation)) entries[row.relation].collection = built;
  return built;
}

template <typename Matches>
CollectionRef find(Matches matches) {
  List* rows = pg([] { return read_collections(); });
  ListCell* cell;
  foreach (cell, rows) {
    const auto& row = *static_cast<CollectionRow*>(lfirst(cell));
    if (matches(row)) return remember(row);
  }
  return nullptr;
}

}  // namespace

Collection::~Collection() {
  if (context != nullptr) MemoryContextDelete(context);
}

const TrackedProperty* Collection::property(std::string_view property_name) const {
  for (const TrackedProperty& property : properties)
    if (property.name == property_name) return &property;
  return nullptr;
}

const TrackedProperty* Collection::column(std::string_view column_name) const {
  for (const TrackedProperty& property : properties)
    if (property.column == column_name) return &property;
  return nullptr;
}

CollectionRef collection_of(Oid relation) {
  Oid root = root_of(relation);
  auto entry = cache().find(root);
  if (entry != cache().end() && !entry->second.stale && entry->second.collection)
    return entry->second.collection;
  return find([&](const CollectionRow& row) { return row.relation == root; });
}

CollectionRef collection_named(std::string_view name) {
  for (auto& [relation, entry] : cache())
    if (!entry.stale && entry.collection && entry.collection->name == name) return entry.collection;
  return find([&](const CollectionRow& row) { return row.name == name; });
}

CollectionRef collection_numbered(int number) {
  for (auto& [relation, entry] : cache())
    if (!entry.stale && entry.collection && entry.collection->number == number)
      return entry.collection;
  return find([&](const CollectionRow& row) { return row.number == number; });
}

CollectionRef expect_collection(std::string_view name, bool also_untracked) {
  CollectionRef collection = collection_named(name);
  if (!collection)
    refuse(Code::unknown_collection, "there is no collection " + std::string(name), "",
           "plait.track('table') makes a table a collection; plait.status() lists them.");
  if (!collection->tracked && !also_untracked)
    refuse(Code::unknown_collection, "collection " + std::string(name) + " is no longer tracked",
           "", "plait.track on its table resumes it.");
  return collection;
}

std::vector<CollectionRef> all_collections() {
  std::vector<CollectionRef> collections;
  List* rows = pg([] { return read_collections(); });
  ListCell* cell;
  foreach (cell, rows) collections.push_back(remember(*static_cast<CollectionRow*>(lfirst(cell))));
  return collections;
}

std::optional<std::string> tracked_as(Oid table) {
  List* rows = pg([] { return read_collections(); });
  for (int i = 0; i < list_length(rows); ++i) {
    auto* row = static_cast<const CollectionRow*>(list_nth(rows, i));
    if (row->tracked && row->relation == table) return row->name;
  }
  return std::nullopt;
}

std::string naming_text(Naming naming, const std::vector<int>& key_widths) {
  if (naming == Naming::ulid) return "ulid";
  if (naming == Naming::genesis) return "genesis";
  std::string text = "integer:";
  for (std::size_t i = 0; i < key_widths.size(); ++i) {
    if (i > 0) text += ',';
    text += static_cast<char>('0' + key_widths[i]);
  }
  return text;
}

void watch_catalogue() {
  CacheRegisterRelcacheCallback(on_relcache_invalidation, static_cast<Datum>(0));
}

}  // namespace plait
