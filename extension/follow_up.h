// extension/follow_up.h: what triggers, defaults and sequences added to a commit, as events of the
// database's own.
//
// For each row that a commit wrote it says what the events alone would have made of it; the row as
// it is at the end tells the rest. One event an entity, on top of the client's.
#pragma once

#include "extension/wall.h"

#include <map>
#include <string>
#include <vector>

#include "core/event/ulid.h"
#include "extension/catalogue.h"

namespace plait {

// What a row should be by a commit's events.
struct Expectation {
  CollectionRef collection;
  std::string first_key;  // under which it was before the commit; empty: it was not there
  std::string born_key;   // under which the commit put it there
  std::string last_key;
  HeapTuple image = nullptr;  // NULL: gone
};
using Expectations = std::map<std::pair<int, EntityId>, Expectation>;

struct FollowUp {
  CollectionRef collection;
  EntityId entity;
  EventId event;
};

// Takes all that was noted while the commit was under way and writes what its events do not say.
std::vector<FollowUp> follow_up(const Expectations& expectations);

}  // namespace plait
