// extension/new_collection.cpp: a table becomes a collection: what is asked for, its rows in the
// catalogue, its triggers.

#include "extension/new_collection.h"

#include <algorithm>

#include "extension/argument.h"
#include "extension/columns.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/property_rows.h"
#include "extension/table.h"
#include "extension/triggers.h"

namespace plait {

namespace {

constexpr int collection_columns = collection_since;

constexpr std::size_t name_bytes_max = 200;

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

// The number for a new collection. REQUIRES: the lock that lets one session track at a time.
int next_number() {
  return 1 + pg([] {
           Table table = open_table("collection", AccessShareLock);
           Relation by_number = table.indexes[0].relation;
           TupleTableSlot* slot = table_slot_create(table.relation, nullptr);
           IndexScanDesc scan = index_beginscan(table.relation, by_number, SnapshotSelf, 0, 0);
           index_rescan(scan, nullptr, 0, nullptr, 0);
           bool is_null;
           int greatest = index_getnext_slot(scan, BackwardScanDirection, slot)
                              ? DatumGetInt32(slot_getattr(slot, collection_number, &is_null))
                              : 0;
           index_endscan(scan);
           ExecDropSingleTupleTableSlot(slot);
           close_table(table);
           return greatest;
         });
}

// The table's, and of a partitioned one its partitions'. REQUIRES: they are locked.
template <typename Work>
void each_table(Oid relation, Work work) {
  List* tables = pg([&] { return tables_under(relation, NoLock); });
  for (int i = 0; i < list_length(tables); ++i) work(list_nth_oid(tables, i));
}

}  // namespace

TrackWish track_wish(FunctionCallInfo fcinfo) {
  TrackWish wish{};
  if (!PG_ARGISNULL(1)) wish.name = text_argument(fcinfo, 1);
  wish.merge = PG_ARGISNULL(2) ? Json::object() : jsonb_argument(fcinfo, 2);
  if (PG_ARGISNULL(0))
    refuse(Code::bad_value, "relation is NULL", "relation", "Give a table: plait.track('album').");
  wish.relation = PG_GETARG_OID(0);
  return wish;
}

void expect_owner(Oid relation) {
  pg([&] {
    if (!pg_class_ownercheck(relation, GetUserId()))
      aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relation));
  });
}

TableFacts expect_trackable(const TrackWish& wish) {
  TableFacts facts = pg([&] { return read_facts(wish.relation); });
  std::string table = std::string(facts.schema) + "." + facts.table;
  if (facts.refusal != nullptr)
    refuse(Code::not_trackable, table + " cannot be tracked: " + facts.refusal, table, facts.hint);
  expect_merge(wish.merge, columns_of(wish.relation));
  if (wish.name) expect_name(*wish.name);
  return facts;
}

void lock_collections() { LockRelationOid(plait_relation("collection"), ShareRowExclusiveLock); }

CollectionRef known_collection(const TrackWish& wish) {
  CollectionRef known = collection_of(wish.relation);
  if (!known || known->relation != wish.relation) return nullptr;
  if (wish.name && *wish.name != known->name)
    refuse(Code::collection_exists, "this table is collection " + known->name, "name",
           "A collection's name is fixed for life: leave name out.");
  return known;
}

void expect_free_name(const TableFacts& facts, const TrackWish& wish) {
  std::string name = wish.name.value_or(facts.table);
  if (collection_named(name))
    refuse(Code::collection_exists, "the name " + name + " belongs to another table, now or before",
           "name",
           "Give another one: plait.track('" + std::string(facts.table) + "', name => '…').");
}

void begin_collection(const TableFacts& facts, const TrackWish& wish) {
  expect_free_name(facts, wish);
  KeyShape shape = key_shape(facts.relation);
  int number = next_number();
  insert_collection(number, wish.name.value_or(facts.table), facts,
                    naming_text(shape.naming, shape.widths));
  follow_columns(number, facts.relation);
  create_all_triggers(facts.relation);
  invalidate(facts.relation);
}

void create_all_triggers(Oid relation) { each_table(relation, create_triggers); }

void drop_all_triggers(Oid relation) { each_table(relation, drop_triggers); }

void invalidate(Oid relation) {
  pg([&] {
    CacheInvalidateRelcacheByRelid(relation);
    CommandCounterIncrement();
  });
}

}  // namespace plait
