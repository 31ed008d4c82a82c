// gateway/delta.h: what ticks did to a group's result, and how several of them become one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/batch.h"

namespace plait::gateway {

// An entity's way through a result.
struct Passage {
  bool was_member = false;
  bool is_member = false;
  // It was away in between, or was created anew: an update would build on what some reader lacks.
  bool replaces = false;
  ChangePtr change;  // the newest row, and all properties that changed on the way
};

struct GroupDelta {
  std::int64_t group = 0;
  std::int64_t tick = 0;
  std::vector<Passage> passages;  // one an entity
  std::string text;               // the `delta` message, the same for every socket
};
using DeltaPtr = std::shared_ptr<const GroupDelta>;

// A delta with its text. REQUIRES: one passage an entity.
DeltaPtr make_delta(std::int64_t group, std::int64_t tick, std::vector<Passage> passages);

// Several deltas of one group, in tick order, as one at the newest tick. What came and went is left
// out, unless `tell_all`: then some reader joined in between, may hold it, and is told that it is
// gone. Nothing is left: nullptr. REQUIRES: at least one delta.
DeltaPtr merge(std::span<const DeltaPtr> deltas, bool tell_all);

}  // namespace plait::gateway
