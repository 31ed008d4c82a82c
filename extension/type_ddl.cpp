// extension/type_ddl.cpp: types that change under the columns of tracked tables: a renamed enum
// label, another attribute of a composite. The rows' values then read otherwise, without a write or
// a trigger; what they say now becomes events, in the DDL's own transaction.

#include "extension/type_ddl.h"

#include <algorithm>
#include <vector>

#include "extension/catalogue.h"
#include "extension/key_note.h"
#include "extension/partition.h"
#include "extension/resume.h"
#include "extension/spi.h"

namespace plait {

namespace {

bool uses(Oid type, Oid changed);

bool row_type_uses(Oid relation, Oid changed) {
  TupleDesc columns = lookup_rowtype_tupdesc_copy(get_rel_type_id(relation), -1);
  for (int i = 0; i < columns->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(columns, i);
    if (!attribute->attisdropped && uses(attribute->atttypid, changed)) return true;
  }
  return false;
}

// Whether a type is another one, or is made of it: as domain, array, range or composite. Inside
// pg().
bool uses(Oid type, Oid changed) {
  check_stack_depth();
  if (type == changed) return true;
  Oid base = getBaseType(type);
  if (base != type) return uses(base, changed);
  if (Oid element = get_base_element_type(type); OidIsValid(element)) return uses(element, changed);
  if (Oid range = get_multirange_range(type); OidIsValid(range)) return uses(range, changed);
  if (Oid bound = get_range_subtype(type); OidIsValid(bound)) return uses(bound, changed);
  Oid relation = get_typ_typrelid(type);
  return OidIsValid(relation) && row_type_uses(relation, changed);
}

// A label that is only added changes no value.
bool changes_values(const Node* command) {
  return !IsA(command, AlterEnumStmt) ||
         reinterpret_cast<const AlterEnumStmt*>(command)->oldVal != nullptr;
}

// The property, if any, whose column is of that type; a key's first.
const TrackedProperty* property_using(const Collection& collection, Oid changed) {
  const TrackedProperty* found = nullptr;
  for (const TrackedProperty& property : collection.properties) {
    bool is_of_type = pg([&] {
      return uses(TupleDescAttr(collection.columns, property.attribute - 1)->atttypid, changed);
    });
    if (is_of_type && (found == nullptr || property.key_position >= 0)) found = &property;
  }
  return found;
}

void follow_type(Oid changed) {
  for (const CollectionRef& collection : all_collections()) {
    if (!collection->tracked || collection->columns == nullptr) continue;
    const TrackedProperty* property = property_using(*collection, changed);
    if (property == nullptr) continue;
    pg([&] { tables_under(collection->relation, ShareRowExclusiveLock); });
    if (!follow_key(collection->number, true)) write_differences(collection->relation);
  }
}

}  // namespace

void note_relabelled(const AlterEnumStmt* statement) {
  if (statement->oldVal == nullptr) return;
  Oid type = pg([&] {
    return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(statement->typeName), true);
  });
  // Who does not own it is told by Postgres.
  if (!OidIsValid(type) || !pg([&] { return pg_type_ownercheck(type, GetUserId()); })) return;
  for (const CollectionRef& known : all_collections()) {
    if (!known->tracked || known->columns == nullptr) continue;
    const TrackedProperty* property = property_using(*known, type);
    if (property == nullptr || property->key_position < 0) continue;
    // Against commits too, who lock rows alone.
    pg([&] { tables_under(known->relation, ExclusiveLock); });
    if (CollectionRef now = collection_numbered(known->number); now->tracked) note_key(now);
  }
}

void follow_types(const Node* command) {
  if (!changes_values(command)) return;
  for (Oid type : oids_of("SELECT coalesce(c.reltype, objid) FROM "
                          "pg_catalog.pg_event_trigger_ddl_commands() d LEFT JOIN "
                          "pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) objid AND classid "
                          "OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"))
    follow_type(type);
}

}  // namespace plait
