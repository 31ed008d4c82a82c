// extension/entity_locks.h: the entities of a commit, locked in one order, with every event's
// rights.
//
// Lock order everywhere: the user's row, then the entity. Rows in (collection, key) order; then the
// dead, by entity id, each by the tuple of its newest event. After each lock the key is looked up
// again.
#pragma once

#include "extension/wall.h"

#include <map>
#include <vector>

#include "core/merge/state.h"
#include "extension/commit_request.h"
#include "extension/ledger.h"
#include "extension/row.h"

namespace plait {

// What a commit found an entity to be, once it was locked.
struct LockedEntity {
  CollectionRef collection;
  EntityId entity;
  Life life = Life::absent;
  std::string key;  // array; empty: it has none
  std::vector<const RequestedEvent*> events;
  bool begins_here = false;  // its genesis is in this commit
  Head head;                 // before it was locked
};

class EntityLocks {
 public:
  void add(const RequestedEvent& requested);
  // Refuses missing_parents (an entity that nobody knows), not_found, permission_denied; waits.
  void acquire();
  // Whether someone wrote on one of them before the lock was granted.
  bool has_waited() const { return has_waited_; }
  LockedEntity& of(const Collection& collection, const EntityId& entity);
  // Whether it is one of them: then the caller has seen it, or makes it.
  bool has(const Collection& collection, const EntityId& entity) const;

 private:
  using Name = std::pair<int, EntityId>;

  void ask_rights(const LockedEntity& locked);
  bool lock_living(LockedEntity& locked);
  bool lock_dead(LockedEntity& locked);

  std::map<Name, LockedEntity> entities_;
  bool has_waited_ = false;
};

// An entity as it is now: its key (empty: none) and its head.
struct EntityPosition {
  std::string key;
  Head head;
  NewestEvent newest;
};
EntityPosition position_of(const Collection& collection, const EntityId& entity);

// Whether the caller may be told of an entity as it is now: he sees all of its collection, or its
// row.
bool sees_entity(const Collection& collection, const EntityId& entity);

// Raises Postgres' error again, with the code of ours and the place in DETAIL before its own text.
[[noreturn]] void rethrow_at(const PgError& error, const std::string& where);

}  // namespace plait
