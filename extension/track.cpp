// extension/track.cpp: a table becomes a collection, and stops being one.

#include "extension/track.h"

#include <algorithm>
#include <vector>

#include "extension/argument.h"
#include "extension/capture.h"
#include "extension/columns.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/property_rows.h"
#include "extension/resume.h"
#include "extension/table.h"
#include "extension/triggers.h"

namespace plait {

namespace {

constexpr int collection_columns = collection_since;

constexpr std::size_t name_bytes_max = 200;

TableFacts expect_trackable(Oid relation) {
  // Who owns it not may not even lock it.
  TableFacts facts = pg([&] {
    if (!pg_class_ownercheck(relation, GetUserId()))
      aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relation));
    tables_under(relation, ShareRowExclusiveLock);
    return read_facts(relation);
  });
  std::string table = std::string(facts.schema) + "." + facts.table;
  if (facts.refusal != nullptr)
    refuse(Code::not_trackable, table + " cannot be tracked: " + facts.refusal, table, facts.hint);
  return facts;
}

void expect_name(const std::string& name) {
  bool has_control = std::ranges::any_of(name, [](unsigned char c) { return c < ' '; });
  if (name.empty() || name.size() > name_bytes_max || has_control)
    refuse(Code::bad_value, "a collection cannot be named \"" + name + "\"", "name",
           "Give 1 to 200 bytes without control characters.");
}

// Only lww so far; another merge type must not be taken silently.
void expect_merge(const Json& merge, const std::vector<std::string>& columns) {
  if (!merge.is_object())
    refuse(Code::bad_value, "merge is not a JSON object", "merge",
           "Give merge types by column, like {\"title\": \"lww\"}.");
  for (const auto& [column, type] : merge.as_object()) {
    if (std::ranges::find(columns, column) == columns.end())
      refuse(Code::unknown_property, "the table has no column " + column, "/merge/" + column,
             "Name columns of the table.");
    if (type != Json::string("lww"))
      refuse(Code::not_supported, "merge type " + to_text(type) + " of column " + column,
             "/merge/" + column, "This version merges every column as lww: leave it out.");
  }
}

std::vector<std::string> columns_of(Oid relation) {
  std::vector<std::string> columns;
  Relation table = pg([&] { return relation_open(relation, NoLock); });
  TupleDesc desc = RelationGetDescr(table);
  for (int i = 0; i < desc->natts; ++i)
    if (!TupleDescAttr(desc, i)->attisdropped)
      columns.emplace_back(NameStr(TupleDescAttr(desc, i)->attname));
  pg([&] { relation_close(table, NoLock); });
  return columns;
}

struct KeyShape {
  Naming naming;
  std::vector<int> widths;
};

// How the key of a table names its entities; fixed when it is first tracked.
KeyShape key_shape(Oid relation) {
  struct Types {
    Oid base[INDEX_MAX_KEYS];
    int count;
    Oid ulid;
  };
  Types types = pg([&] {
    Types found{};
    Relation table = relation_open(relation, NoLock);
    Relation index = index_open(RelationGetPrimaryKeyIndex(table), AccessShareLock);
    found.count = index->rd_index->indnkeyatts;
    for (int i = 0; i < found.count; ++i)
      found.base[i] = getBaseType(
          TupleDescAttr(RelationGetDescr(table), index->rd_index->indkey.values[i] - 1)->atttypid);
    found.ulid = plait_type("ulid");
    index_close(index, NoLock);
    relation_close(table, NoLock);
    return found;
  });
  if (types.count == 1 && (types.base[0] == UUIDOID || types.base[0] == types.ulid))
    return {Naming::ulid, {}};
  KeyShape shape{Naming::integer, {}};
  int total = 0;
  for (int i = 0; i < types.count; ++i) {
    int width = types.base[i] == INT2OID   ? 2
                : types.base[i] == INT4OID ? 4
                : types.base[i] == INT8OID ? 8
                                           : 0;
    if (width == 0) return {Naming::genesis, {}};
    shape.widths.push_back(width);
    total += width;
  }
  if (total > 8) return {Naming::genesis, {}};
  return shape;
}

void insert_collection(int number, const std::string& name, const TableFacts& facts,
                       const std::string& naming) {
  pg([&] {
    Table table = open_table("collection", RowExclusiveLock);
    Datum values[collection_columns] = {Int32GetDatum(number),
                                        CStringGetTextDatum(name.c_str()),
                                        CStringGetTextDatum(facts.schema),
                                        CStringGetTextDatum(facts.table),
                                        ObjectIdGetDatum(facts.relation),
                                        CStringGetTextDatum(naming.c_str()),
                                        BoolGetDatum(true),
                                        TimestampTzGetDatum(GetCurrentTimestamp())};
    bool nulls[collection_columns] = {};
    insert_row(table, values, nulls);
    close_table(table);
    CommandCounterIncrement();
  });
}

