// extension/access.cpp: what a caller may see of a collection.

#include "extension/access.h"

#include <algorithm>

#include "extension/argument.h"

namespace plait {

namespace {

bool may_select_all(const Collection& collection) {
  return std::ranges::all_of(collection.properties, [&](const TrackedProperty& property) {
    return may_select(collection, property);
  });
}

[[noreturn]] void deny(const Collection& collection, const Access& access) {
  refuse(Code::permission_denied,
         "the history of collection " + collection.name +
             " is not for this role: " + access.why_not_whole,
         collection.name, "GRANT SELECT on the whole table, or ask as a role that has it.");
}

}  // namespace

bool may_select(const Collection& collection, const TrackedProperty& property) {
  Oid user = GetUserId();
  return pg_class_aclcheck(collection.relation, user, ACL_SELECT) == ACLCHECK_OK ||
         pg_attribute_aclcheck(collection.relation, property.attribute, user, ACL_SELECT) ==
             ACLCHECK_OK;
}

bool may_select_key(const Collection& collection) {
  return std::ranges::all_of(collection.key, [&](int position) {
    return may_select(collection, collection.properties[static_cast<std::size_t>(position)]);
  });
}

Access access_to(const Collection& collection) {
  Oid relation = collection.relation;
  if (!OidIsValid(relation) || get_rel_name(relation) == nullptr)
    return superuser() ? Access{Sight::whole, nullptr} : Access{Sight::none, "its table is gone"};
  bool may_use =
      pg_namespace_aclcheck(get_rel_namespace(relation), GetUserId(), ACL_USAGE) == ACLCHECK_OK;
  if (!may_use) return {Sight::none, "no USAGE on the table's schema"};
  bool has_all = pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
                 may_select_all(collection);
  bool by_policy = check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED;
  if (has_all && !by_policy) return {Sight::whole, nullptr};
  if (!may_select_key(collection)) return {Sight::none, "no SELECT on the key of the table"};
  if (!collection.tracked) return {Sight::none, "its table is not tracked now"};
  return {Sight::net, by_policy ? "row level security decides what this role sees of the table"
                                : "no SELECT on every column of the table"};
}

Sight expect_visible(const Collection& collection) {
  Access access = pg([&] { return access_to(collection); });
  if (access.sight == Sight::none) deny(collection, access);
  return access.sight;
}

void expect_whole(const Collection& collection) {
  Access access = pg([&] { return access_to(collection); });
  if (access.sight != Sight::whole) deny(collection, access);
}

std::vector<CollectionRef> whole_collections(FunctionCallInfo fcinfo, int argument) {
  std::vector<CollectionRef> collections;
  if (PG_ARGISNULL(argument))
    collections = all_collections();
  else
    collections.push_back(expect_collection(text_argument(fcinfo, argument), true));
  for (const CollectionRef& collection : collections) expect_whole(*collection);
  return collections;
}

}  // namespace plait
