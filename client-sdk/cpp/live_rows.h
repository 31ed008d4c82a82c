// client-sdk/cpp/live_rows.h: the rows of one live query, and what a unit did to them.
//
// Frames are applied one after the other, and what came of them is told as one net change: a row
// that a unit removed and added again is an update, one that it added and removed never was.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/wire/message.h"

namespace plait::client {

struct Change {
  enum class Kind : std::uint8_t { added, updated, removed };
  Kind kind;
  wire::Row row;                 // as it is now; removed: as it last was
  Json before = Json::object();  // updated: what the changed properties held
  Json set = Json::object();     // updated: the changed properties as they now stand
  bool gone = false;             // removed: deleted or hidden; else the query no longer says so
};

class LiveRows {
 public:
  void apply(const wire::Rows& rows);
  void apply(const wire::Delta& delta);

  // What has come since the last call, in the order in which it came first. A row of which only the
  // head is new is left out; one that has another key, of which nothing else is new, is an update
  // that sets nothing.
  std::vector<Change> take_changes();

  const std::map<EntityId, wire::Row>& rows() const { return rows_; }

 private:
  struct Touched {
    EntityId entity;
    std::optional<wire::Row> before;  // the unit
    bool gone = false;
  };

  Touched& touch(const EntityId& entity);
  void put(const wire::Row& row);
  void update(const wire::Update& update);
  void remove(const wire::Remove& remove);

  std::map<EntityId, wire::Row> rows_;
  std::vector<Touched> touched_;
  std::map<EntityId, std::size_t> touched_at_;
};

}  // namespace plait::client
