// extension/ddl.cpp: tables that change while they are tracked: columns come, go and are renamed,
// tables move. Properties keep their names for life; the catalogue follows the columns, in the
// DDL's own transaction. What a rewrite changed in the rows becomes events.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "extension/argument.h"
#include "extension/catalogue.h"
#include "extension/key_note.h"
#include "extension/leaves.h"
#include "extension/new_collection.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/property_rows.h"
#include "extension/resume.h"
#include "extension/spi.h"
#include "extension/track.h"
#include "extension/type_ddl.h"

namespace plait {

namespace {

// Tables whose values the present command may change, or make known: no trigger tells of a rewrite,
// or of a column that is generated no longer.
std::vector<Oid>& changed() {
  static auto* relations = new std::vector<Oid>;
  return *relations;
}

void note_generated_no_longer(const Node* command) {
  if (!IsA(command, AlterTableStmt)) return;
  auto* statement = reinterpret_cast<const AlterTableStmt*>(command);
  for (int i = 0; i < list_length(statement->cmds); ++i)
    if (static_cast<const AlterTableCmd*>(list_nth(statement->cmds, i))->subtype ==
        AT_DropExpression)
      changed().push_back(pg([&] { return RangeVarGetRelid(statement->relation, NoLock, true); }));
}

bool is_primary_key(Oid table, const char* constraint) {
  return pg([&] {
    Oid found = get_relation_constraint_oid(table, constraint, true);
    HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(found));
    if (!HeapTupleIsValid(row)) return false;
    bool is_primary =
        reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row))->contype == CONSTRAINT_PRIMARY;
    ReleaseSysCache(row);
    return is_primary;
  });
}

// Whether a command may take the key away from a table, or change what it says. Holds no lock on
// it: two who then ask for the command's own would wait for each other.
bool touches_key(const AlterTableStmt* statement, const Collection& collection) {
  for (int i = 0; i < list_length(statement->cmds); ++i) {
    auto* command = static_cast<const AlterTableCmd*>(list_nth(statement->cmds, i));
    if (command->name == nullptr) continue;
    std::string_view name = command->name;
    if (command->subtype == AT_DropConstraint && is_primary_key(collection.relation, command->name))
      return true;
    if (command->subtype != AT_DropColumn && command->subtype != AT_AlterColumnType) continue;
    const TrackedProperty* property = collection.column(name);
    if (property != nullptr && property->key_position >= 0) return true;
  }
  return false;
}

// The collection, if any, whose table this is.
CollectionRef tracked_collection(Oid table) {
  CollectionRef collection = collection_of(table);
  return collection && collection->tracked && collection->relation == table ? collection : nullptr;
}

// Whose key a command may touch: of the table that ALTER TABLE names, and of the tables of the type
// that ALTER TYPE names, if its caller may alter that.
std::vector<CollectionRef> altered_collections(const AlterTableStmt* statement) {
  Oid named = pg([&] {
    Oid found = RangeVarGetRelid(statement->relation, NoLock, true);
    return OidIsValid(found) && pg_class_ownercheck(found, GetUserId()) ? found : InvalidOid;
  });
  std::vector<CollectionRef> altered;
  if (!OidIsValid(named)) return altered;
  std::vector<Oid> tables = {named};
  if (pg([&] { return get_rel_relkind(named); }) == RELKIND_COMPOSITE_TYPE)
    tables = oids_of(("SELECT oid FROM pg_catalog.pg_class WHERE reloftype "
                      "OPERATOR(pg_catalog.=) " +
                      std::to_string(pg([&] { return get_rel_type_id(named); })))
                         .c_str());
  for (Oid table : tables) {
    CollectionRef collection = tracked_collection(table);
    if (collection && touches_key(statement, *collection)) altered.push_back(std::move(collection));
  }
  return altered;
}

// As the command itself will lock the tables, so that the rows stay those that are noted. Who may
// not alter them locks nothing; Postgres tells him.
void note_altered(const AlterTableStmt* statement) {
  std::vector<CollectionRef> locked = altered_collections(statement);
  for (const CollectionRef& known : locked)
    pg([&] { tables_under(known->relation, AccessExclusiveLock); });
  // While we waited for the locks they may have been changed.
  for (const CollectionRef& now : altered_collections(statement))
    if (std::ranges::find(locked, now->number,
                          [](const CollectionRef& known) { return known->number; }) != locked.end())
      note_key(now);
}

void follow(const CollectionRef& stale) {
  pg([&] {
    CacheInvalidateRelcacheByRelid(stale->relation);
    CommandCounterIncrement();
  });
  bool adds_values = follow_columns(stale->number, stale->relation);
  pg([&] {
    CacheInvalidateRelcacheByRelid(stale->relation);
    CommandCounterIncrement();
  });
  bool is_changed = std::ranges::find(changed(), stale->relation) != changed().end();
  bool values_changed = adds_values || is_changed;
  bool is_told = follow_key(stale->number, values_changed);
  if (values_changed && !is_told) write_differences(stale->relation);
}

// No other table is touched, and nobody who locks one waited for. While a dump is restored tables
// come without their keys; the life that begins then looks itself.
void follow_tables(const char* altered) {
  if (!pg([] { return life_is_present(); })) return;
  std::set<Oid> roots;
  for (Oid table : oids_of(altered)) roots.insert(root_of(table));
  for (Oid root : roots)
    if (CollectionRef collection = tracked_collection(root)) follow(collection);
}

