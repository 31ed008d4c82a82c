// extension/ddl.cpp: tables that change while they are tracked: columns come, go and are renamed,
// tables move. Properties keep their names for life; the catalogue follows the columns, in the
// DDL's own transaction. What a rewrite changed in the rows becomes events.

#include <algorithm>
#include <vector>

#include "extension/argument.h"
#include "extension/catalogue.h"
#include "extension/leaves.h"
#include "extension/node.h"
#include "extension/partition.h"
#include "extension/property_rows.h"
#include "extension/resume.h"
#include "extension/table.h"

namespace plait {

namespace {

// Tables that the present command rewrites. A rewrite fires no row trigger.
std::vector<Oid>& rewritten() {
  static auto* relations = new std::vector<Oid>;
  return *relations;
}

struct KeyColumns {
  AttrNumber attributes[INDEX_MAX_KEYS];
  int count;
};

KeyColumns key_columns(Oid relid) {
  return pg([&] {
    KeyColumns key{};
    Relation relation = relation_open(relid, AccessShareLock);
    Oid primary = RelationGetPrimaryKeyIndex(relation);
    if (OidIsValid(primary)) {
      Relation index = index_open(primary, AccessShareLock);
      for (int i = 0; i < index->rd_index->indnkeyatts; ++i)
        key.attributes[key.count++] = index->rd_index->indkey.values[i];
      index_close(index, AccessShareLock);
    }
    relation_close(relation, AccessShareLock);
    return key;
  });
}

// The key names the entities; a table whose key goes or changes would lose them.
void expect_same_key(const Collection& collection) {
  KeyColumns key = key_columns(collection.relation);
  bool is_same = key.count == static_cast<int>(collection.key.size());
  for (int i = 0; is_same && i < key.count; ++i) {
    const TrackedProperty& property =
        collection
            .properties[static_cast<std::size_t>(collection.key[static_cast<std::size_t>(i)])];
    is_same = property.attribute == key.attributes[i];
  }
  if (!is_same)
    refuse(Code::key_changed, "the primary key of collection " + collection.name + " cannot change",
           collection.name,
           "plait.untrack the table first; this version keeps a collection's key.");
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
  expect_same_key(*collection_numbered(stale->number));
  bool is_rewritten = std::ranges::find(rewritten(), stale->relation) != rewritten().end();
  if (adds_values || is_rewritten) write_differences(stale->relation);
}

void follow_all() {
  // While a dump is restored tables come without their keys; the life that begins then looks
  // itself.
  if (!pg([] { return life_is_present(); })) return;
  for (const CollectionRef& collection : all_collections()) {
    bool has_table = pg([&] { return get_rel_name(collection->relation) != nullptr; });
    if (collection->tracked && has_table) follow(collection);
  }
}

}  // namespace

// plait.on_ddl() RETURNS event_trigger, at ddl_command_end
PLAIT_FUNCTION(plait_on_ddl) {
  const EventTriggerData* command = event_argument(fcinfo);
  bool alters = command->tag == CMDTAG_ALTER_TABLE || command->tag == CMDTAG_ALTER_SCHEMA;
  if (alters) follow_all();
  follow_leaves(command);
  rewritten().clear();
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
  return static_cast<Datum>(0);
}

// plait.on_rewrite() RETURNS event_trigger, at table_rewrite
PLAIT_FUNCTION(plait_on_rewrite) {
  rewritten().push_back(root_of(
      pg([] { return DatumGetObjectId(OidFunctionCall0(F_PG_EVENT_TRIGGER_TABLE_REWRITE_OID)); })));
  return static_cast<Datum>(0);
}

}  // namespace plait