void set_tracked(int number, bool tracked) {
  pg([&] {
    Table table = open_table("collection", RowExclusiveLock);
    Probe probe = open_probe(table, 0, 1, SnapshotSelf);
    Datum key = Int32GetDatum(number);
    set_probe(probe, &key);
    if (next_row(probe, ForwardScanDirection)) {
      slot_getallattrs(probe.slot);
      probe.slot->tts_values[collection_tracked - 1] = BoolGetDatum(tracked);
      ItemPointerData tid = probe.slot->tts_tid;
      update_row(table, &tid, SnapshotSelf, probe.slot->tts_values, probe.slot->tts_isnull);
    }
    close_probe(probe);
    close_table(table);
    CommandCounterIncrement();
  });
}

void invalidate(Oid relation) {
  pg([&] {
    CacheInvalidateRelcacheByRelid(relation);
    CommandCounterIncrement();
  });
}

// The number for a new collection. REQUIRES: the lock that lets one session track at a time.
int next_number(const std::vector<CollectionRef>& collections) {
  int greatest = 0;
  for (const CollectionRef& collection : collections)
    greatest = std::max(greatest, collection->number);
  return greatest + 1;
}

void begin_collection(const TableFacts& facts, const std::string& name,
                      const std::vector<CollectionRef>& collections) {
  for (const CollectionRef& other : collections)
    if (other->name == name)
      refuse(Code::collection_exists,
             "the name " + name + " belongs to another table, now or before", "name",
             "Give another one: plait.track('" + std::string(facts.table) + "', name => '…').");
  KeyShape shape = key_shape(facts.relation);
  int number = next_number(collections);
  insert_collection(number, name, facts, naming_text(shape.naming, shape.widths));
  follow_columns(number, facts.relation);
}

void write_history(Oid relation) {
  CollectionRef collection = collection_of(relation);
  std::int64_t rows = write_geneses(*collection);
  pg([&] {
    if (rows > 0)
      ereport(NOTICE, (errmsg("collection %s: %lld rows have their genesis",
                              collection->name.c_str(), static_cast<long long>(rows))));
  });
}

// The table's, and of a partitioned one its partitions'. REQUIRES: they are locked.
template <typename Work>
void each_table(Oid relation, Work work) {
  List* tables = pg([&] { return tables_under(relation, NoLock); });
  for (int i = 0; i < list_length(tables); ++i) work(list_nth_oid(tables, i));
}

std::string track(Oid relation, const std::string* wish, const Json& merge) {
  TableFacts facts = expect_trackable(relation);
  expect_merge(merge, columns_of(relation));
  if (wish != nullptr) expect_name(*wish);
  own_node();
  pg([] { LockRelationOid(plait_relation("collection"), ShareRowExclusiveLock); });
  std::vector<CollectionRef> collections = all_collections();
  auto existing =
      std::ranges::find(collections, relation, [](const CollectionRef& c) { return c->relation; });
  std::string name = wish != nullptr ? *wish : facts.table;
  if (existing != collections.end()) {
    const Collection& collection = **existing;
    if (wish != nullptr && *wish != collection.name)
      refuse(Code::collection_exists, "this table is collection " + collection.name, "name",
             "A collection's name is fixed for life: leave name out.");
    name = collection.name;
    if (collection.tracked) {
      pg([&] { ereport(NOTICE, (errmsg("collection %s is tracked already", name.c_str()))); });
      return name;
    }
    set_tracked(collection.number, true);
    follow_columns(collection.number, relation);
    each_table(relation, create_triggers);
    invalidate(relation);
    write_differences(relation);
    return name;
  }
  begin_collection(facts, name, collections);
  each_table(relation, create_triggers);
  invalidate(relation);
  write_history(relation);
  return name;
}

}  // namespace

// plait.track(relation regclass, name text, merge jsonb) -> text
PLAIT_FUNCTION(plait_track) {
  std::string name;
  bool named = !PG_ARGISNULL(1);
  if (named) name = text_argument(fcinfo, 1);
  Json merge = PG_ARGISNULL(2) ? Json::object() : jsonb_argument(fcinfo, 2);
  if (PG_ARGISNULL(0))
    refuse(Code::bad_value, "relation is NULL", "relation", "Give a table: plait.track('album').");
  return text_datum(track(PG_GETARG_OID(0), named ? &name : nullptr, merge));
}

// plait.untrack(relation regclass) -> text
PLAIT_FUNCTION(plait_untrack) {
  Oid relation = PG_GETARG_OID(0);
  CollectionRef collection = collection_of(relation);
  const char* table = pg([&] {
    const char* name = get_rel_name(relation);
    if (!pg_class_ownercheck(relation, GetUserId()))
      aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
    tables_under(relation, ShareRowExclusiveLock);
    return name;
  });
  if (!collection || !collection->tracked || collection->relation != relation)
    refuse(Code::unknown_collection, std::string(table) + " is not tracked", "relation",
           "plait.status() lists the collections.");
  each_table(relation, drop_triggers);
  set_tracked(collection->number, false);
  invalidate(relation);
  return text_datum(collection->name);
}

}  // namespace plait
