// extension/table.cpp: the extension's own tables, read and written through the table access
// method.

#include "extension/table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace plait {

namespace {

// What was looked up in Postgres' catalogs, until a relation or schema changes. Each statement that
// writes asks for the same few: their names alone were a twentieth of a single row's capture.
struct LookedUp {
  struct Name {
    const char* name;
    Oid relation;
  };
  struct Keys {
    Oid index;
    int count;
    StrategyNumber last;
    ScanKeyData keys[Probe::keys_max];
  };
  static constexpr int names_max = 16;
  static constexpr int probes_max = 8;
  Name names[names_max];
  int name_count;
  Keys probes[probes_max];
  int probe_count;
  std::uint64_t changes;  // of what it is made of
};
LookedUp looked_up{};

// May run at any moment inside Postgres, a lookup included.
void on_catalog_change(Datum, int, std::uint32_t) {
  looked_up.name_count = looked_up.probe_count = 0;
  ++looked_up.changes;
}

Oid plait_namespace() { return get_namespace_oid("plait", false); }

Oid find_relation(const char* name) {
  Oid relation = get_relname_relid(name, plait_namespace());
  if (!OidIsValid(relation))
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation plait.%s is missing", name),
                    errhint("DROP EXTENSION plait and CREATE EXTENSION plait restore it.")));
  return relation;
}

// The comparisons of a probe, their arguments still open.
void make_keys(ScanKeyData* keys, Relation index, int count, StrategyNumber last) {
  for (int i = 0; i < count; ++i) {
    Oid type = index->rd_opcintype[i];
    StrategyNumber strategy = i + 1 < count ? BTEqualStrategyNumber : last;
    Oid comparison = get_opfamily_member(index->rd_opfamily[i], type, type, strategy);
    ScanKeyInit(&keys[i], static_cast<AttrNumber>(i + 1), strategy, get_opcode(comparison),
                static_cast<Datum>(0));
  }
}

void find_keys(ScanKeyData* keys, Relation index, int count, StrategyNumber last) {
  for (int i = 0; i < looked_up.probe_count; ++i) {
    const LookedUp::Keys& known = looked_up.probes[i];
    if (known.index != RelationGetRelid(index) || known.count != count || known.last != last)
      continue;
    std::memcpy(keys, known.keys, sizeof(ScanKeyData) * static_cast<std::size_t>(count));
    for (int k = 0; k < count; ++k) keys[k].sk_func.fn_mcxt = CurrentMemoryContext;
    return;
  }
  std::uint64_t changes = looked_up.changes;
  make_keys(keys, index, count, last);
  if (looked_up.changes != changes || looked_up.probe_count == LookedUp::probes_max) return;
  LookedUp::Keys& noted = looked_up.probes[looked_up.probe_count++];
  noted = {RelationGetRelid(index), count, last, {}};
  std::memcpy(noted.keys, keys, sizeof(ScanKeyData) * static_cast<std::size_t>(count));
}

bool is_primary_key(Relation index) {
  return index->rd_index->indisprimary && index->rd_index->indisvalid;
}

bool is_over(const Table::Index& index, std::initializer_list<int> columns) {
  Form_pg_index form = index.relation->rd_index;
  bool is_whole = form->indisvalid && index.info->ii_Predicate == NIL &&
                  index.relation->rd_rel->relam == BTREE_AM_OID;
  const int16* options = index.relation->rd_indoption;  // 0: ascending
  bool is_ascending =
      is_whole && std::all_of(options, options + form->indnkeyatts, [](int16 o) { return o == 0; });
  return is_ascending && std::equal(columns.begin(), columns.end(), form->indkey.values,
                                    form->indkey.values + form->indnkeyatts);
}

// Whether a partial index has this row. What its expressions need is freed with the row before.
bool belongs(const Table& table, IndexInfo* info, TupleTableSlot* row) {
  if (table.state == nullptr) return true;
  ResetPerTupleExprContext(table.state);
  ExprContext* context = GetPerTupleExprContext(table.state);
  context->ecxt_scantuple = row;
  if (info->ii_Predicate == NIL) return true;
  if (info->ii_PredicateState == nullptr)
    info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, table.state);
  return ExecQual(info->ii_PredicateState, context);
}

}  // namespace

Oid plait_relation(const char* name) {
  for (int i = 0; i < looked_up.name_count; ++i)
    if (std::strcmp(looked_up.names[i].name, name) == 0) return looked_up.names[i].relation;
  std::uint64_t changes = looked_up.changes;
  Oid relation = find_relation(name);
  if (looked_up.changes == changes && looked_up.name_count < LookedUp::names_max)
    looked_up.names[looked_up.name_count++] = {name, relation};
  return relation;
}

Oid plait_type(const char* name) {
  Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
                             ObjectIdGetDatum(plait_namespace()));
  if (!OidIsValid(type))
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("type plait.%s is missing", name)));
  return type;
}

