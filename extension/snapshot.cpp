// extension/snapshot.cpp: rows as snapshots: entity, key, head and state, for whoever may read the
// row.
//
// plait.identity(row), plait.snapshot(row), plait.snapshots(collection, entities).

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/catalogue.h"
#include "extension/entity_key.h"
#include "extension/identity.h"
#include "extension/key.h"
#include "extension/ledger.h"
#include "extension/root_layout.h"
#include "extension/spi.h"

namespace plait {

namespace {

// The table of a row's own type. Inside pg().
Oid relation_of(HeapTupleHeader row) { return get_typ_typrelid(HeapTupleHeaderGetTypeId(row)); }

// The collection of a row's own type. Anybody can make up a row, ROW(7)::album, so what it is and
// has is told to those alone who may read the whole table.
CollectionRef collection_of_row(HeapTupleHeader row) {
  Oid relation = pg([&] { return relation_of(row); });
  CollectionRef collection = OidIsValid(relation) ? collection_of(relation) : nullptr;
  if (!collection)
    refuse(Code::unknown_collection, "the argument is no row of a tracked table", "row",
           "Give the row itself: SELECT plait.identity(t) FROM album t.");
  expect_readable(*collection);
  return collection;
}

class RowSnapshot {
 public:
  explicit RowSnapshot(const Collection& collection) : collection_(collection) {}

  // Inside pg().
  void read(HeapTupleHeader row, bool with_state) {
    HeapTupleData tuple{};
    tuple.t_len = HeapTupleHeaderGetDatumLength(row);
    tuple.t_data = row;
    Relation relation = relation_open(relation_of(row), AccessShareLock);  // a partition, perhaps
    TupleTableSlot* own = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
    ExecStoreHeapTuple(&tuple, own, false);
    RootLayout layout;
    layout.open(relation, collection_);
    TupleTableSlot* slot = layout.convert(own);
    int level = collection_.depends_on_settings ? pin_settings() : -1;
    append_key(key_, collection_, slot);
    Ledger ledger;
    ledger.open(GetActiveSnapshot(), AccessShareLock);
    identity_ = entity_of_key(ledger, collection_, slot, key_);
    if (with_state) {
      if (identity_.has_wide_head)
        ledger.head(collection_.number, identity_.entity, head_);
      else if (identity_.known)
        head_.push_back(identity_.newest.id);
      append_state(slot);
    }
    ledger.close();
    if (level >= 0) unpin_settings(level);
    layout.close();
    ExecDropSingleTupleTableSlot(own);
    relation_close(relation, AccessShareLock);
  }

  // Not so: no entity has that key, nor would its own id follow from it.
  bool is_one() const { return identity_.known || identity_.named_by_key; }
  const Identity& identity() const { return identity_; }
  const std::string& key() const { return key_; }
  const Head& head() const { return head_; }
  const std::string& state() const { return state_; }

 private:
  // Every property as it stands, nulls and generated columns included.
  void append_state(TupleTableSlot* slot) {
    state_ = "{";
    for (const TrackedProperty& property : collection_.properties) {
      if (state_.size() > 1) state_ += ',';
      append_json_string(state_, property.name);
      state_ += ':';
      bool is_null;
      Datum value = slot_getattr(slot, property.attribute, &is_null);
      if (is_null)
        state_ += "null";
      else
        append_wire(state_, *property.type, value);
    }
    state_ += '}';
  }

  const Collection& collection_;
  Identity identity_{};
  std::string key_;
  Head head_;
  std::string state_;
};

// SELECT … FROM table t, plait.snapshot(t.*) s WHERE the key is one of $1, $2 …, an array a key
// column. `t.*` is the whole row even where a column is called t.
std::string snapshots_sql(const Collection& collection) {
  std::size_t count = collection.key.size();
  std::string arrays;
  std::string names;
  std::string condition;
  for (std::size_t i = 0; i < count; ++i) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key[i])];
    std::string number = std::to_string(i + 1);
    std::string_view comma = i == 0 ? "" : ", ";
    arrays.append(comma).append("pg_catalog.unnest($" + number + ")");
    names.append(comma).append("k" + number);
    condition += (i == 0 ? "t." : " AND t.") + quoted(property.column) + " ";
    condition += pg([&] { return key_equality(collection, i); });
    condition += count == 1 ? " ANY ($1)" : " k.k" + number;
  }
  if (count > 1)
    condition =
        "EXISTS (SELECT FROM ROWS FROM (" + arrays + ") k (" + names + ") WHERE " + condition + ")";
  std::string table = pg([&] { return qualified_name(collection.relation); });
  return "SELECT s.entity, s.key, s.head, s.state FROM " + table +
         " t, LATERAL plait.snapshot(t.*) s WHERE " + condition;
}

