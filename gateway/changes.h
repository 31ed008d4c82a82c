// gateway/changes.h: events after a cursor and rows of a snapshot → the changes of a batch.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "gateway/batch.h"
#include "gateway/database.h"

namespace plait::gateway {

// What of a collection decides how its changes are told.
struct Telling {
  std::vector<std::string> key;      // properties
  std::vector<std::string> derived;  // generated columns: they change without being named
};

// Collections whose changes are wanted.
using Watched = std::map<std::string, Telling, std::less<>>;

// One event as the tail needs it.
struct FeedEvent {
  EventId id;
  std::vector<EventId> parents;
  bool creates = false;
  std::vector<std::string> properties;  // that it names
  bool only_sets = true;                // by `set` alone
};

// For each property that the events name, the event that holds it, where the events alone tell:
// they are a chain that ends in the head, so all else is older. Nothing: older events may hold
// some, ask the database. REQUIRES: events by id, at least one.
std::optional<wire::Winners> winners_of_chain(std::span<const FeedEvent> events,
                                              std::span<const EventId> head);

// All changes of the watched collections after the tick `cursor`, as the open transaction's
// snapshot shows them. Throws DatabaseError; cursor_unknown: there is no such tick.
void read_changes(Database& database, const std::string& cursor, const Watched& watched,
                  Batch& batch);

}  // namespace plait::gateway
