// core/tests/walk_test.cpp: how two heads are related (DAG-01 to DAG-15 of the acceptance
// catalogue).

#include "core/dag/walk.h"

#include <gtest/gtest.h>

#include "core/tests/drawn_dag.h"
#include "core/tests/naive_dag.h"

namespace plait {
namespace {

constexpr Budget plenty{100'000};

using Names = DrawnDag::Names;

std::string answer(const Walk& walk, const DrawnDag& dag) {
  return std::string(name(walk.relation())) + " {" + dag.names(walk.meet()) + "}";
}

// "diverged {N}": relation and meet.
std::string compared(const DrawnDag& dag, const Names& ours, const Names& theirs,
                     Budget budget = plenty) {
  Walk walk(dag.ids(ours), dag.ids(theirs), budget);
  Status driven = LinksTable(dag.events()).drive(walk);
  return driven ? answer(walk, dag) : "error " + std::string(name(driven.error().code));
}

std::string swapped(std::string text) {
  if (text.starts_with("descends")) return "ascends" + text.substr(8);
  if (text.starts_with("ascends")) return "descends" + text.substr(7);
  return text;
}

// The answer holds with arguments swapped, and under every order of ids that the edges allow (of
// which 100 are tried).
void expect_compared(const DrawnDag& drawn, const Names& ours, const Names& theirs,
                     const std::string& expected) {
  EXPECT_EQ(compared(drawn, ours, theirs), expected);
  EXPECT_EQ(compared(drawn, theirs, ours), swapped(expected));
  for_each_seed(100, [&](Random& random) {
    DrawnDag dag = drawn.with_other_ids(random);
    EXPECT_EQ(compared(dag, ours, theirs), expected) << dag.drawing();
    EXPECT_EQ(compared(dag, theirs, ours), swapped(expected)) << dag.drawing();
  });
}

DrawnDag chain(std::size_t length) {
  DrawnDag dag;
  dag.add("1");
  for (std::size_t i = 2; i <= length; ++i) dag.add(std::to_string(i), {std::to_string(i - 1)});
  return dag;
}

TEST(Walk, Dag01LinearHistory) {
  DrawnDag dag = chain(3);
  expect_compared(dag, {"3"}, {"1"}, "descends {1}");
  expect_compared(dag, {"1"}, {"3"}, "ascends {1}");
  expect_compared(dag, {"2"}, {"2"}, "equal {2}");
}

TEST(Walk, Dag02ConcurrentHistory) {
  DrawnDag dag;
  dag.add("1").add("2", {"1"}).add("3", {"1"}).add("4", {"1"});
  dag.add("5", {"2", "3"}).add("6", {"3", "4"}).add("7", {"5", "6"});
  expect_compared(dag, {"5"}, {"6"}, "diverged {3}");
  expect_compared(dag, {"7"}, {"2", "4"}, "descends {2 4}");
  expect_compared(dag, {"5"}, {"3", "4"}, "diverged {3}");
  expect_compared(dag, {"6"}, {"2", "3"}, "diverged {3}");
}

TEST(Walk, Dag03MixedRootsNeverFastForward) {
  DrawnDag dag = chain(3);
  dag.add("4", {"1"}).add("5", {"4"}).add("6").add("7", {"6"}).add("8", {"7"});
  expect_compared(dag, {"3"}, {"8"}, "disjoint {}");
  expect_compared(dag, {"3"}, {"5", "8"}, "diverged {1}");
  expect_compared(dag, {"3", "8"}, {"2"}, "diverged {2}");
}

TEST(Walk, Dag04EmptyHeads) {
  DrawnDag dag = chain(2);
  expect_compared(dag, {}, {}, "equal {}");
  expect_compared(dag, {}, {"2"}, "diverged {}");
}

// S reaches N on two paths of unequal length and never D: who counts N twice sees "descends" and
// drops what D wrote.
TEST(Walk, Dag05EventsAreCountedNotPaths) {
  DrawnDag dag;
  dag.add("R").add("N", {"R"}).add("D", {"R"}).add("C", {"N"});
  dag.add("A", {"N"}).add("B", {"C"}).add("S", {"A", "B"});
  expect_compared(dag, {"S"}, {"N", "D"}, "diverged {N}");
}

TEST(Walk, Dag06DiamondsCostTheirEventsNotTheirPaths) {
  DrawnDag dag;
  dag.add("root");
  std::string previous = "root";
  for (int level = 1; level <= 30; ++level) {
    std::string n = std::to_string(level);
    dag.add("A" + n, {previous}).add("C" + n, {previous}).add("B" + n, {"C" + n});
    dag.add("J" + n, {"A" + n, "B" + n});
    previous = "J" + n;
  }
  Walk walk(dag.ids({previous}), dag.ids({"root"}), Budget{200});
  ASSERT_TRUE(LinksTable(dag.events()).drive(walk));
  EXPECT_EQ(answer(walk, dag), "descends {root}");
  EXPECT_LE(walk.opened(), 125U);
}

TEST(Walk, Dag07ATipWhoseOriginArrivesLateIsCredited) {
  DrawnDag late;
  late.add("M").add("C1", {"M"}).add("X", {"M"}).add("C2", {"X"}).add("S", {"M"});
  expect_compared(late, {"S"}, {"C1", "C2"}, "diverged {M}");
  DrawnDag stalled;
  stalled.add("M").add("K", {"M"}).add("C1", {"K"}).add("L", {"K"}).add("H", {"L"}).add("S", {"M"});
  expect_compared(stalled, {"S"}, {"C1", "H"}, "diverged {M}");
}

TEST(Walk, Dag08AForeignRootIsNeverADescendant) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("X").add("D", {"B", "X"});
  expect_compared(dag, {"B", "X"}, {"A"}, "diverged {A}");
  expect_compared(dag, {"D"}, {"A"}, "diverged {A}");
  expect_compared(dag, {"D"}, {"A", "X"}, "descends {A X}");
}

TEST(Walk, Dag09EventsThatExtendSomeTips) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"C"}).add("E", {"B", "C"});
  expect_compared(dag, {"D"}, {"B", "C"}, "diverged {C}");
  expect_compared(dag, {"E"}, {"B", "C"}, "descends {B C}");
  DrawnDag wide;
  wide.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"A"}).add("F", {"B"});
  expect_compared(wide, {"F"}, {"B", "C", "D"}, "diverged {B}");
}

