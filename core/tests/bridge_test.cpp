// core/tests/bridge_test.cpp: the events that lead from one head to another.

#include "core/dag/bridge.h"

#include <gtest/gtest.h>

#include "core/tests/drawn_dag.h"
#include "core/tests/naive_dag.h"

namespace plait {
namespace {

constexpr Budget plenty{100'000};

using Names = DrawnDag::Names;

// The bridge's events, parents first.
std::string bridged(const DrawnDag& dag, const Names& known, const Names& head) {
  Bridge bridge(dag.ids(known), dag.ids(head), plenty);
  Status driven = LinksTable(dag.events()).drive(bridge);
  return driven ? dag.names_in_order(bridge.parents_first())
                : "error " + std::string(name(driven.error().code));
}

TEST(Bridge, Dag01AChainComesOldestFirst) {
  DrawnDag dag;
  dag.add("1").add("2", {"1"}).add("3", {"2"});
  EXPECT_EQ(bridged(dag, {"1"}, {"3"}), "2 3");
  EXPECT_EQ(bridged(dag, {"3"}, {"1"}), "");
  EXPECT_EQ(bridged(dag, {"2"}, {"2"}), "");
  EXPECT_EQ(bridged(dag, {}, {"3"}), "1 2 3");
  EXPECT_EQ(bridged(dag, {"1"}, {}), "");
}

TEST(Bridge, Dag06DiamondsHaveNoDuplicates) {
  DrawnDag dag;
  dag.add("root").add("A", {"root"}).add("C", {"root"}).add("B", {"C"}).add("J", {"A", "B"});
  EXPECT_EQ(bridged(dag, {"root"}, {"J"}), "A C B J");
}

TEST(Bridge, Dag10BothChainsOfADeepDiamond) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"B"}).add("E", {"C"}).add("F", {"D"});
  dag.add("G", {"E"}).add("H", {"F"}).add("I", {"G"}).add("X", {"D"}).add("Y", {"X"});
  EXPECT_EQ(bridged(dag, {"I"}, {"H"}), "B D F H");
  EXPECT_EQ(bridged(dag, {"H"}, {"I"}), "C E G I");
  EXPECT_EQ(bridged(dag, {"H"}, {"Y"}), "X Y");
}

// Jumping to E would lose what G and C wrote.
TEST(Bridge, Dag16AMergeEventBringsItsOtherBranch) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"B"}).add("G", {"A"}).add("E", {"C", "G"});
  EXPECT_EQ(bridged(dag, {"B"}, {"E"}), "C G E");
  Head head = dag.ids({"B"});
  for (const Links& links : dag.events()) {
    if (links.event > dag.id("B")) head = advance(head, links.event, links.parents);
  }
  EXPECT_EQ(dag.names(head), "E");
}

TEST(Bridge, Br02AnUnevenDiamondComesWhole) {
  DrawnDag dag;
  dag.add("A", {}, 10).add("X", {"A"}, 20).add("P", {"X"}, 30).add("H1", {"P"}, 40);
  dag.add("H2", {"X"}, 35);
  EXPECT_EQ(bridged(dag, {"A"}, {"H1", "H2"}), "X P H2 H1");
}

TEST(Bridge, ForksComeWithoutWhatIsKnown) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"C"});
  EXPECT_EQ(bridged(dag, {"B"}, {"D"}), "C D");
  EXPECT_EQ(bridged(dag, {"B"}, {"B", "D"}), "C D");
}

TEST(Bridge, AnUnknownKnownEventIsNamed) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"});
  Head foreign{EventId(make_ulid(1'000'000, 7))};
  Bridge bridge(foreign, dag.ids({"B"}), plenty);
  Status driven = LinksTable(dag.events()).drive(bridge);
  ASSERT_FALSE(driven);
  EXPECT_EQ(driven.error().code, Code::missing_parents);
  EXPECT_NE(driven.error().what.find(to_text(foreign[0])), std::string::npos);
  EXPECT_TRUE(bridge.wanted().empty());
}