// The values of each key column, one an entity.
std::vector<Json::Array> key_columns(const Collection& collection,
                                     const std::vector<EntityId>& entities) {
  std::vector<Json::Array> columns(collection.key.size());
  EntityKeys keys(pg([] { return GetActiveSnapshot(); }));
  for (const EntityId& entity : entities) {
    std::string key = keys.key_of(collection, entity);
    if (key.empty()) continue;
    auto values = parse_json(key);
    if (!values) continue;
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].push_back(values->as_array()[i]);
  }
  keys.close();
  return columns;
}

// The values of a key column as an array of its type. Inside pg(), under pinned settings.
Datum key_array(WireType& type, const Json::Array& column) {
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (column.size() + 1)));
  bool is_null;
  for (std::size_t i = 0; i < column.size(); ++i) values[i] = read_wire(type, column[i], &is_null);
  return PointerGetDatum(construct_array(values, static_cast<int>(column.size()), type.base,
                                         type.length, type.by_value, type.align));
}

}  // namespace

// plait.identity(row record) -> plait.ulid
PLAIT_FUNCTION(plait_identity) {
  HeapTupleHeader row = pg([&] { return PG_GETARG_HEAPTUPLEHEADER(0); });
  CollectionRef collection = collection_of_row(row);
  RowSnapshot snapshot(*collection);
  pg([&] { snapshot.read(row, false); });
  if (!snapshot.is_one()) {
    fcinfo->isnull = true;
    return static_cast<Datum>(0);
  }
  return ulid_result(snapshot.identity().entity);
}

// plait.snapshot(row record) -> (entity, key, head, state)
PLAIT_FUNCTION(plait_snapshot) {
  HeapTupleHeader row = pg([&] { return PG_GETARG_HEAPTUPLEHEADER(0); });
  CollectionRef collection = collection_of_row(row);
  RowSnapshot snapshot(*collection);
  pg([&] { snapshot.read(row, true); });
  Datum values[4] = {ulid_result(snapshot.identity().entity),
                     text_datum(key_argument(snapshot.key())), head_datum(snapshot.head()),
                     jsonb_datum(snapshot.state())};
  return pg([&] {
    TupleDesc columns;
    get_call_result_type(fcinfo, nullptr, &columns);
    bool nulls[4] = {};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
  });
}

// plait.snapshots(collection text, entities plait.ulid[]) -> setof (entity, key, head, state)
PLAIT_FUNCTION(plait_snapshots) {
  CollectionRef collection = expect_collection(text_argument(fcinfo, 0), true);
  std::vector<Json::Array> columns = key_columns(*collection, entities_argument(fcinfo, 1));
  std::string sql = snapshots_sql(*collection);
  pg([&] {
    InitMaterializedSRF(fcinfo, 0);
    auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    Oid types[INDEX_MAX_KEYS];
    Datum arguments[INDEX_MAX_KEYS];
    int level = pin_settings();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      WireType& type = *collection->properties[static_cast<std::size_t>(collection->key[i])].type;
      types[i] = get_array_type(type.base);
      arguments[i] = key_array(type, columns[i]);
    }
    unpin_settings(level);
    SPI_connect();
    int done = SPI_execute_with_args(sql.c_str(), static_cast<int>(columns.size()), types,
                                     arguments, nullptr, true, 0);
    if (done != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(done));
    for (std::uint64_t i = 0; i < SPI_processed; ++i)
      tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
    SPI_finish();
  });
  return static_cast<Datum>(0);
}

}  // namespace plait
