// core/dag/frontier.h: the events that a walk has reached and not opened yet, greatest first.
//
// To open an event is to look at its parents. Ids grow along edges, so when the greatest unopened
// event is opened all its descendants have been, and what the walk knows of it is final. A walk has
// a colour for that: bits, whose meaning is its own.
//
// The frontier asks for links and is given them; it never calls out. It asks for each event once,
// in rounds: for all that was reached since the last round, not one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/dag/links.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

// How many events a walk may open.
struct Budget {
  std::size_t events;
};

class Frontier {
 public:
  using Colour = std::uint8_t;
  struct Reached {
    EventId event;
    Colour colour;
  };

  explicit Frontier(Budget budget) : budget_(budget) {}

  // Reaches an event, or adds to its colour. Returns the colour that it had: 0 if it is new.
  // REQUIRES: colour is not 0; the event is smaller than all that were taken.
  Colour paint(const EventId& event, Colour colour);

  // Takes the greatest event out. REQUIRES: there is one.
  Reached take();

  // Opens the event taken last: its parents, and it counts. Nothing if the walk has to stop here:
  // its links are wanted() first, or the budget is spent(). Refuses missing_parents if they were
  // asked for and not given, id_not_after_parents if the history is damaged.
  Result<std::optional<std::vector<EventId>>> open(const EventId& event);

  std::span<const EventId> wanted() const { return wanted_; }  // greatest first
  // What was wanted, in any order; what is left out is missing. More is welcome and kept.
  void give(std::vector<Links> links);
  void stop_asking() { wanted_.clear(); }

  bool spent() const { return spent_; }
  std::size_t opened() const { return opened_; }

 private:
  void ask(const EventId& event);

  Budget budget_;
  std::size_t opened_ = 0;
  bool spent_ = false;
  std::priority_queue<EventId> queue_;
  std::unordered_map<EventId, Colour> colours_;                // of the events in queue_
  std::unordered_map<EventId, std::vector<EventId>> parents_;  // given, not opened yet
  std::unordered_set<EventId> missing_;
  std::vector<EventId> unasked_;  // reached since the last round
  std::vector<EventId> wanted_;
};

}  // namespace plait