TEST(Bridge, CostsTheDifferenceNotTheHistory) {
  DrawnDag dag;
  dag.add("1");
  for (int i = 2; i <= 20'000; ++i) dag.add(std::to_string(i), {std::to_string(i - 1)});
  Bridge bridge(dag.ids({"19990"}), dag.ids({"20000"}), plenty);
  ASSERT_TRUE(LinksTable(dag.events()).drive(bridge));
  EXPECT_EQ(bridge.parents_first().size(), 10U);
  EXPECT_EQ(bridge.opened(), 10U);
}

TEST(Bridge, StopsAtItsBudgetAndSaysSo) {
  DrawnDag dag;
  dag.add("1");
  for (int i = 2; i <= 100; ++i) dag.add(std::to_string(i), {std::to_string(i - 1)});
  Bridge bridge(dag.ids({"1"}), dag.ids({"100"}), Budget{98});
  ASSERT_TRUE(LinksTable(dag.events()).drive(bridge));
  EXPECT_TRUE(bridge.budget_exceeded());
  EXPECT_LE(bridge.opened(), 98U);
  Bridge enough(dag.ids({"1"}), dag.ids({"100"}), Budget{99});
  ASSERT_TRUE(LinksTable(dag.events()).drive(enough));
  EXPECT_FALSE(enough.budget_exceeded());
  EXPECT_EQ(enough.parents_first().size(), 99U);
}

TEST(Ancestors, AreTheNewestFirstAndAsManyAsAllowed) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"B", "C"}).add("E", {"A"});
  Bridge all = ancestors(dag.ids({"D"}), plenty);
  ASSERT_TRUE(LinksTable(dag.events()).drive(all));
  EXPECT_EQ(dag.names_in_order(all.newest_first()), "D C B A");
  EXPECT_FALSE(all.budget_exceeded());
  Bridge some = ancestors(dag.ids({"D"}), Budget{2});
  ASSERT_TRUE(LinksTable(dag.events()).drive(some));
  EXPECT_EQ(dag.names_in_order(some.newest_first()), "D C");
  EXPECT_TRUE(some.budget_exceeded());
}

// Applied parents first, a bridge leads from what is known to the union of both, each event once.
TEST(Bridge, RandomDagsMatchTheTransitiveClosure) {
  for_each_seed(10'000, [](Random& random) {
    DrawnDag dag = random_dag(random, 1 + random.below(16)).with_other_ids(random);
    NaiveDag naive(dag.events());
    LinksTable table(dag.events());
    table.disturb_by(random);
    auto some = [&] {
      NaiveDag::Set events;
      for (std::size_t i = random.below(4); i > 0; --i) {
        events.insert(random.pick(dag.events()).event);
      }
      Head head = naive.tips(events);
      random.shuffle(head);
      return head;
    };
    Head known = some();
    Head head = some();
    std::string question =
        dag.drawing() + " {" + dag.names(known) + "} to {" + dag.names(head) + "}";

    Bridge bridge(known, head, plenty);
    ASSERT_TRUE(table.drive(bridge));
    std::vector<EventId> events = bridge.parents_first();
    EXPECT_EQ(events, naive.bridge(known, head)) << question;

    EXPECT_LE(bridge.opened(), naive.cost_bound(events, head)) << question;

    NaiveDag::Set covered = naive.cover(known);
    Head reached = sorted_head(known);
    for (const Links& links : dag.events()) {  // ascending ids
      if (!std::ranges::binary_search(events, links.event)) continue;
      for (const EventId& parent : links.parents) {
        EXPECT_TRUE(covered.contains(parent)) << question;
      }
      covered.insert(links.event);
      reached = advance(reached, links.event, links.parents);
    }
    EXPECT_EQ(reached, naive.tips(covered)) << question;
  });
}

}  // namespace
}  // namespace plait
