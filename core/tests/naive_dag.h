// core/tests/naive_dag.h: the DAG's questions answered by brute force: the transitive closure of
// all.
//
// Shares nothing with core/dag but the ids. Slow on purpose.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/dag/links.h"

namespace plait {

class NaiveDag {
 public:
  using Set = std::set<EventId>;

  // REQUIRES: parents come before their children.
  explicit NaiveDag(std::span<const Links> events) {
    for (const Links& links : events) {
      Set& covered = covered_[links.event];
      covered.insert(links.event);
      for (const EventId& parent : links.parents) {
        covered.insert(covered_.at(parent).begin(), covered_.at(parent).end());
      }
      parents_[links.event] = links.parents;
      if (links.parents.empty()) roots_.insert(links.event);
    }
  }

  Set cover(std::span<const EventId> head) const {
    Set all;
    for (const EventId& event : head) {
      all.insert(covered_.at(event).begin(), covered_.at(event).end());
    }
    return all;
  }

  std::string relation(std::span<const EventId> ours, std::span<const EventId> theirs) const {
    Set a = cover(ours);
    Set b = cover(theirs);
    if (a == b) return "equal";
    if (a.empty() || b.empty()) return "diverged";
    if (both(a, b).empty()) return "disjoint";
    if (within(b, a) && both(a, roots_) == both(b, roots_)) return "descends";
    if (within(a, b) && both(a, roots_) == both(b, roots_)) return "ascends";
    return "diverged";
  }

  // Common events that no other common event is above of.
  std::vector<EventId> meet(std::span<const EventId> ours, std::span<const EventId> theirs) const {
    return tips(both(cover(ours), cover(theirs)));
  }

  std::vector<EventId> tips(const Set& events) const {
    std::vector<EventId> found;
    for (const EventId& event : events) {
      bool below = std::ranges::any_of(events, [&](const EventId& other) {
        return other != event && covered_.at(other).contains(event);
      });
      if (!below) found.push_back(event);
    }
    return found;
  }

  // How many events a walk may open that looks for `events` between these heads: none that is older
  // than all of the events, their parents and the heads.
  std::size_t cost_bound(std::span<const EventId> events, std::span<const EventId> heads) const {
    Set needed(heads.begin(), heads.end());
    for (const EventId& event : events) {
      needed.insert(event);
      needed.insert(parents_.at(event).begin(), parents_.at(event).end());
    }
    if (needed.empty()) return 0;
    return static_cast<std::size_t>(std::distance(covered_.find(*needed.begin()), covered_.end()));
  }

  std::vector<EventId> bridge(std::span<const EventId> known, std::span<const EventId> head) const {
    Set events = cover(head);
    for (const EventId& event : cover(known)) events.erase(event);
    return {events.begin(), events.end()};
  }

 private:
  static Set both(const Set& a, const Set& b) {
    Set common;
    for (const EventId& event : a) {
      if (b.contains(event)) common.insert(event);
    }
    return common;
  }
  static bool within(const Set& part, const Set& whole) { return both(part, whole) == part; }

  std::map<EventId, std::vector<EventId>> parents_;
  std::map<EventId, Set> covered_;  // itself included
  Set roots_;
};

}  // namespace plait
