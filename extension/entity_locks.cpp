// extension/entity_locks.cpp: the entities of a commit, locked in one order.

#include "extension/entity_locks.h"

#include <algorithm>

#include "extension/access.h"
#include "extension/entity_key.h"
#include "extension/key.h"
#include "extension/ledger.h"
#include "extension/rights.h"

namespace plait {

namespace {

Json key_json(const std::string& key) { return or_refuse(parse_json(key)); }

bool changes_key(const RequestedEvent& requested) {
  auto operations = read_operations(requested.event.operations);
  if (!operations) return false;
  return std::ranges::any_of(operations->changes, [&](const Operations::Change& change) {
    const TrackedProperty* property = requested.collection->property(change.property);
    return property != nullptr && property->key_position >= 0;
  });
}

bool deletes(const RequestedEvent& requested) {
  return requested.event.operations.find("delete") != nullptr;
}

// Whether SELECT … FOR UPDATE, which asks for the right to UPDATE and its policies, locks the row
// for this event. Who deletes or restores alone needs no such right.
bool locks_as_update(const RequestedEvent& requested) {
  auto operations = or_refuse(read_operations(requested.event.operations));
  bool deletes_alone =
      operations.deletes && operations.changes.empty() && operations.emit == nullptr;
  if (deletes_alone && is_under_row_security(*requested.collection)) return false;
  return (!deletes_alone && !operations.creates) || may_update(*requested.collection);
}

RowLock lock_of(const LockedEntity& locked) {
  auto any = [&](auto is) {
    return std::ranges::any_of(locked.events, [&](const RequestedEvent* one) { return is(*one); });
  };
  if (!any(locks_as_update)) return RowLock::visible;
  return any(deletes) || any(changes_key) ? RowLock::update : RowLock::no_key_update;
}

// There is such an entity, but the caller does not see it: told apart from one that is not there
// only where he would create it.
[[noreturn]] void not_found(const LockedEntity& locked) {
  auto genesis = std::ranges::find_if(
      locked.events, [](const RequestedEvent* requested) { return requested->event.is_genesis(); });
  if (genesis != locked.events.end())
    refuse(Code::entity_exists, "entity " + to_text(locked.entity) + " exists already",
           (*genesis)->where("/entity"),
           "It was deleted or is not for this role to see: create another one.");
  refuse(Code::not_found,
         "collection " + locked.collection->name + " has no entity " + to_text(locked.entity),
         locked.events.front()->where("/entity"),
         "It does not exist, was deleted, or is not for this role to see.");
}

[[noreturn]] void unknown_entity(const LockedEntity& locked) {
  const RequestedEvent& first = *locked.events.front();
  std::string parents;
  for (const EventId& parent : first.event.parents)
    parents += (parents.empty() ? "" : ", ") + to_text(parent);
  refuse(Code::missing_parents,
         "no event of entity " + to_text(locked.entity) + " is known; parents: " + parents,
         first.where("/parents"), "Send its genesis and all events in between first.");
}

bool has_same_key(const Collection& a, const Collection& b) {
  if (a.naming != b.naming || a.key.size() != b.key.size()) return false;
  for (std::size_t i = 0; i < a.key.size(); ++i) {
    const TrackedProperty& ours = key_property(a, i);
    const TrackedProperty& theirs = key_property(b, i);
    if (ours.attribute != theirs.attribute || ours.type->type != theirs.type->type) return false;
  }
  return true;
}

// From here on the table's key stays what it is. Who waited for its change begins anew, since all
// that he knows of keys is of before.
void hold_key(const Collection& collection) {
  pg([&] { LockRelationOid(collection.relation, RowShareLock); });
  CollectionRef now = collection_numbered(collection.number);
  bool is_gone = now->columns == nullptr;  // the row's write will tell
  if (is_gone || has_same_key(collection, *now)) return;
  pg([&] {
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("the primary key of collection %s was changed meanwhile",
                           collection.name.c_str()),
                    errhint("Send the commit again.")));
  });
}

}  // namespace

void rethrow_at(const PgError& error, const std::string& where) {
  ErrorData* data = error.release();
  bool is_ours = data->detail != nullptr && std::string_view(data->detail).starts_with("code: ");
  if (!is_ours) {
    std::string detail =
        "code: " + std::string(name(code_of_sqlstate(unpack_sql_state(data->sqlerrcode)))) +
        " · where: " + where;
    if (data->detail != nullptr) detail += " · " + std::string(data->detail);
    data->detail = pg([&] { return MemoryContextStrdup(TopTransactionContext, detail.c_str()); });
    if (data->hint == nullptr)
      data->hint = pg([] {
        return MemoryContextStrdup(
            TopTransactionContext,
            "Nothing of the commit was kept: mend this event and send all again.");
      });
  }
  throw PgError(data);
}

bool sees_entity(const Collection& collection, const EntityId& entity) {
  Sight sight = pg([&] { return access_to(collection).sight; });
  if (sight != Sight::net) return sight == Sight::whole;
  std::string key = position_of(collection, entity).key;
  return !key.empty() && entity_with_key(collection, key, SnapshotSelf) == entity &&
         sees_row(collection, key_json(key));
}

