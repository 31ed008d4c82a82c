// extension/leaves.cpp: partitions of tracked tables that come and go.

#include "extension/leaves.h"

#include <algorithm>
#include <string>
#include <vector>

#include "extension/capture.h"
#include "extension/catalogue.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/resume.h"
#include "extension/spi.h"
#include "extension/track.h"
#include "extension/triggers.h"

namespace plait {

namespace {

std::vector<Oid> tables_of(Oid relation) {
  List* found = pg([&] { return tables_under(relation, NoLock); });
  std::vector<Oid> tables;
  for (int i = 0; i < list_length(found); ++i) tables.push_back(list_nth_oid(found, i));
  return tables;
}

// The partitioned collection that a table is or belongs to, if it is tracked now. While a dump is
// restored the triggers come last, and until then nothing is.
CollectionRef partitioned_collection(Oid table) {
  Oid root = root_of(table);
  bool is_tracked =
      pg([&] { return get_rel_relkind(root) == RELKIND_PARTITIONED_TABLE && has_triggers(root); });
  if (!is_tracked) return nullptr;
  own_node();  // a new life of the database refreshes the catalogue's OIDs first
  CollectionRef collection = collection_of(root);
  return collection && collection->tracked ? collection : nullptr;
}

[[noreturn]] void refuse_partition(Oid table, const std::string& reason, const std::string& hint) {
  std::string name = pg([&] { return qualified_name(table); });
  refuse(Code::not_trackable, name + " cannot be a partition here: " + reason, name, hint);
}

void take_in(const Collection& collection, Oid table) {
  Unfit unfit = pg([&] { return why_no_partition(table); });
  if (unfit.reason != nullptr)
    refuse_partition(table, "collection " + collection.name + " is tracked, and " + unfit.reason,
                     unfit.hint);
  create_triggers(table);
  write_differences_of(collection, table);
}

// A table that is written through a root which is not tracked would no longer tell all.
void expect_no_collection(Oid table) {
  if (std::optional<std::string> name = tracked_as(table))
    refuse_partition(table, "it is collection " + *name,
                     "plait.untrack it first; its rows then become events of the root's.");
}

// A table that may have become a partition, with what is below it.
void take_in_new(Oid partition) {
  CollectionRef collection = partitioned_collection(partition);
  if (!collection) return;
  for (Oid table : tables_of(partition))
    if (!pg([&] { return has_triggers(table); })) take_in(*collection, table);
}

void let_go(const Collection& collection, Oid table) {
  write_deletes(collection, table);
  for (Oid one : tables_of(table)) drop_triggers(one);
}

// What ALTER TABLE does to one partition.
struct PartitionCommand {
  AlterTableType type;
  Oid parent;
  Oid partition;
};

// ATTACH and DETACH come alone in their command.
PartitionCommand partition_command(const Node* tree) {
  PartitionCommand none{AT_AddColumn, InvalidOid, InvalidOid};
  if (!IsA(tree, AlterTableStmt)) return none;
  auto* statement = reinterpret_cast<const AlterTableStmt*>(tree);
  auto* command = static_cast<const AlterTableCmd*>(linitial(statement->cmds));
  bool is_partition = command->subtype == AT_AttachPartition ||
                      command->subtype == AT_DetachPartition ||
                      command->subtype == AT_DetachPartitionFinalize;
  if (!is_partition || statement->objtype != OBJECT_TABLE) return none;
  auto* partition = reinterpret_cast<const PartitionCmd*>(command->def);
  return {command->subtype, RangeVarGetRelid(statement->relation, NoLock, true),
          RangeVarGetRelid(partition->name, NoLock, true)};
}

// As DROP TABLE locks: the parent first. Who may not drop it locks nothing; Postgres tells him.
bool lock_to_drop(Oid table) {
  bool may_drop = pg_class_ownercheck(table, GetUserId()) ||
                  pg_namespace_ownercheck(get_rel_namespace(table), GetUserId());
  if (!may_drop) return false;
  LockRelationOid(get_partition_parent(table, true), AccessExclusiveLock);
  tables_under(table, AccessExclusiveLock);
  return get_rel_relispartition(table);
}

}  // namespace

void follow_leaves(const EventTriggerData* command) {
  if (command->tag == CMDTAG_CREATE_TABLE || command->tag == CMDTAG_CREATE_SCHEMA) {
    for (Oid made : oids_of("SELECT objid FROM pg_catalog.pg_event_trigger_ddl_commands() WHERE "
                            "classid OPERATOR(pg_catalog.=) 1259"))
      take_in_new(made);
    return;
  }
  PartitionCommand change = pg([&] { return partition_command(command->parsetree); });
  if (!OidIsValid(change.parent) || !OidIsValid(change.partition)) return;
  if (change.type == AT_AttachPartition) {
    expect_no_collection(change.partition);
    take_in_new(change.partition);
  } else if (CollectionRef collection = partitioned_collection(change.parent)) {
    let_go(*collection, change.partition);
  }
}

void leave_dropped(const EventTriggerData* command) {
  auto* statement = reinterpret_cast<const DropStmt*>(command->parsetree);
  for (int i = 0; i < list_length(statement->objects); ++i) {
    Oid table = pg([&] {
      auto* name = makeRangeVarFromNameList(static_cast<List*>(list_nth(statement->objects, i)));
      Oid found = RangeVarGetRelid(name, NoLock, true);
      return OidIsValid(found) && get_rel_relispartition(found) ? found : InvalidOid;
    });
    if (!OidIsValid(table)) continue;
    CollectionRef collection = partitioned_collection(table);
    if (collection && pg([&] { return lock_to_drop(table); })) write_deletes(*collection, table);
  }
}

void settle_dropped() {
  bool drops_tracked = !oids_of(
                            "SELECT objid FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE "
                            "object_type OPERATOR(pg_catalog.=) 'trigger' AND "
                            "'!plait_begin' OPERATOR(pg_catalog.=) ANY (address_names) LIMIT 1")
                            .empty();
  if (!drops_tracked) return;
  for (const CollectionRef& collection : all_collections()) {
    if (!collection->tracked) continue;
    CollectionRef partitioned = partitioned_collection(collection->relation);
    if (partitioned) write_differences(partitioned->relation);
  }
}

}  // namespace plait
