// extension/entity_key.h: key ↔ entity as a reader sees it, through the snapshot of its statement.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/ulid.h"
#include "extension/catalogue.h"
#include "extension/table.h"

namespace plait {

// Keys of many entities; keeps plait.entity open in between. Outside pg(); an error inside Postgres
// closes the table with its transaction.
class EntityKeys {
 public:
  explicit EntityKeys(Snapshot snapshot);
  // The key array that an entity has; empty: its key was taken, or it has none.
  std::string key_of(const Collection& collection, const EntityId& entity);
  void close();

 private:
  Table table_;
  Probe probe_;
  bool is_empty_;  // then it has no row that the snapshot could show
};

// The keys of entities as the active snapshot shows them, one each; empty: it has none. Outside
// pg().
std::vector<std::string> keys_of(const Collection& collection, std::span<const EntityId> entities);

// The entity that has a key, dead ones included; whether it has events is another question. Outside
// pg(). Empty: no entity can have it.
std::optional<EntityId> entity_with_key(const Collection& collection, std::string_view key,
                                        Snapshot snapshot);

}  // namespace plait
