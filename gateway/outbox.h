// gateway/outbox.h: what waits to be written to one socket: bounded, and coalescing.
//
// Messages leave in order. A unit is the messages up to a `tick`, which the client applies
// together. When too much waits, all units that have not begun on the wire become one at the newest
// tick: rows and live messages as they are, then one delta a group, then one tick frame. One that
// has begun is finished first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/delta.h"

namespace plait::gateway {

// A message within a unit: of a query's first result, or a group's delta, or the schema.
struct UnitPart {
  std::shared_ptr<const std::string> text;  // absent where there is a delta
  DeltaPtr delta;
  std::string query;       // of a result: whose
  std::int64_t joins = 0;  // in its `live`: the group

  std::string_view message() const { return delta ? std::string_view(delta->text) : *text; }
};

class Outbox {
 public:
  struct Bounds {
    std::size_t merge_bytes = 256 * 1024;      // of deltas waiting: from here on units are merged
    std::size_t waiting_bytes_max = 16 << 20;  // of all but results; beyond: too slow
    std::size_t result_bytes_max = 256 << 20;  // of results; beyond: too slow
  };

  explicit Outbox(const Bounds& bounds) : bounds_(bounds), merge_at_(bounds.merge_bytes) {}

  // A message outside units.
  void say(std::string message);
  // One that carries rows which the client asked for: `fetch`.
  void say_rows(std::string message, std::string request);
  // A unit; `cursor` and `commits` make its tick frame.
  void add_unit(std::vector<UnitPart> parts, const std::optional<std::string>& cursor,
                std::vector<std::string> commits);
  // Results of this query that have not begun to leave are not wanted any more.
  void forget(std::string_view query);

  // Drops all that waits; whole messages have left so far.
  void clear();

  bool empty() const { return items_.empty(); }
  // Whether the client has fallen too far behind; merging has been tried.
  bool is_too_slow() const {
    return waiting_bytes_ > bounds_.waiting_bytes_max ||
           bytes_ - waiting_bytes_ > bounds_.result_bytes_max;
  }
  std::size_t bytes() const { return bytes_; }

  // The next message; stays valid until pop(). REQUIRES: not empty.
  std::string_view front() const { return items_.front().part.message(); }
  void pop();

 private:
  enum class Kind : std::uint8_t { outside, part, tick };
  struct Item {
    Kind kind;
    UnitPart part;
    std::optional<std::string> cursor;  // of a tick
    std::vector<std::string> commits;   // of a tick
    bool is_result() const { return !part.query.empty(); }
  };

  static Item tick_item(const std::optional<std::string>& cursor, std::vector<std::string> commits);
  void push(Item item);
  void count(const Item& item, int sign);
  void merge_units();

  Bounds bounds_;
  std::deque<Item> items_;
  bool unit_has_begun_ = false;  // the front belongs to a unit whose first message has left
  std::size_t ticks_ = 0;        // that wait
  std::size_t bytes_ = 0;
  std::size_t waiting_bytes_ = 0;  // without results
  std::size_t merge_at_;           // waiting bytes at which merging is tried next
};

}  // namespace plait::gateway
