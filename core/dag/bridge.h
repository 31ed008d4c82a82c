// core/dag/bridge.h: the events that lead from a known head to a wanted one, parents first.
//
//   Bridge bridge(known, head, Budget{1'000});
//   while (!bridge.wanted().empty()) {
//     if (Status given = bridge.give(links_of(bridge.wanted())); !given) return given.error();
//   }
//   if (!bridge.budget_exceeded()) send(bridge.parents_first());
//
// A bridge is every event that the wanted head covers and the known head does not, each once: also
// when the wanted head does not descend from the known one, and also those on side branches (a
// merge event whose second parent was never seen). Who applies all of it stands at the union of the
// two. It asks as a Walk does (core/dag/walk.h), with the same errors; its cost is the difference.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/dag/frontier.h"
#include "core/dag/head.h"
#include "core/dag/links.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

class Bridge {
 public:
  Bridge(std::span<const EventId> known, std::span<const EventId> head, Budget budget);

  // As of a Walk. Empty: the bridge is complete, or the budget exceeded.
  std::span<const EventId> wanted() const { return frontier_.wanted(); }
  Status give(std::vector<Links> links);

  // More events would have to be opened than allowed: what was found is the newest part only, of no
  // use to who stands at the known head.
  bool budget_exceeded() const { return frontier_.spent(); }

  // The events, descending: what `ancestors` gives, also past its budget.
  const std::vector<EventId>& newest_first() const { return newest_first_; }
  // Ascending ids. REQUIRES: the budget was not exceeded.
  std::vector<EventId> parents_first() const;

  std::size_t opened() const { return frontier_.opened(); }

 private:
  Status advance();
  void reach(const EventId& event, Frontier::Colour colour);

  Frontier frontier_;
  std::optional<Frontier::Reached> opening_;
  std::size_t unknown_ = 0;  // events of the frontier that the known head is not seen to cover
  std::vector<EventId> newest_first_;
};

// All events that a head covers, itself included, newest first; past the budget the newest of them.
Bridge ancestors(std::span<const EventId> head, Budget budget);

}  // namespace plait
