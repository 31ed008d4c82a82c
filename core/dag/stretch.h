// core/dag/stretch.h: the events since the last critical version before given ones: what a merge
// that replays concurrent events has to read.
//
// A version is critical if every earlier event is its ancestor and every later one descends from
// it. Where history is linear that is the head, and nothing is asked for.
//
//   Stretch stretch(head, fresh, Budget{10'000});
//   while (!stretch.wanted().empty()) {
//     if (Status given = stretch.give(links_of(stretch.wanted())); !given) return given.error();
//   }
//   if (!stretch.budget_exceeded()) replay(stretch.newest_first());
//
// It asks as a Walk does (core/dag/walk.h), with the same errors. It opens events from the greatest
// id down and stops where all that it opened hangs on the same parents.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/dag/frontier.h"
#include "core/dag/links.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

class Stretch {
 public:
  // Of the events of a head and new ones that are not among them.
  Stretch(std::span<const EventId> head, std::span<const Links> fresh, Budget budget);

  // As of a Walk. Empty: the stretch is complete, or the budget exceeded.
  std::span<const EventId> wanted() const { return frontier_.wanted(); }
  Status give(std::vector<Links> links);
  bool budget_exceeded() const { return frontier_.spent(); }

  // The known events of the stretch, descending.
  const std::vector<EventId>& newest_first() const { return newest_first_; }

 private:
  Status advance();
  bool critical() const;
  void open(std::span<const EventId> parents);
  void reach(const EventId& event);

  Frontier frontier_;
  std::optional<EventId> opening_;
  std::size_t reached_ = 0;  // events of the frontier
  std::vector<EventId> newest_first_;

  // Opened events none of whose parents is opened: how many parents each has, by the greatest.
  std::map<EventId, std::vector<std::size_t>> roots_;
  std::map<std::size_t, std::size_t> widths_;  // how many roots have that many parents
};

}  // namespace plait
