// core/merge/winners.h: which event's operation holds for a property, found from the newest event
// down.
//
// The last operation on a property is the one that holds, so the newest events decide, and a walk
// down the ledger stops at the first that was looked for: cost is what came after it, not the
// history.
//
//   Winners winners({"title", "year"});
//   for (EventView event : newest_first(ledger)) {
//     if (winners.complete()) break;
//     winners.add(event);
//   }
//   tell(winners.found());
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/ulid.h"
#include "core/merge/fold.h"

namespace plait {

class Winners {
 public:
  explicit Winners(std::span<const std::string_view> properties);

  // REQUIRES: events come in descending order of their ids. The genesis, which comes last, decides
  // for all that is left: an initial value acts as if the genesis had set it.
  void add(const EventView& event);

  bool complete() const { return open_.empty(); }
  // By property: those decided so far.
  const std::map<std::string, EventId, std::less<>>& found() const { return found_; }

 private:
  std::set<std::string, std::less<>> open_;
  std::map<std::string, EventId, std::less<>> found_;
};

}  // namespace plait
