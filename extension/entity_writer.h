// extension/entity_writer.h: neighbouring events of one entity become one row write and their rows
// in the ledger.
#pragma once

#include "extension/wall.h"

#include <span>
#include <vector>

#include "core/merge/fold.h"
#include "extension/entity_locks.h"
#include "extension/follow_up.h"

namespace plait {

// Refuses entity_exists: a key that another entity has, living or dead, seen or not.
[[noreturn]] void refuse_key_taken(const RequestedEvent& first);

class EntityWriter {
 public:
  EntityWriter(const Collection& collection, const EntityId& entity, EntityLocks& locks);

  // REQUIRES: ascending by id, none of them stored. Refuses entity_exists, bad_entity,
  // missing_parents, head_moved, head_too_wide, history_compacted, restore_incomplete,
  // write_refused, not_found (a ref).
  void write(std::span<const RequestedEvent* const> events, Expectations& expectations);

 private:
  void check_genesis(const RequestedEvent& requested);
  void check_parents(std::span<const RequestedEvent* const> events);
  Head advance_head(std::span<const RequestedEvent* const> events);
  Effect effect_of(std::span<const RequestedEvent* const> events);
  void write_row(const Effect& effect, const RequestedEvent& first, Expectations& expectations);
  Json present_value(const std::string& name) const;
  bool may_read_whole() const;
  RowValues restored_values(const Effect& effect, const RequestedEvent& first);
  RowValues resolved(const RowValues& values, const std::string& where) const;
  RowValues with_key(RowValues values, const RequestedEvent& first);
  [[noreturn]] void refuse_taken(const std::string& key, const EntityId& owner,
                                 const RequestedEvent& first);
  void insert(RowValues values, const RequestedEvent& first, Expectation& expected);
  void update(const RowValues& values, const RequestedEvent& first, Expectation& expected);
  void remove(const RequestedEvent& first, Expectation& expected);
  void store(std::span<const RequestedEvent* const> events, const Head& head);
  void join(const Head& head);

  const Collection& collection_;
  const EntityLocks& locks_;
  LockedEntity& locked_;
  Properties properties_;
  Head head_;  // before
  bool had_wide_head_ = false;
  std::vector<EventView> fresh_;
};

}  // namespace plait
