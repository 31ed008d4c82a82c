// extension/reference.cpp: {"ref": "<entity id>"} on a foreign key's column.

#include "extension/reference.h"

namespace plait {

namespace {

// What a column points to: a table, and which of its columns.
struct Target {
  Oid relation;
  AttrNumber attribute;
};

// The first foreign key of the table that contains the column.
Target target_of(Oid relid, AttrNumber attribute) {
  return pg([&] {
    Target target{InvalidOid, InvalidAttrNumber};
    Relation relation = relation_open(relid, AccessShareLock);
    ListCell* cell;
    foreach (cell, RelationGetFKeyList(relation)) {
      auto* key = static_cast<ForeignKeyCacheInfo*>(lfirst(cell));
      for (int i = 0; i < key->nkeys && !OidIsValid(target.relation); ++i)
        if (key->conkey[i] == attribute) target = {key->confrelid, key->confkey[i]};
    }
    relation_close(relation, AccessShareLock);
    return target;
  });
}

// Where in the key of a collection the target's column stands; -1: nowhere. The target may be one
// of the collection's partitions, whose columns have other numbers.
int key_place(const Collection& collection, const Target& target) {
  const char* column = pg([&] { return get_attname(target.relation, target.attribute, false); });
  for (std::size_t i = 0; i < collection.key.size(); ++i)
    if (collection.properties[static_cast<std::size_t>(collection.key[i])].column == column)
      return static_cast<int>(i);
  return -1;
}

}  // namespace

std::optional<EntityId> referred_entity(const Collection& collection,
                                        const TrackedProperty& property, const Json& value) {
  if (!value.is_object() || value.as_object().size() != 1) return std::nullopt;
  const Json* reference = value.find("ref");
  if (reference == nullptr || !reference->is_string()) return std::nullopt;
  auto id = parse_ulid(reference->as_string());
  if (!id) return std::nullopt;
  Target target = target_of(collection.relation, property.attribute);
  if (!OidIsValid(target.relation)) return std::nullopt;
  CollectionRef referred = collection_of(target.relation);
  if (!referred || key_place(*referred, target) < 0) return std::nullopt;
  return EntityId(*id);
}

Json resolve_reference(const Collection& collection, const TrackedProperty& property,
                       const EntityId& entity, const EntityLocks& here, const std::string& where) {
  Target target = target_of(collection.relation, property.attribute);
  CollectionRef referred = collection_of(target.relation);
  bool is_told = here.has(*referred, entity) || sees_entity(*referred, entity);
  std::string key = is_told ? position_of(*referred, entity).key : "";
  if (key.empty())
    refuse(
        Code::not_found, "ref names no entity of collection " + referred->name, where,
        "Create it in the same commit with a smaller id, or name its key. It may not be for this "
        "role to see.");
  Json values = or_refuse(parse_json(key));
  return values.as_array()[static_cast<std::size_t>(key_place(*referred, target))];
}

}  // namespace plait
