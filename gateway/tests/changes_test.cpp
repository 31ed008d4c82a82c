// gateway/tests/changes_test.cpp: when a batch's events alone tell who holds a property.

#include "gateway/changes.h"

#include <gtest/gtest.h>

namespace plait::gateway {
namespace {

EventId id(std::uint64_t hlc) { return EventId(make_ulid(hlc, 1)); }

FeedEvent event(std::uint64_t hlc, std::vector<EventId> parents,
                std::vector<std::string> properties) {
  return {id(hlc), std::move(parents), false, std::move(properties), true};
}

TEST(Changes, AChainThatEndsInTheHeadTellsItsWinners) {
  std::vector<FeedEvent> chain = {event(5, {id(1), id(2)}, {"year", "name"}),
                                  event(6, {id(5)}, {"year"})};
  auto winners = winners_of_chain(chain, Head{id(6)});
  ASSERT_TRUE(winners);
  EXPECT_EQ(*winners, (wire::Winners{{"year", id(6)}, {"name", id(5)}}));
}

TEST(Changes, WhereOlderEventsMayHoldTheDatabaseIsAsked) {
  // A late event: the head is something else, or more.
  EXPECT_FALSE(winners_of_chain(std::vector{event(5, {id(1)}, {"year"})}, Head{id(5), id(9)}));
  EXPECT_FALSE(winners_of_chain(std::vector{event(5, {id(1)}, {"year"})}, Head{id(9)}));
  // A late event that a later one of the same batch covers together with what is older.
  std::vector<FeedEvent> merge = {event(5, {id(1)}, {"year"}), event(9, {id(5), id(8)}, {"name"})};
  EXPECT_FALSE(winners_of_chain(merge, Head{id(9)}));
  // Other verbs than set.
  FeedEvent adds = event(5, {id(1)}, {"plays"});
  adds.only_sets = false;
  EXPECT_FALSE(winners_of_chain(std::vector{adds}, Head{id(5)}));
}

}  // namespace
}  // namespace plait::gateway
