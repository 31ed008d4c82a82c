// core/tests/drawn_dag.h: small DAGs for tests: drawn by hand with names, or at random; and a table
// that answers what a walk asks for.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/dag/head.h"
#include "core/dag/links.h"
#include "core/tests/random.h"

namespace plait {

// Events by name. Ids ascend in the order in which the events are added, unless `at` says
// otherwise.
class DrawnDag {
 public:
  using Names = std::vector<std::string>;

  DrawnDag& add(const std::string& name, const Names& parents = {}, std::uint64_t at = 0) {
    clock_ = at != 0 ? at : clock_ + 10;
    EventId id(make_ulid(clock_, low_ += 0x9e3779b97f4a7c15ULL));
    events_.push_back({id, ids(parents)});
    ids_.emplace(name, id);
    names_.emplace(id, name);
    return *this;
  }

  EventId id(const std::string& name) const { return ids_.at(name); }
  Head ids(const Names& names) const {
    Head head;
    for (const std::string& name : names) head.push_back(id(name));
    return head;
  }
  // As one word: "A B", in the order of the names, so that a test reads it at a glance.
  std::string names(std::span<const EventId> events) const {
    std::vector<std::string> found;
    for (const EventId& event : events) found.push_back(names_.at(event));
    std::ranges::sort(found);
    return joined(found);
  }
  std::string names_in_order(std::span<const EventId> events) const {
    std::vector<std::string> found;
    for (const EventId& event : events) found.push_back(names_.at(event));
    return joined(found);
  }

  const std::vector<Links>& events() const { return events_; }
  // What a failure prints: "C<-A,B".
  std::string drawing() const {
    std::string text;
    for (const Links& links : events_) {
      text += names_.at(links.event) + "<-";
      for (const EventId& parent : links.parents) text += names_.at(parent) + ",";
      text += " ";
    }
    return text;
  }

  // The same DAG with ids in another order that its edges allow.
  DrawnDag with_other_ids(Random& random) const {
    DrawnDag other;
    std::set<std::string> added;
    while (added.size() < events_.size()) {
      std::vector<const Links*> ready;
      for (const Links& links : events_) {
        bool free = std::ranges::all_of(links.parents, [&](const EventId& parent) {
          return added.contains(names_.at(parent));
        });
        if (free && !added.contains(names_.at(links.event))) ready.push_back(&links);
      }
      const Links& next = *random.pick(ready);
      Names parents;
      for (const EventId& parent : next.parents) parents.push_back(names_.at(parent));
      other.add(names_.at(next.event), parents);
      added.insert(names_.at(next.event));
    }
    return other;
  }

 private:
  static std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }

  std::vector<Links> events_;
  std::map<std::string, EventId> ids_;
  std::map<EventId, std::string> names_;
  std::uint64_t clock_ = 0;
  std::uint64_t low_ = 1;
};

enum class Lines { one, several };  // how many roots a random DAG may have

// A random DAG of named events "0", "1", …; parents are antichains at times and redundant at
// others, as replicas and hostile clients make them.
inline DrawnDag random_dag(Random& random, std::size_t events, Lines lines = Lines::several) {
  DrawnDag dag;
  std::size_t roots = lines == Lines::several && random.chance(30) ? 1 + random.below(3) : 1;
  std::size_t near = 1 + random.below(events);  // parents come from the newest `near` events
  for (std::size_t i = 0; i < events; ++i) {
    std::set<std::string> parents;
    bool root = i < roots || (roots > 1 && random.chance(4));
    std::size_t count = root ? 0 : 1 + (random.chance(40) ? random.below(3) : 0);
    for (std::size_t n = 0; n < count; ++n) {
      parents.insert(std::to_string(i - 1 - random.below(std::min(i, near))));
    }
    dag.add(std::to_string(i), {parents.begin(), parents.end()});
  }
  return dag;
}

// Answers a walk as a table would, and checks that it asks as promised: greatest first, nothing
// twice.
class LinksTable {
 public:
  explicit LinksTable(std::span<const Links> events) {
    for (const Links& links : events) parents_.emplace(links.event, links.parents);
  }
  void forget(const EventId& event) { parents_.erase(event); }

  // Shuffles answers and adds some that nobody asked for.
  void disturb_by(Random& random) { random_ = &random; }

  template <typename W>
  Status drive(W& walk) {
    asked_.clear();
    rounds = 0;
    while (!walk.wanted().empty()) {
      ++rounds;
      std::vector<Links> answer;
      EXPECT_TRUE(std::ranges::is_sorted(walk.wanted(), std::greater<>()));
      for (const EventId& event : walk.wanted()) {
        EXPECT_TRUE(asked_.insert(event).second) << "asked twice";
        if (auto row = parents_.find(event); row != parents_.end()) answer.push_back(links(row));
      }
      if (random_ != nullptr) add_noise(answer);
      if (Status given = walk.give(std::move(answer)); !given) return given.error();
    }
    return ok;
  }

  std::size_t rounds = 0;
  std::size_t asked() const { return asked_.size(); }

 private:
  using Rows = std::map<EventId, std::vector<EventId>>;

  static Links links(Rows::const_iterator row) { return {row->first, row->second}; }

  void add_noise(std::vector<Links>& answer) {
    for (auto row = parents_.begin(); row != parents_.end(); ++row) {
      if (random_->chance(10)) answer.push_back(links(row));
    }
    random_->shuffle(answer);
  }

  Rows parents_;
  std::set<EventId> asked_;
  Random* random_ = nullptr;
};

}  // namespace plait
