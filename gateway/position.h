// gateway/position.h: how far the feed has been read: a tick, and which transactions it covers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plait::gateway {

// A pg_snapshot, `xmin:xmax:xip,xip,…`: the transactions that were finished when it was taken.
class Finished {
 public:
  Finished() = default;  // none
  // Nothing: not a snapshot's text.
  static std::optional<Finished> parse(std::string_view text);

  bool has(std::uint64_t xid) const;
  // Whether all that `other` has is in this one: this one is the later of the two, or they are
  // equal.
  bool has_all_of(const Finished& other) const;

  friend bool operator==(const Finished&, const Finished&) = default;

 private:
  std::uint64_t end_ = 0;               // xmax: nothing from here on was finished
  std::vector<std::uint64_t> running_;  // ascending, below end_
};

struct Position {
  std::int64_t tick = 0;              // 0: the database has no tick yet
  std::optional<std::string> cursor;  // the tick's; absent before the first one
  Finished finished;                  // what the rows of this tick show
};

}  // namespace plait::gateway