// The tables that the present command has altered: itself, by their type or by their schema.
constexpr const char* altered_tables =
    "SELECT objid FROM pg_catalog.pg_event_trigger_ddl_commands() "
    "WHERE classid OPERATOR(pg_catalog.=) 1259 "
    "UNION ALL SELECT t.oid FROM pg_catalog.pg_event_trigger_ddl_commands() "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) objid "
    "AND c.relkind OPERATOR(pg_catalog.=) 'c' "
    "JOIN pg_catalog.pg_class t ON t.reloftype OPERATOR(pg_catalog.=) c.reltype "
    "WHERE classid OPERATOR(pg_catalog.=) 1259 "
    "UNION ALL SELECT oid FROM pg_catalog.pg_event_trigger_ddl_commands() "
    "JOIN pg_catalog.pg_class ON relnamespace OPERATOR(pg_catalog.=) objid "
    "WHERE classid OPERATOR(pg_catalog.=) 2615";

// Of which a column has gone with its type, and maybe the key with it.
constexpr const char* tables_without_dropped_columns =
    "SELECT objid FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE "
    "object_type OPERATOR(pg_catalog.=) 'table column'";

// A table that became UNLOGGED, inherits or is inherited from, or that a subscription writes, would
// no longer tell all.
void expect_still_trackable(Oid table) {
  CollectionRef collection = tracked_collection(table);
  if (!collection) return;
  TableFacts facts = pg([&] { return read_facts(table); });
  if (facts.refusal != nullptr)
    refuse(Code::not_trackable,
           "collection " + collection->name + " could not go on: " + facts.refusal,
           collection->name, "plait.untrack the table first.");
}

void expect_all_trackable(CommandTag tag) {
  if (!pg([] { return life_is_present(); })) return;
  bool subscribes = tag == CMDTAG_CREATE_SUBSCRIPTION || tag == CMDTAG_ALTER_SUBSCRIPTION;
  if (subscribes) pg([] { lock_collections(); });  // against who tracks such a table meanwhile
  const char* concerned =
      subscribes ? "SELECT srrelid FROM pg_catalog.pg_subscription_rel"
                 : "SELECT objid FROM pg_catalog.pg_event_trigger_ddl_commands() "
                   "WHERE classid OPERATOR(pg_catalog.=) 1259 "
                   "UNION ALL SELECT inhparent FROM pg_catalog.pg_event_trigger_ddl_commands() "
                   "JOIN pg_catalog.pg_inherits ON inhrelid OPERATOR(pg_catalog.=) objid "
                   "WHERE classid OPERATOR(pg_catalog.=) 1259";
  for (Oid table : oids_of(concerned)) expect_still_trackable(root_of(table));
}

}  // namespace

// plait.before_alter() RETURNS event_trigger, at ddl_command_start of ALTER TABLE and ALTER TYPE
PLAIT_FUNCTION(plait_before_alter) {
  const Node* statement = event_argument(fcinfo)->parsetree;
  if (!pg([] { return life_is_present(); })) return static_cast<Datum>(0);
  if (IsA(statement, AlterTableStmt))
    note_altered(reinterpret_cast<const AlterTableStmt*>(statement));
  if (IsA(statement, AlterEnumStmt))
    note_relabelled(reinterpret_cast<const AlterEnumStmt*>(statement));
  return static_cast<Datum>(0);
}

// plait.on_ddl() RETURNS event_trigger, at ddl_command_end
PLAIT_FUNCTION(plait_on_ddl) {
  const EventTriggerData* command = event_argument(fcinfo);
  bool alters = command->tag == CMDTAG_ALTER_TABLE || command->tag == CMDTAG_ALTER_SCHEMA;
  note_generated_no_longer(command->parsetree);
  if (alters) follow_tables(altered_tables);
  follow_leaves(command);
  expect_all_trackable(command->tag);
  changed().clear();
  forget_notes();
  return static_cast<Datum>(0);
}

// plait.on_type() RETURNS event_trigger, at ddl_command_end of ALTER TYPE
PLAIT_FUNCTION(plait_on_type) {
  const Node* command = event_argument(fcinfo)->parsetree;
  if (!pg([] { return life_is_present(); })) return static_cast<Datum>(0);
  follow_types(command);
  // … ATTRIBUTE … CASCADE alters the tables of the type.
  if (!IsA(command, AlterEnumStmt)) follow_tables(altered_tables);
  changed().clear();
  forget_notes();
  return static_cast<Datum>(0);
}

// plait.before_drop() RETURNS event_trigger, at ddl_command_start
PLAIT_FUNCTION(plait_before_drop) {
  leave_dropped(event_argument(fcinfo));
  return static_cast<Datum>(0);
}

// plait.on_drop() RETURNS event_trigger, at sql_drop
PLAIT_FUNCTION(plait_on_drop) {
  event_argument(fcinfo);
  settle_dropped();
  follow_tables(tables_without_dropped_columns);
  return static_cast<Datum>(0);
}

// plait.on_rewrite() RETURNS event_trigger, at table_rewrite
PLAIT_FUNCTION(plait_on_rewrite) {
  changed().push_back(root_of(
      pg([] { return DatumGetObjectId(OidFunctionCall0(F_PG_EVENT_TRIGGER_TABLE_REWRITE_OID)); })));
  return static_cast<Datum>(0);
}

}  // namespace plait