EntityPosition position_of(const Collection& collection, const EntityId& entity) {
  EntityPosition position;
  EntityKeys keys(SnapshotSelf);
  position.key = keys.key_of(collection, entity);
  keys.close();
  pg([&] {
    Ledger ledger;
    ledger.open(SnapshotSelf, AccessShareLock);
    ledger.head(collection.number, entity, position.head);
    position.newest = ledger.newest(collection.number, entity);
    ledger.close();
  });
  return position;
}

void EntityLocks::add(const RequestedEvent& requested) {
  LockedEntity& locked = entities_[{requested.collection->number, requested.entity()}];
  locked.collection = requested.collection;
  locked.entity = requested.entity();
  locked.events.push_back(&requested);
  locked.begins_here |= requested.event.is_genesis();
}

LockedEntity& EntityLocks::of(const Collection& collection, const EntityId& entity) {
  return entities_.at({collection.number, entity});
}

bool EntityLocks::has(const Collection& collection, const EntityId& entity) const {
  return entities_.contains({collection.number, entity});
}

void EntityLocks::ask_rights(const LockedEntity& locked) {
  for (const RequestedEvent* requested : locked.events) {
    auto operations = or_refuse(read_operations(requested->event.operations));
    expect_rights(*locked.collection, operations, requested->event.is_genesis(),
                  requested->where());
  }
}

void EntityLocks::acquire() {
  std::vector<LockedEntity*> order;
  for (auto& [name, locked] : entities_) ask_rights(locked);
  const Collection* held = nullptr;
  for (auto& [name, locked] : entities_) {
    if (held != locked.collection.get()) hold_key(*locked.collection);
    held = locked.collection.get();
    EntityPosition position = position_of(*locked.collection, locked.entity);
    locked.key = position.key;
    locked.head = position.head;
    bool may_look = pg([&] { return may_select_key(*locked.collection); });
    if (position.newest.found && locked.begins_here && !may_look) not_found(locked);
    if (position.newest.found)
      order.push_back(&locked);
    else if (!locked.begins_here)
      is_under_row_security(*locked.collection) ? not_found(locked) : unknown_entity(locked);
  }
  std::ranges::sort(order, [](const LockedEntity* a, const LockedEntity* b) {
    return std::pair(a->collection->number, a->key) < std::pair(b->collection->number, b->key);
  });
  std::vector<LockedEntity*> dead;
  for (LockedEntity* locked : order)
    if (!lock_living(*locked)) dead.push_back(locked);
  std::ranges::sort(dead, {}, &LockedEntity::entity);
  for (LockedEntity* locked : dead)
    while (!lock_dead(*locked))
      if (lock_living(*locked)) break;
}

// False: it has no row.
bool EntityLocks::lock_living(LockedEntity& locked) {
  for (;;) {
    pg([] { CHECK_FOR_INTERRUPTS(); });
    if (locked.key.empty()) return false;
    Json key = key_json(locked.key);
    bool found = lock_row(*locked.collection, key, lock_of(locked));
    // While we waited the key may have passed to another entity, or this one to another key.
    EntityPosition now = position_of(*locked.collection, locked.entity);
    const std::string& key_now = now.key;
    has_waited_ |= now.head != locked.head;
    auto owner =
        key_now.empty() ? std::nullopt : entity_with_key(*locked.collection, key_now, SnapshotSelf);
    bool is_same = key_now == locked.key && owner == locked.entity;
    locked.key = owner == locked.entity ? key_now : "";
    if (!is_same) continue;
    if (found) {
      locked.life = Life::alive;
      return true;
    }
    if (row_as_it_is(*locked.collection, key) == nullptr) return false;
    if (is_under_row_security(*locked.collection)) not_found(locked);
    if (pg([] { return IsolationUsesXactSnapshot(); }))
      pg([] {
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("could not serialize access: the row came after this snapshot")));
      });
  }
}

// False: it lives again, or someone wrote on it meanwhile.
bool EntityLocks::lock_dead(LockedEntity& locked) {
  if (is_under_row_security(*locked.collection)) not_found(locked);
  EntityPosition before = position_of(*locked.collection, locked.entity);
  pg([&] {
    Ledger ledger;
    ledger.open(SnapshotSelf, RowExclusiveLock);
    ledger.lock_event(before.newest.tid);
    ledger.close();
  });
  EntityPosition after = position_of(*locked.collection, locked.entity);
  locked.key = after.key;
  has_waited_ |= after.head != locked.head;
  if (after.newest.id != before.newest.id) return false;
  bool has_row = !after.key.empty() &&
                 entity_with_key(*locked.collection, after.key, SnapshotSelf) == locked.entity &&
                 row_as_it_is(*locked.collection, key_json(after.key)) != nullptr;
  if (has_row) return false;
  locked.life = Life::dead;
  return true;
}

}  // namespace plait
