// core/tests/drawn_history.h: an entity's history for tests: events with operations, by name or
// random, and the orders in which they may arrive.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/event/operations.h"
#include "core/merge/fold.h"
#include "core/merge/merge.h"
#include "core/tests/drawn_dag.h"
#include "core/tests/random.h"

namespace plait {

inline Json json_of(std::string_view text) {
  auto json = parse_json(text);
  EXPECT_TRUE(json) << text;
  return json ? *json : Json();
}

// lww properties of these names; initial values by name, else null.
inline Properties lww_properties(const std::vector<std::string>& names,
                                 const std::map<std::string, std::string>& initial = {}) {
  std::vector<Property> properties;
  for (const std::string& name : names) {
    auto given = initial.find(name);
    Json value = given == initial.end() ? Json() : json_of(given->second);
    properties.push_back({name, find_merge_rule("lww"), std::move(value)});
  }
  return Properties(std::move(properties));
}

// One event of a history: what a test draws, a naive model reads and core folds.
struct DrawnEvent {
  EventId id;
  std::vector<EventId> parents;
  Json operations;

  // As long-lived as the event.
  EventView view() const {
    auto read = read_operations(operations);
    EXPECT_TRUE(read) << to_text(operations);
    return {id, parents, read ? *read : Operations()};
  }
};

// Events by name, as in the acceptance catalogue: B@20(A) set title=b is
//   history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
class DrawnHistory {
 public:
  using Names = DrawnDag::Names;

  DrawnHistory& add(const std::string& name, const Names& parents, std::string_view operations,
                    std::uint64_t at = 0) {
    dag_.add(name, parents, at);
    const Links& links = dag_.events().back();
    events_.push_back({links.event, links.parents, json_of(operations)});
    return *this;
  }

  const DrawnDag& dag() const { return dag_; }
  const std::deque<DrawnEvent>& events() const { return events_; }
  const DrawnEvent& event(const std::string& name) const {
    return *std::ranges::find(events_, dag_.id(name), &DrawnEvent::id);
  }
  std::vector<EventView> views() const {
    std::vector<EventView> all;
    for (const DrawnEvent& event : events_) all.push_back(event.view());
    return all;
  }
  std::vector<EventView> views(const Names& names) const {
    std::vector<EventView> some;
    for (const std::string& name : names) some.push_back(event(name).view());
    return some;
  }
  std::string drawing() const {
    std::string text = dag_.drawing() + "\n";
    for (const DrawnEvent& event : events_) {
      text += dag_.names({{event.id}}) + " " + to_text(event.operations) + "\n";
    }
    return text;
  }

  // An order of arrival: parents first, else at random.
  std::vector<const DrawnEvent*> arrival(Random& random) const {
    std::vector<const DrawnEvent*> order;
    std::set<EventId> arrived;
    while (order.size() < events_.size()) {
      std::vector<const DrawnEvent*> ready;
      for (const DrawnEvent& event : events_) {
        if (!arrived.contains(event.id) && all_in(arrived, event.parents)) ready.push_back(&event);
      }
      order.push_back(random.pick(ready));
      arrived.insert(order.back()->id);
    }
    return order;
  }

  // Calls f(order) for every order of arrival.
  template <typename F>
  void for_each_arrival(F&& f) const {
    std::vector<const DrawnEvent*> order;
    std::set<EventId> arrived;
    extend(order, arrived, f);
  }

 private:
  static bool all_in(const std::set<EventId>& known, const std::vector<EventId>& events) {
    return std::ranges::all_of(events, [&](const EventId& id) { return known.contains(id); });
  }

  template <typename F>
  void extend(std::vector<const DrawnEvent*>& order, std::set<EventId>& arrived, F& f) const {
    if (order.size() == events_.size()) f(order);
    for (const DrawnEvent& event : events_) {
      if (arrived.contains(event.id) || !all_in(arrived, event.parents)) continue;
      order.push_back(&event);
      arrived.insert(event.id);
      extend(order, arrived, f);
      arrived.erase(event.id);
      order.pop_back();
    }
  }

  DrawnDag dag_;
  std::deque<DrawnEvent> events_;
};

// The properties that a random history sets.
inline const std::vector<std::string> random_names{"artist", "n", "title"};

// A random history of one entity: a genesis, then sets (null at times), deletes, restores with and
// without values, domain events and empty joining events.
inline DrawnHistory random_history(Random& random, std::size_t events) {
  DrawnDag dag = random_dag(random, events, Lines::one);
  DrawnHistory history;
  for (const Links& links : dag.events()) {
    bool genesis = links.parents.empty();
    Json operations = Json::object();
    std::size_t kind = random.below(100);
    if (genesis || kind < 15) operations.set("create", Json::boolean(true));
    if (!genesis && kind >= 15 && kind < 35) operations.set("delete", Json::boolean(true));
    if (!genesis && kind >= 35 && kind < 42) {
      operations.set("emit", Json::object().set("type", Json::string("Heard")));
    }
    Json set = Json::object();
    for (const std::string& property : random_names) {
      if (kind < 95 && random.chance(35)) {
        bool null = random.chance(15);
        set.set(property,
                null ? Json() : Json::integer(static_cast<std::int64_t>(random.below(99))));
      }
    }
    if (!set.as_object().empty() && operations.find("delete") == nullptr)
      operations.set("set", set);
    DrawnHistory::Names parents;
    for (const EventId& parent : links.parents) parents.push_back(dag.names({{parent}}));
    history.add(dag.names({{links.event}}), parents, to_text(operations));
  }
  return history;
}

}  // namespace plait
