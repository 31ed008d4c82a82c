// extension/trackable.cpp: which tables can be tracked, and why the others cannot.

#include "extension/key.h"
#include "extension/partition.h"
#include "extension/spi.h"
#include "extension/track.h"

namespace plait {

namespace {

constexpr const char* key_hint = "ALTER TABLE … ADD PRIMARY KEY (…) gives it one.";

Unfit refuse_persistence(char persistence) {
  if (persistence == RELPERSISTENCE_TEMP) return {"it is temporary", "Track a permanent table."};
  if (persistence == RELPERSISTENCE_UNLOGGED)
    return {"it is UNLOGGED: a crash would empty it and leave its events",
            "ALTER TABLE … SET LOGGED makes it durable."};
  return {nullptr, nullptr};
}

Unfit refuse_subscribed(Oid relation) {
  Relation subscribed = table_open(SubscriptionRelRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_subscription_rel_srrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan =
      systable_beginscan(subscribed, SubscriptionRelSrrelidSrsubidIndexId, true, nullptr, 1, &key);
  bool is_subscribed = HeapTupleIsValid(systable_getnext(scan));
  systable_endscan(scan);
  table_close(subscribed, AccessShareLock);
  if (!is_subscribed) return {nullptr, nullptr};
  return {"a subscription writes it, and logical replication fires no statement triggers",
          "Track it at the publisher."};
}

Unfit refuse_partitions(Oid relation) {
  ListCell* cell;
  foreach (cell, tables_under(relation, NoLock)) {
    if (lfirst_oid(cell) == relation) continue;
    Unfit refusal = why_no_partition(lfirst_oid(cell));
    if (refusal.reason != nullptr)
      return {psprintf("of its partition %s: %s", get_rel_name(lfirst_oid(cell)), refusal.reason),
              refusal.hint};
  }
  return {nullptr, nullptr};
}

Unfit refuse_kind(Form_pg_class table, Oid relation) {
  switch (table->relkind) {
    case RELKIND_RELATION:
    case RELKIND_PARTITIONED_TABLE:
      break;
    case RELKIND_VIEW:
    case RELKIND_MATVIEW:
      return {"it is a view", "Track the tables that it reads."};
    case RELKIND_FOREIGN_TABLE:
      return {"its rows are in another server", "Track it there."};
    default:
      return {"it is no table", "Give the name of a table."};
  }
  Unfit refusal = refuse_persistence(table->relpersistence);
  if (refusal.reason == nullptr) refusal = refuse_subscribed(relation);
  if (refusal.reason != nullptr) return refusal;
  if (table->relispartition)
    return {"it is a partition, and what is written through its root would escape",
            psprintf("plait.track('%s') tracks all partitions, those to come too.",
                     qualified_name(root_of(relation)))};
  if (table->relkind == RELKIND_PARTITIONED_TABLE) return refuse_partitions(relation);
  if (has_superclass(relation))
    return {"it inherits from another table",
            "ALTER TABLE … NO INHERIT … makes it a table of its own."};
  if (table->relhassubclass && find_inheritance_children(relation, NoLock) != NIL)
    return {"other tables inherit from it, and their rows are not its own",
            "ALTER TABLE … NO INHERIT … on them makes it a table of its own."};
  return refusal;
}

Unfit refuse_key(Relation relation) {
  Oid primary = RelationGetPrimaryKeyIndex(relation);
  if (!OidIsValid(primary)) {
    // A deferrable primary key is not given as the primary key index.
    ListCell* cell;
    foreach (cell, RelationGetIndexList(relation)) {
      Relation index = index_open(lfirst_oid(cell), AccessShareLock);
      bool is_primary = index->rd_index->indisprimary;
      bool is_immediate = index->rd_index->indimmediate;
      index_close(index, AccessShareLock);
      if (is_primary && !is_immediate)
        return {
            "its primary key is DEFERRABLE, so an INSERT would not wait for the deleter of a row",
            "Drop the constraint and add it again NOT DEFERRABLE."};
      if (is_primary) return {"its primary key is not valid", "REINDEX it."};
    }
    return {"it has no primary key", key_hint};
  }
  Relation index = index_open(primary, AccessShareLock);
  Unfit refusal{nullptr, nullptr};
  for (int i = 0; i < index->rd_index->indnkeyatts && refusal.reason == nullptr; ++i) {
    Form_pg_attribute column =
        TupleDescAttr(RelationGetDescr(relation), index->rd_index->indkey.values[i] - 1);
    const char* reason = key_type_refused(column->atttypid, index->rd_indcollation[i]);
    if (reason == nullptr) continue;
    refusal.reason = psprintf("key column %s of type %s cannot name an entity: %s",
                              NameStr(column->attname), format_type_be(column->atttypid), reason);
    refusal.hint = "Use a key of uuid, plait.ulid, integer or text columns.";
  }
  index_close(index, AccessShareLock);
  return refusal;
}

}  // namespace

// None is a foreign table: Postgres has no unique index over those.
Unfit why_no_partition(Oid relation) {
  Unfit refusal = refuse_persistence(get_rel_persistence(relation));
  return refusal.reason != nullptr ? refusal : refuse_subscribed(relation);
}

TableFacts read_facts(Oid relid) {
  TableFacts facts{};
  facts.relation = relid;
  Relation relation = relation_open(relid, NoLock);
  bool is_temporary = isAnyTempNamespace(RelationGetNamespace(relation));
  facts.schema = is_temporary ? "pg_temp" : get_namespace_name(RelationGetNamespace(relation));
  facts.table = pstrdup(RelationGetRelationName(relation));
  Unfit refusal = refuse_kind(relation->rd_rel, relid);
  if (refusal.reason == nullptr && IsCatalogRelation(relation))
    refusal = {"it belongs to Postgres", "Track a table of your own."};
  if (refusal.reason == nullptr &&
      RelationGetNamespace(relation) == get_namespace_oid("plait", true))
    refusal = {"it belongs to Plait", "Track a table of your own."};
  if (refusal.reason == nullptr && GetDatabaseEncoding() != PG_UTF8)
    refusal = {"the database's encoding is not UTF8", "Events are JSON: use a database in UTF8."};
  if (refusal.reason == nullptr) refusal = refuse_key(relation);
  relation_close(relation, NoLock);
  facts.refusal = refusal.reason;
  facts.hint = refusal.hint;
  return facts;
}

}  // namespace plait