TEST(Walk, Dag10TheMeetIsTheForkNotTheGenesis) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"B"}).add("E", {"C"}).add("F", {"D"});
  dag.add("G", {"E"}).add("H", {"F"}).add("I", {"G"}).add("X", {"D"}).add("Y", {"X"});
  expect_compared(dag, {"H"}, {"I"}, "diverged {A}");
  expect_compared(dag, {"Y"}, {"H"}, "diverged {D}");
}

TEST(Walk, Dag11ABudgetIsAnAnswerAndAGreaterOneSucceeds) {
  DrawnDag dag = chain(20);
  EXPECT_EQ(compared(dag, {"20"}, {"1"}, Budget{4}), "budget_exceeded {}");
  EXPECT_EQ(compared(dag, {"20"}, {"1"}, Budget{18}), "budget_exceeded {}");
  EXPECT_EQ(compared(dag, {"20"}, {"1"}, Budget{19}), "descends {1}");
  EXPECT_EQ(compared(dag, {"20"}, {"1"}, Budget{1'000}), "descends {1}");
  EXPECT_EQ(compared(dag, {"20"}, {"1"}, Budget{0}), "budget_exceeded {}");
  EXPECT_EQ(compared(dag, {"20"}, {"20"}, Budget{0}), "equal {20}");
}

TEST(Walk, Dag12AMeetSeenFromBothSidesNeedsNoFetch) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"});
  LinksTable table(dag.events());
  table.forget(dag.id("A"));
  Walk walk(dag.ids({"B"}), dag.ids({"C"}), plenty);
  ASSERT_TRUE(table.drive(walk));
  EXPECT_EQ(answer(walk, dag), "diverged {A}");
  EXPECT_EQ(table.asked(), 2U);
}

TEST(Walk, Dag13AMissingEventIsAnErrorThatNamesIt) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"B"});
  LinksTable table(dag.events());
  table.forget(dag.id("B"));
  Walk walk(dag.ids({"C"}), dag.ids({"A"}), plenty);
  Status driven = table.drive(walk);
  ASSERT_FALSE(driven);
  EXPECT_EQ(driven.error().code, Code::missing_parents);
  EXPECT_NE(driven.error().what.find(to_text(dag.id("B"))), std::string::npos);
  EXPECT_TRUE(walk.wanted().empty());
  EXPECT_TRUE(walk.give({})) << "a walk that has ended takes no harm";
}

