// extension/rights.cpp: what the caller may do to a collection's table, column by column.

#include "extension/rights.h"

#include "extension/access.h"

namespace plait {

namespace {

bool may(Oid relation, AclMode mode) {
  return pg([&] { return pg_class_aclcheck(relation, GetUserId(), mode) == ACLCHECK_OK; });
}

bool may_column(Oid relation, AttrNumber attribute, AclMode mode) {
  return pg(
      [&] { return pg_attribute_aclcheck(relation, attribute, GetUserId(), mode) == ACLCHECK_OK; });
}

bool may_any_column(Oid relation, AclMode mode) {
  return pg([&] {
    return pg_attribute_aclcheck_all(relation, GetUserId(), mode, ACLMASK_ANY) == ACLCHECK_OK;
  });
}

[[noreturn]] void deny(const Collection& collection, const char* right, const std::string& where) {
  refuse(Code::permission_denied,
         std::string("no right to ") + right + " in collection " + collection.name, where,
         std::string("GRANT ") + right + " on its table to this role.");
}

}  // namespace

void expect_rights(const Collection& collection, const Operations& operations, bool is_genesis,
                   const std::string& where) {
  Oid relation = collection.relation;
  AclMode mode = is_genesis || operations.creates ? ACL_INSERT : ACL_UPDATE;
  const char* right = mode == ACL_INSERT ? "INSERT" : "UPDATE";
  // Before anything can tell whether there is such an entity.
  if (!is_genesis && !pg([&] { return may_select_key(collection); }))
    deny(collection, "SELECT", where + "/entity");
  if (operations.deletes && !may(relation, ACL_DELETE)) deny(collection, "DELETE", where);
  if (operations.deletes && operations.changes.empty() && operations.emit == nullptr) return;
  if (may(relation, mode)) return;
  bool names_column = false;
  for (const Operations::Change& change : operations.changes) {
    const TrackedProperty* property = collection.property(change.property);
    if (property == nullptr) continue;  // its column is gone
    names_column = true;
    if (!may_column(relation, property->attribute, mode))
      deny(collection, right,
           where + "/operations/" + std::string(change.verb) + "/" + std::string(change.property));
  }
  if (!names_column && !may_any_column(relation, mode)) deny(collection, right, where);
}

bool may_update(const Collection& collection) {
  return may(collection.relation, ACL_UPDATE) || may_any_column(collection.relation, ACL_UPDATE);
}

bool is_under_row_security(const Collection& collection) {
  return pg([&] { return check_enable_rls(collection.relation, InvalidOid, true) == RLS_ENABLED; });
}

}  // namespace plait