Table open_table(const char* name, LOCKMODE lock) {
  Table table{};
  table.relation = table_open(plait_relation(name), lock);
  LOCKMODE index_lock = lock == AccessShareLock ? AccessShareLock : RowExclusiveLock;
  List* indexes = RelationGetIndexList(table.relation);
  table.indexes = static_cast<Table::Index*>(
      palloc(sizeof(Table::Index) * static_cast<std::size_t>(list_length(indexes))));
  ListCell* cell;
  foreach (cell, indexes) {
    Relation index = index_open(lfirst_oid(cell), index_lock);
    table.indexes[table.index_count++] = {index, BuildIndexInfo(index)};
  }
  list_free(indexes);
  // Once all are open: opening one may tell of a REINDEX that has put another in its place.
  for (int i = 0; i < table.index_count; ++i) {
    const Table::Index& index = table.indexes[i];
    if (is_primary_key(index.relation)) std::swap(table.indexes[0], table.indexes[i]);
    bool needs_state = index.info->ii_Predicate != NIL || index.info->ii_Expressions != NIL;
    if (needs_state && table.state == nullptr) table.state = CreateExecutorState();
  }
  table.slot = MakeSingleTupleTableSlot(RelationGetDescr(table.relation), &TTSOpsHeapTuple);
  return table;
}

void close_table(Table& table) {
  ExecDropSingleTupleTableSlot(table.slot);
  if (table.state != nullptr) FreeExecutorState(table.state);
  for (int i = 0; i < table.index_count; ++i) index_close(table.indexes[i].relation, NoLock);
  table_close(table.relation, NoLock);
}

int index_over(const Table& table, std::initializer_list<int> columns) {
  for (int i = 0; i < table.index_count; ++i)
    if (is_over(table.indexes[i], columns)) return i;
  ereport(ERROR,
          (errcode(ERRCODE_UNDEFINED_OBJECT),
           errmsg("an index of plait.%s is missing", RelationGetRelationName(table.relation)),
           errhint("REINDEX the table.")));
}

void insert_index_entries(Table& table, TupleTableSlot** slots, int count) {
  Datum values[INDEX_MAX_KEYS];
  bool nulls[INDEX_MAX_KEYS];
  for (int i = 0; i < table.index_count; ++i) {
    auto [index, info] = table.indexes[i];
    if (!info->ii_ReadyForInserts) continue;
    IndexUniqueCheck check = index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
    for (int row = 0; row < count; ++row) {
      if (!belongs(table, info, slots[row])) continue;
      FormIndexDatum(info, slots[row], table.state, values, nulls);
      index_insert(index, values, nulls, &slots[row]->tts_tid, table.relation, check, false, info);
    }
  }
}

void insert_row(Table& table, const Datum* values, const bool* nulls) {
  HeapTuple tuple = heap_form_tuple(RelationGetDescr(table.relation), const_cast<Datum*>(values),
                                    const_cast<bool*>(nulls));
  ExecForceStoreHeapTuple(tuple, table.slot, true);
  simple_table_tuple_insert(table.relation, table.slot);
  insert_index_entries(table, &table.slot, 1);
  ExecClearTuple(table.slot);
}

void update_row(Table& table, ItemPointer tid, Snapshot snapshot, const Datum* values,
                const bool* nulls) {
  HeapTuple tuple = heap_form_tuple(RelationGetDescr(table.relation), const_cast<Datum*>(values),
                                    const_cast<bool*>(nulls));
  ExecForceStoreHeapTuple(tuple, table.slot, true);
  bool update_indexes;
  simple_table_tuple_update(table.relation, tid, table.slot, snapshot, &update_indexes);
  if (update_indexes) insert_index_entries(table, &table.slot, 1);
  ExecClearTuple(table.slot);
}

void delete_row(Table& table, ItemPointer tid, Snapshot snapshot) {
  simple_table_tuple_delete(table.relation, tid, snapshot);
}

Probe open_probe(Table& table, int index, int key_count, Snapshot snapshot, StrategyNumber last) {
  Probe probe;
  probe.memory = CurrentMemoryContext;
  Relation relation = table.indexes[index].relation;
  probe.key_count = key_count;
  find_keys(probe.keys, relation, key_count, last);
  probe.slot = table_slot_create(table.relation, nullptr);
  probe.scan = index_beginscan(table.relation, relation, snapshot, key_count, 0);
  return probe;
}

void set_probe(Probe& probe, const Datum* values) {
  for (int i = 0; i < probe.key_count; ++i) probe.keys[i].sk_argument = values[i];
  index_rescan(probe.scan, probe.keys, probe.key_count, nullptr, 0);
}

bool next_row(Probe& probe, ScanDirection direction) {
  // A scan that meets its first dead entry allocates room to remember it.
  MemoryContext outer = MemoryContextSwitchTo(probe.memory);
  bool found = index_getnext_slot(probe.scan, direction, probe.slot);
  MemoryContextSwitchTo(outer);
  return found;
}

void close_probe(Probe& probe) {
  index_endscan(probe.scan);
  ExecDropSingleTupleTableSlot(probe.slot);
}

void watch_catalogs() {
  CacheRegisterSyscacheCallback(RELNAMENSP, on_catalog_change, static_cast<Datum>(0));
  CacheRegisterSyscacheCallback(NAMESPACENAME, on_catalog_change, static_cast<Datum>(0));
}

}  // namespace plait