TEST(Walk, Dag14SeveralRoots) {
  DrawnDag dag;
  Names roots{"1", "2", "3", "4", "5", "6"};
  for (const std::string& root : roots) dag.add(root);
  dag.add("7", roots).add("8", {"7"});
  expect_compared(dag, {"8"}, roots, "descends {1 2 3 4 5 6}");
}

TEST(Walk, Head08ARedundantParentChangesNoRelation) {
  DrawnDag dag;
  dag.add("A").add("C", {"A"}).add("E", {"A", "C"});
  expect_compared(dag, {"E"}, {"A"}, "descends {A}");
  expect_compared(dag, {"E"}, {"C"}, "descends {C}");
}

TEST(Walk, RefusesADamagedHistoryInsteadOfRunningInCircles) {
  EventId low(make_ulid(10, 1));
  EventId high(make_ulid(20, 1));
  Walk walk(Head{high}, Head{low}, plenty);
  Status given = walk.give({{high, {high}}, {low, {}}});
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code, Code::id_not_after_parents);
  EXPECT_TRUE(walk.wanted().empty());
}

TEST(Walk, CostsTheDifferenceNotTheHistory) {
  DrawnDag dag = chain(20'000);
  dag.add("left", {"20000"}).add("right", {"20000"}).add("merge", {"left", "right"});
  auto cost = [&](const Names& ours, const Names& theirs) {
    Walk walk(dag.ids(ours), dag.ids(theirs), plenty);
    EXPECT_TRUE(LinksTable(dag.events()).drive(walk));
    return walk.opened();
  };
  EXPECT_EQ(cost({"left"}, {"right"}), 2U);
  EXPECT_EQ(cost({"merge"}, {"20000"}), 3U);
  EXPECT_EQ(cost({"left"}, {"left"}), 0U);
  EXPECT_EQ(cost({"19990"}, {"left"}), 11U);
}

TEST(Walk, AsksForAWideHeadInOneRound) {
  DrawnDag dag;
  dag.add("root");
  Names tips;
  for (int i = 0; i < 200; ++i) {
    tips.push_back("tip" + std::to_string(i));
    dag.add(tips.back(), {"root"});
  }
  LinksTable table(dag.events());
  Walk walk(dag.ids(tips), dag.ids({"root"}), plenty);
  ASSERT_TRUE(table.drive(walk));
  EXPECT_EQ(answer(walk, dag), "descends {root}");
  EXPECT_EQ(table.rounds, 1U);
}

TEST(Walk, NeverAsksForMoreThanItsBudget) {
  DrawnDag dag;
  Names tips;
  for (int i = 0; i < 5'000; ++i) {
    tips.push_back(std::to_string(i));
    dag.add(tips.back());
  }
  dag.add("other");
  LinksTable table(dag.events());
  Walk walk(dag.ids(tips), dag.ids({"other"}), Budget{100});
  ASSERT_TRUE(table.drive(walk));
  EXPECT_LE(table.asked(), 100U);
}

// Two sets of events; antichains at times.
struct Question {
  Head ours;
  Head theirs;
};

Question random_question(Random& random, const DrawnDag& dag, const NaiveDag& naive) {
  auto some = [&] {
    NaiveDag::Set events;
    std::size_t count = random.chance(5) ? 0 : 1 + random.below(3);
    for (std::size_t i = 0; i < count; ++i) events.insert(random.pick(dag.events()).event);
    Head head = random.chance(80) ? naive.tips(events) : Head(events.begin(), events.end());
    random.shuffle(head);
    return head;
  };
  return {some(), some()};
}

// DAG-15, on DAGs with several roots, redundant parents and sets that are no antichains too.
TEST(Walk, Dag15RandomDagsMatchTheTransitiveClosure) {
  for_each_seed(10'000, [](Random& random) {
    DrawnDag dag = random_dag(random, 1 + random.below(16)).with_other_ids(random);
    NaiveDag naive(dag.events());
    LinksTable table(dag.events());
    table.disturb_by(random);
    for (int i = 0; i < 4; ++i) {
      auto [ours, theirs] = random_question(random, dag, naive);
      std::string expected = naive.relation(ours, theirs);
      bool as_given = sorted_head(ours) == sorted_head(theirs);
      Head meet = as_given ? sorted_head(ours) : naive.meet(ours, theirs);
      std::string question =
          dag.drawing() + " {" + dag.names(ours) + "}:{" + dag.names(theirs) + "}";

      Walk walk(ours, theirs, plenty);
      ASSERT_TRUE(table.drive(walk));
      EXPECT_EQ(name(walk.relation()), expected) << question;
      EXPECT_EQ(walk.meet(), meet) << question;

      Walk back(theirs, ours, plenty);
      ASSERT_TRUE(table.drive(back));
      EXPECT_EQ(name(back.relation()), swapped(expected)) << question;
      EXPECT_EQ(back.meet(), meet) << question;
      EXPECT_EQ(back.opened(), walk.opened()) << question;
    }
  });
}

