// core/tests/history_vectors_test.cpp: core agrees with vectors/vectors.json on the DAG and the
// merge.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/dag/bridge.h"
#include "core/dag/head.h"
#include "core/dag/walk.h"
#include "core/event/event.h"
#include "core/merge/fold.h"
#include "core/tests/drawn_dag.h"
#include "core/tests/vectors.h"

namespace plait {
namespace {

constexpr Budget plenty{10'000};

EventId event_id(const Json& text) { return EventId(*parse_ulid(text.as_string())); }

Head ids_of(const Json& array) {
  Head ids;
  for (const Json& text : array.as_array()) ids.push_back(event_id(text));
  return ids;
}

std::deque<Event> events_of(const Json& vector) {
  std::deque<Event> events;
  for (const Json& json : vector.find("events")->as_array()) events.push_back(*read_event(json));
  return events;
}

TEST(Vectors, RelationsMeetsAndBridges) {
  for_each_vector("dag", [](const Json& vector) {
    std::vector<Links> links;
    for (const Event& event : events_of(vector)) links.push_back({event.id, event.parents});
    LinksTable table(links);
    for (const Json& answer : vector.find("answers")->as_array()) {
      SCOPED_TRACE(to_text(answer));
      Head ours = ids_of(*answer.find("ours"));
      Head theirs = ids_of(*answer.find("theirs"));
      Walk walk(ours, theirs, plenty);
      ASSERT_TRUE(table.drive(walk));
      EXPECT_EQ(name(walk.relation()), text_of(answer, "relation"));
      EXPECT_EQ(walk.meet(), ids_of(*answer.find("meet")));
      Bridge bridge(theirs, ours, plenty);
      ASSERT_TRUE(table.drive(bridge));
      EXPECT_EQ(bridge.parents_first(), ids_of(*answer.find("bridge")));
    }
  });
}

Properties properties_of(const Json& vector) {
  std::vector<Property> properties;
  for (const auto& [name, rule] : vector.find("properties")->as_object()) {
    properties.push_back({name, find_merge_rule(text_of(rule, "merge")), *rule.find("initial")});
  }
  return Properties(std::move(properties));
}

TEST(Vectors, StatesOfAHistory) {
  for_each_vector("merge", [](const Json& vector) {
    Properties properties = properties_of(vector);
    std::deque<Event> events = events_of(vector);
    std::vector<EventView> views;
    for (const Event& event : events) {
      views.push_back({event.id, event.parents, *read_operations(event.operations)});
    }
    auto state = fold(properties, views);
    ASSERT_TRUE(state) << state.error().what;

    const Json& expected = *vector.find("state");
    EXPECT_EQ(name(state->life), text_of(expected, "life"));
    EXPECT_EQ(state->life_event, event_id(*expected.find("life_event")));
    EXPECT_EQ(values(*state, properties), *expected.find("values"));
    EXPECT_EQ(state->head, ids_of(*expected.find("head")));
    Json won = Json::object();
    for (const auto& [property, held] : state->registers) {
      won.set(property, Json::string(to_text(held.event)));
    }
    EXPECT_EQ(won, *expected.find("won"));
  });
}

}  // namespace
}  // namespace plait
