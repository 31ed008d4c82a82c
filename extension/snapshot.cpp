// extension/snapshot.cpp: rows as snapshots: entity, key, head and state, for whoever may read the
// row.
//
// plait.identity(row), plait.snapshot(row), plait.snapshots(collection, entities). Anybody can make
// up a row, ROW(7)::album: a net reader's is looked up by its key, and he gets what he sees of it.

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/catalogue.h"
#include "extension/entity_events.h"
#include "extension/entity_key.h"
#include "extension/identity.h"
#include "extension/key.h"
#include "extension/key_arrays.h"
#include "extension/ledger.h"
#include "extension/net_view.h"
#include "extension/root_layout.h"
#include "extension/spi.h"

namespace plait {

namespace {

// The table of a row's own type. Inside pg().
Oid relation_of(HeapTupleHeader row) { return get_typ_typrelid(HeapTupleHeaderGetTypeId(row)); }

// The collection of a row's own type.
CollectionRef collection_of_row(HeapTupleHeader row) {
  Oid relation = pg([&] { return relation_of(row); });
  CollectionRef collection = OidIsValid(relation) ? collection_of(relation) : nullptr;
  if (!collection)
    refuse(Code::unknown_collection, "the argument is no row of a tracked table", "row",
           "Give the row itself: SELECT plait.identity(t) FROM album t.");
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
    if (has_key(slot)) describe(slot, with_state);
    layout.close();
    ExecDropSingleTupleTableSlot(own);
    relation_close(relation, AccessShareLock);
  }

  // Not so: it has no key, or no entity has that key, nor would its own id follow from it.
  bool is_one() const { return identity_.known || identity_.named_by_key; }
  const Identity& identity() const { return identity_; }
  const std::string& key() const { return key_; }
  const Head& head() const { return head_; }
  const std::string& state() const { return state_; }

 private:
  // A row that was made up may lack it.
  bool has_key(TupleTableSlot* slot) const {
    for (std::size_t i = 0; i < collection_.key.size(); ++i)
      if (slot_attisnull(slot, key_property(collection_, i).attribute)) return false;
    return true;
  }

  void describe(TupleTableSlot* slot, bool with_state) {
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
  }

  // Every property as it stands, nulls and generated columns included.
  void append_state(TupleTableSlot* slot) {
    state_ = "{";
    for (const TrackedProperty& property : collection_.properties) {
      if (state_.size() > 1) state_ += ',';
      state_ += property.member;
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

// What a caller may be told of a row that he has, or has made up.
class AskedRow {
 public:
  AskedRow(FunctionCallInfo fcinfo, bool with_state)
      : collection_(collection_of_row(pg([&] { return PG_GETARG_HEAPTUPLEHEADER(0); }))),
        sight_(expect_visible(*collection_)),
        snapshot_(*collection_) {
    bool reads_state = with_state && sight_ == Sight::whole;
    pg([&] { snapshot_.read(PG_GETARG_HEAPTUPLEHEADER(0), reads_state); });
    if (sight_ == Sight::net && snapshot_.is_one())
      net_ = NetView(collection_).row(snapshot_.identity().entity);
    // The entity may have left the key that its id says.
    if (net_ && net_->key != snapshot_.key()) net_.reset();
  }

  bool is_told() const {
    return snapshot_.is_one() && (sight_ == Sight::whole || net_.has_value());
  }
  const RowSnapshot& snapshot() const { return snapshot_; }
  std::string state() const { return net_ ? state_text(*net_) : snapshot_.state(); }
  Head head() const { return net_ ? head_of(*collection_, net_->entity) : snapshot_.head(); }

 private:
  CollectionRef collection_;
  Sight sight_;
  RowSnapshot snapshot_;
  std::optional<NetRow> net_;  // what a net reader sees of it
};

Datum null_result(FunctionCallInfo fcinfo) {
  fcinfo->isnull = true;
  return static_cast<Datum>(0);
}

// For who sees the whole table.
std::string snapshots_sql(const Collection& collection) {
  std::string table = pg([&] { return qualified_name(collection.relation); });
  return "SELECT s.entity, s.key, s.head, s.state FROM " + table +
         " t, LATERAL plait.snapshot(t.*) s WHERE " + is_one_of_keys(collection);
}

void write_whole(const Collection& collection, std::span<const EntityId> entities,
                 ReturnSetInfo* result) {
  std::vector<std::string> keys = keys_of(collection, entities);
  std::erase_if(keys, [](const std::string& key) { return key.empty(); });
  std::vector<Json::Array> columns = key_columns(collection, keys);
  std::string sql = snapshots_sql(collection);
  pg([&] {
    Oid types[INDEX_MAX_KEYS];
    Datum arguments[INDEX_MAX_KEYS];
    int level = pin_settings();
    key_parameters(collection, columns, types, arguments);
    unpin_settings(level);
    SPI_connect();
    int done = SPI_execute_with_args(sql.c_str(), static_cast<int>(columns.size()), types,
                                     arguments, nullptr, true, 0);
    if (done != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(done));
    for (std::uint64_t i = 0; i < SPI_processed; ++i)
      tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
    SPI_finish();
  });
}

void write_net(const CollectionRef& collection, std::span<const EntityId> entities,
               ReturnSetInfo* result) {
  NetView view(collection);
  while (!entities.empty()) {
    std::size_t count = std::min(entities.size(), view.batch());
    for (const NetRow& row : view.rows(entities.first(count))) {
      Datum values[4] = {ulid_result(row.entity), text_datum(key_argument(row.key)),
                         head_datum(head_of(*collection, row.entity)),
                         jsonb_datum(state_text(row))};
      bool nulls[4] = {};
      pg([&] { tuplestore_putvalues(result->setResult, result->setDesc, values, nulls); });
    }
    entities = entities.subspan(count);
  }
}

}  // namespace

// plait.identity(row record) -> plait.ulid
PLAIT_FUNCTION(plait_identity) {
  AskedRow row(fcinfo, false);
  if (!row.is_told()) return null_result(fcinfo);
  return ulid_result(row.snapshot().identity().entity);
}

// plait.snapshot(row record) -> (entity, key, head, state)
PLAIT_FUNCTION(plait_snapshot) {
  AskedRow row(fcinfo, true);
  if (!row.is_told()) return null_result(fcinfo);
  Datum values[4] = {ulid_result(row.snapshot().identity().entity),
                     text_datum(key_argument(row.snapshot().key())), head_datum(row.head()),
                     jsonb_datum(row.state())};
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
  Sight sight = expect_visible(*collection);
  std::vector<EntityId> entities = entities_argument(fcinfo, 1);
  pg([&] { InitMaterializedSRF(fcinfo, 0); });
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  if (sight == Sight::whole)
    write_whole(*collection, entities, result);
  else
    write_net(collection, entities, result);
  return static_cast<Datum>(0);
}

}  // namespace plait