// The budget that a walk needs is what it opens: one less is exceeded, and opens no more than that.
// It never opens what is older than both the difference and the meet.
TEST(Walk, BudgetIsExactAndTheCostBoundedOnRandomDags) {
  for_each_seed(3'000, [](Random& random) {
    DrawnDag dag = random_dag(random, 1 + random.below(16)).with_other_ids(random);
    NaiveDag naive(dag.events());
    LinksTable table(dag.events());
    auto [ours, theirs] = random_question(random, dag, naive);
    std::string question = dag.drawing() + " {" + dag.names(ours) + "}:{" + dag.names(theirs) + "}";

    Walk walk(ours, theirs, plenty);
    ASSERT_TRUE(table.drive(walk));
    Walk enough(ours, theirs, Budget{walk.opened()});
    ASSERT_TRUE(table.drive(enough));
    EXPECT_EQ(enough.relation(), walk.relation()) << question;
    if (walk.opened() > 0) {
      Walk short_of(ours, theirs, Budget{walk.opened() - 1});
      ASSERT_TRUE(table.drive(short_of));
      EXPECT_EQ(short_of.relation(), Relation::budget_exceeded) << question;
      EXPECT_TRUE(short_of.meet().empty());
      EXPECT_LE(short_of.opened(), walk.opened() - 1) << question;
    }

    Head heads = ours;
    heads.insert(heads.end(), theirs.begin(), theirs.end());
    std::vector<EventId> difference = naive.bridge(ours, theirs);
    for (const EventId& event : naive.bridge(theirs, ours)) difference.push_back(event);
    for (const EventId& event : naive.meet(ours, theirs)) heads.push_back(event);
    EXPECT_LE(walk.opened(), naive.cost_bound(difference, heads)) << question;
  });
}

// What is missing never makes an answer wrong: it is the right one, or an error that names the
// event.
TEST(Walk, PartOfAHistoryGivesTheRightAnswerOrNamesWhatIsMissing) {
  for_each_seed(3'000, [](Random& random) {
    DrawnDag dag = random_dag(random, 2 + random.below(14)).with_other_ids(random);
    NaiveDag naive(dag.events());
    auto [ours, theirs] = random_question(random, dag, naive);
    LinksTable table(dag.events());
    EventId gone = random.pick(dag.events()).event;
    table.forget(gone);
    Walk walk(ours, theirs, plenty);
    if (Status driven = table.drive(walk); driven) {
      EXPECT_EQ(name(walk.relation()), naive.relation(ours, theirs)) << dag.drawing();
    } else {
      EXPECT_EQ(driven.error().code, Code::missing_parents);
      EXPECT_NE(driven.error().what.find(to_text(gone)), std::string::npos);
    }
  });
}

}  // namespace
}  // namespace plait
