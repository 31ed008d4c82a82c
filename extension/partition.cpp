// extension/partition.cpp: partitioned tables: one collection, the root's, whose rows lie in
// leaves.

#include "extension/partition.h"

#include <unordered_map>

namespace plait {

namespace {

struct CachedRoot {
  Oid root;
  bool stale;
};

std::unordered_map<Oid, CachedRoot>& roots() {
  static auto* entries = new std::unordered_map<Oid, CachedRoot>;
  return *entries;
}

// May run at any moment inside Postgres: marks, frees nothing.
void on_relcache_invalidation(Datum, Oid relation) {
  if (OidIsValid(relation)) {
    auto entry = roots().find(relation);
    if (entry != roots().end()) entry->second.stale = true;
    return;
  }
  for (auto& entry : roots()) entry.second.stale = true;
}

Oid find_root(Oid relation) {
  while (get_rel_relispartition(relation)) {
    Oid parent = get_partition_parent(relation, true);
    if (!OidIsValid(parent)) break;
    relation = parent;
  }
  return relation;
}

// The value of a table's column, by name, in an image of the root's layout.
Datum value_in(HeapTuple image, TupleDesc layout, const char* column) {
  for (int i = 0; i < layout->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(layout, i);
    if (attribute->attisdropped || strcmp(NameStr(attribute->attname), column) != 0) continue;
    bool is_null;
    return heap_getattr(image, i + 1, layout, &is_null);
  }
  elog(ERROR, "the partition key's column %s is not in the root", column);
}

// As Postgres routes a tuple. A primary key holds all columns of the partition keys, none of them
// null, and there are no expressions in them.
int place_of_values(PartitionKey key, PartitionBoundInfo bounds, Datum* values, bool* nulls) {
  int place = -1;
  bool is_equal = false;
  if (key->strategy == PARTITION_STRATEGY_HASH)
    return bounds->indexes[compute_partition_hash_value(key->partnatts, key->partsupfunc,
                                                        key->partcollation, values, nulls) %
                           static_cast<unsigned>(bounds->nindexes)];
  if (key->strategy == PARTITION_STRATEGY_LIST) {
    int bound =
        partition_list_bsearch(key->partsupfunc, key->partcollation, bounds, values[0], &is_equal);
    if (bound >= 0 && is_equal) place = bounds->indexes[bound];
  } else {
    int bound = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bounds,
                                              key->partnatts, values, &is_equal);
    place = bounds->indexes[bound + 1];  // of the bound that is greater
  }
  return place >= 0 ? place : bounds->default_index;
}

Oid child_of_key(Relation parent, HeapTuple image, TupleDesc layout) {
  PartitionKey key = RelationGetPartitionKey(parent);
  PartitionDesc partitions = RelationGetPartitionDesc(parent, true);
  if (partitions->nparts == 0) return InvalidOid;
  Datum values[PARTITION_MAX_KEYS];
  bool nulls[PARTITION_MAX_KEYS] = {};
  for (int i = 0; i < key->partnatts; ++i) {
    Form_pg_attribute column = TupleDescAttr(RelationGetDescr(parent), key->partattrs[i] - 1);
    values[i] = value_in(image, layout, NameStr(column->attname));
  }
  int place = place_of_values(key, partitions->boundinfo, values, nulls);
  return place >= 0 ? partitions->oids[place] : InvalidOid;
}

}  // namespace

Oid root_of(Oid relation) {
  static bool is_watching = false;
  if (!is_watching) {
    pg([] { CacheRegisterRelcacheCallback(on_relcache_invalidation, static_cast<Datum>(0)); });
    is_watching = true;
  }
  auto known = roots().find(relation);
  if (known != roots().end() && !known->second.stale) return known->second.root;
  roots()[relation] = {relation, false};  // before reading: an invalidation while we read counts
  Oid root = pg([&] { return find_root(relation); });
  roots()[relation].root = root;
  return root;
}

List* tables_under(Oid relation, LOCKMODE lock) {
  if (get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE)
    return find_all_inheritors(relation, lock, nullptr);
  if (lock != NoLock) LockRelationOid(relation, lock);
  return list_make1_oid(relation);
}

Oid leaf_of_key(Relation root, HeapTuple image) {
  if (root->rd_rel->relkind != RELKIND_PARTITIONED_TABLE) return RelationGetRelid(root);
  TupleDesc layout = RelationGetDescr(root);
  Oid child = child_of_key(root, image, layout);
  while (OidIsValid(child) && get_rel_relkind(child) == RELKIND_PARTITIONED_TABLE) {
    Relation parent = relation_open(child, AccessShareLock);
    child = child_of_key(parent, image, layout);
    relation_close(parent, NoLock);
  }
  return child;
}

Oid index_of_leaf(Relation leaf, Oid index) {
  ListCell* cell;
  foreach (cell, RelationGetIndexList(leaf)) {
    Oid candidate = lfirst_oid(cell);
    if (candidate == index) return candidate;
    if (get_rel_relispartition(candidate) &&
        list_member_oid(get_partition_ancestors(candidate), index))
      return candidate;
  }
  elog(ERROR, "partition %s has no part of the primary key", RelationGetRelationName(leaf));
}

}  // namespace plait
