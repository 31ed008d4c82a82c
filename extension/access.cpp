// extension/access.cpp: what a caller may see of a collection.

#include "extension/access.h"

#include "extension/argument.h"

namespace plait {

const char* why_not_readable(const Collection& collection) {
  Oid relation = collection.relation;
  if (!OidIsValid(relation) || get_rel_name(relation) == nullptr)
    return superuser() ? nullptr : "its table is gone";
  bool may_use =
      pg_namespace_aclcheck(get_rel_namespace(relation), GetUserId(), ACL_USAGE) == ACLCHECK_OK;
  if (!may_use) return "no USAGE on the table's schema";
  if (pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
    for (const TrackedProperty& property : collection.properties)
      if (pg_attribute_aclcheck(relation, property.attribute, GetUserId(), ACL_SELECT) !=
          ACLCHECK_OK)
        return "no SELECT on every column of the table";
  if (check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED)
    return "row level security decides what this role sees of the table";
  return nullptr;
}

void expect_readable(const Collection& collection) {
  const char* reason = pg([&] { return why_not_readable(collection); });
  if (reason != nullptr)
    refuse(Code::permission_denied,
           "the history of collection " + collection.name + " is not for this role: " + reason,
           collection.name, "GRANT SELECT on the whole table, or ask as a role that has it.");
}

std::vector<CollectionRef> readable_collections(FunctionCallInfo fcinfo, int argument) {
  std::vector<CollectionRef> collections;
  if (PG_ARGISNULL(argument))
    collections = all_collections();
  else
    collections.push_back(expect_collection(text_argument(fcinfo, argument), true));
  for (const CollectionRef& collection : collections) expect_readable(*collection);
  return collections;
}

}  // namespace plait
