// gateway/tests/world.h: a database that is a list of states, and clients that check every unit
// they are sent.
//
// The world knows the rows of every tick, so what a client holds after a `tick` frame can be
// compared with the truth at that very tick. It reads queries by its own conditions, not by the
// product's evaluator.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/tests/random.h"
#include "core/wire/cursor.h"
#include "core/wire/message.h"
#include "gateway/batch.h"
#include "gateway/catalogue.h"

namespace plait::gateway {

struct Album {
  std::int64_t year = 0;
  std::string name;
  EventId head;
  bool operator==(const Album&) const = default;
};
using Albums = std::map<std::int64_t, Album>;  // by id

struct Condition {
  std::string text;
  std::function<bool(const Album&)> holds;
};
const std::vector<Condition>& conditions();

class World {
 public:
  explicit World(std::uint64_t salt) : salt_(salt) { states_.push_back({}); }

  std::int64_t tick() const { return static_cast<std::int64_t>(states_.size()) - 1; }
  const Albums& at(std::int64_t tick) const { return states_[static_cast<std::size_t>(tick)]; }
  Albums result(const Condition& condition, std::int64_t tick) const;
  // A tick with a few changes; each tick is the transaction 1000 + tick.
  void advance(Random& random);
  // A tick with one change: an album of this year, or none of this id any more.
  void put(std::int64_t id, std::int64_t year);
  void erase(std::int64_t id);

  Position position(std::int64_t tick) const;
  std::string cursor(std::int64_t tick) const { return to_text(Cursor{tick, salt_}); }
  bool knows(const std::string& cursor) const;
  // The changes of the ticks after `from` up to `to`, with the rows of `to`.
  BatchPtr batch(std::int64_t from, std::int64_t to) const;
  // Entities with events after `from` up to `to`.
  std::set<std::int64_t> changed(std::int64_t from, std::int64_t to) const;

  static CataloguePtr catalogue();
  static EntityId entity(std::int64_t id) {
    return EntityId(make_ulid(0, static_cast<std::uint64_t>(id)));
  }
  static std::string row_text(std::int64_t id, const Album& album);
  static Json state(std::int64_t id, const Album& album);

 private:
  struct Event {
    std::int64_t id;
    bool creates;
    std::vector<std::string> properties;
    EventId event;
  };
  EventId next_event(std::int64_t id);

  std::uint64_t salt_;
  std::uint64_t last_event_ = 0;
  std::vector<Albums> states_;
  std::map<std::int64_t, std::vector<Event>> events_;  // by tick
};

// What a client keeps of its live queries, unit by unit.
class Mirror {
 public:
  struct Query {
    const Condition* condition;
    std::map<EntityId, wire::Row> rows;
    std::optional<std::int64_t> group;
    std::optional<std::string> error;
    bool leaving = false;  // unsubscribe was said
  };

  explicit Mirror(const World& world) : world_(&world) {}

  // Reads one message; at the end of a unit compares all live queries with the world.
  void read(std::string_view message);

  std::map<std::string, Query> queries;
  std::optional<std::string> cursor;
  std::optional<wire::Welcome> welcome;
  std::vector<std::string> covered;  // commits, as ticks named them
  std::vector<wire::Reply> answers;  // that belong to no unit
  std::size_t units = 0;
  std::size_t deltas = 0;

 private:
  void apply(const wire::Rows& rows);
  void apply(const wire::Delta& delta, Query& query);
  void close_unit(const wire::Tick& tick);
  void check(const std::string& id, const Query& query, std::int64_t tick) const;

  const World* world_;
  std::vector<wire::Reply> unit_;
};

}  // namespace plait::gateway
