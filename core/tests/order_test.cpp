// core/tests/order_test.cpp: events parents first.

#include "core/dag/order.h"

#include <gtest/gtest.h>

#include <set>

#include "core/tests/drawn_dag.h"

namespace plait {
namespace {

TEST(Order, ParentsComeBeforeTheirChildrenHoweverShuffled) {
  for_each_seed(1'000, [](Random& random) {
    DrawnDag dag = random_dag(random, 1 + random.below(20)).with_other_ids(random);
    std::vector<Links> shuffled = dag.events();
    random.shuffle(shuffled);
    auto order = parents_first(shuffled);
    ASSERT_TRUE(order);
    ASSERT_EQ(order->size(), shuffled.size());
    std::set<EventId> seen;
    for (std::size_t position : *order) {
      for (const EventId& parent : shuffled[position].parents) {
        EXPECT_TRUE(seen.contains(parent)) << dag.drawing();
      }
      seen.insert(shuffled[position].event);
    }
  });
}

TEST(Order, OfAPartOfAHistoryDoesNotMindParentsElsewhere) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"B"});
  std::vector<Links> part{dag.events()[2], dag.events()[1]};
  auto order = parents_first(part);
  ASSERT_TRUE(order);
  EXPECT_EQ(*order, (std::vector<std::size_t>{1, 0}));
}

TEST(Order, RepeatsKeepTheOrderTheyCameIn) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"});
  std::vector<Links> twice{dag.events()[1], dag.events()[0], dag.events()[1]};
  auto order = parents_first(twice);
  ASSERT_TRUE(order);
  EXPECT_EQ(*order, (std::vector<std::size_t>{1, 0, 2}));
}

TEST(Order, RefusesAnEventThatIsNotAfterItsParents) {
  EventId early(make_ulid(10, 1));
  EventId late(make_ulid(20, 1));
  auto order = parents_first(std::vector<Links>{{late, {}}, {early, {late}}});
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, Code::id_not_after_parents);
  EXPECT_EQ(order.error().where, "1");
  EXPECT_NE(order.error().what.find(to_text(early)), std::string::npos);
}

// The digest half of an id decides nothing here: it is the hlc that has to grow.
TEST(Order, RefusesAnEventStampedInTheSameInstantAsItsParent) {
  EventId parent(make_ulid(10, 1));
  EventId child(make_ulid(10, 2));
  auto order = parents_first(std::vector<Links>{{child, {parent}}});
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, Code::id_not_after_parents);
}

}  // namespace
}  // namespace plait
