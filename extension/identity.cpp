// extension/identity.cpp: which entity a key means, and how keys pass from one entity to another.

#include "extension/identity.h"

#include "extension/key.h"

namespace plait {

namespace {

void see_events(Ledger& ledger, const Collection& collection, Identity& identity) {
  identity.newest = ledger.newest(collection.number, identity.entity);
  identity.known = identity.newest.found;
}

// By plait.entity; false when no row has the key.
bool by_row(Ledger& ledger, const Collection& collection, std::string_view key,
            Identity& identity) {
  EntityRow row = ledger.entity_by_key(collection.number, key);
  if (!row.found) return false;
  identity.entity = row.entity;
  identity.has_row = true;
  identity.has_wide_head = row.head != nullptr;
  identity.named_by_key = identity.has_natural_id && row.entity == identity.natural;
  see_events(ledger, collection, identity);
  return true;
}

// The dead entity whose key another row has now is locked against those who write on the dead.
void lock_holder(Ledger& ledger, const Collection& collection, const EntityId& entity,
                 const EntityId* natural, std::string_view key) {
  for (;;) {
    EntityRow holder = ledger.entity_by_key(collection.number, key);
    bool by_rule = !holder.found && natural != nullptr && *natural != entity &&
                   !ledger.entity_by_id(collection.number, *natural).found;
    if (!by_rule && (!holder.found || holder.entity == entity)) return;
    EntityId dead = by_rule ? *natural : holder.entity;
    NewestEvent newest = ledger.newest(collection.number, dead);
    if (!newest.found) return;
    ledger.lock_event(newest.tid);
    if (ledger.newest(collection.number, dead).id == newest.id) return;
  }
}

Identity with_natural(const Collection& collection, TupleTableSlot* row) {
  Identity identity{};
  identity.has_natural_id = natural_id(collection, row, &identity.natural);
  return identity;
}

}  // namespace

Identity entity_of_key(Ledger& ledger, const Collection& collection, TupleTableSlot* row,
                       std::string_view key) {
  Identity identity = with_natural(collection, row);
  if (by_row(ledger, collection, key, identity) || !identity.has_natural_id) return identity;
  identity.entity = identity.natural;
  identity.named_by_key = true;
  see_events(ledger, collection, identity);
  return identity;
}

Identity entity_of_new_key(Ledger& ledger, const Collection& collection, TupleTableSlot* row,
                           std::string_view key) {
  Identity identity = with_natural(collection, row);
  if (by_row(ledger, collection, key, identity) || !identity.has_natural_id) return identity;
  // The natural id may be another's that moved away, or a dead one's that lost this key.
  if (ledger.entity_by_id(collection.number, identity.natural).found) return identity;
  identity.entity = identity.natural;
  identity.named_by_key = true;
  see_events(ledger, collection, identity);
  return identity;
}

void leave_key(Ledger& ledger, const Collection& collection, const EntityId& entity) {
  ledger.put_entity(collection.number, entity, "", false, {});
}

void take_key(Ledger& ledger, const Collection& collection, const EntityId& entity,
              const EntityId* natural, std::string_view key) {
  lock_holder(ledger, collection, entity, natural, key);
  EntityRow holder = ledger.entity_by_key(collection.number, key);
  if (holder.found && holder.entity != entity) {
    std::span<const EventId> head;
    if (holder.head != nullptr) head = {holder.head, static_cast<std::size_t>(holder.head_width)};
    ledger.put_entity(collection.number, holder.entity, "", false, head);
  }
  if (natural != nullptr && *natural != entity &&
      !ledger.entity_by_id(collection.number, *natural).found &&
      ledger.newest(collection.number, *natural).found)
    ledger.put_entity(collection.number, *natural, "", false, {});
  ledger.put_entity(collection.number, entity, key, natural != nullptr && *natural == entity, {});
}

}  // namespace plait
