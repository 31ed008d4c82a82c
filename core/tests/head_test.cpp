// core/tests/head_test.cpp: the head's algebra.

#include "core/dag/head.h"

#include <gtest/gtest.h>

#include "core/tests/drawn_dag.h"
#include "core/tests/naive_dag.h"

namespace plait {
namespace {

// The head after each event, as it arrives.
std::vector<std::string> heads_of(const DrawnDag& dag) {
  std::vector<std::string> heads;
  Head head;
  for (const Links& links : dag.events()) {
    head = advance(head, links.event, links.parents);
    heads.push_back(dag.names(head));
  }
  return heads;
}

TEST(Head, Head01EvolvesThroughForksAndMerges) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"B", "C"});
  dag.add("E", {"D"}).add("F", {"D"}).add("G", {"E", "F"});
  EXPECT_EQ(heads_of(dag), (std::vector<std::string>{"A", "B", "B C", "D", "E", "E F", "G"}));
}

TEST(Head, Head03AStaleClientExtendsOneTip) {
  DrawnDag dag;
  dag.add("A", {}, 10).add("B", {"A"}, 20).add("C", {"A"}, 60);
  dag.add("E", {"B"}, 50).add("F", {"E"}, 70);
  EXPECT_EQ(heads_of(dag), (std::vector<std::string>{"A", "B", "B C", "C E", "C F"}));
}

TEST(Head, Head08ARedundantParentReopensNothing) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("E", {"A", "C"});
  EXPECT_EQ(heads_of(dag).back(), "B E");
}

TEST(Head, Dag09HeadsAfterEventsThatExtendSomeTips) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"}).add("D", {"A"}).add("F", {"B"});
  EXPECT_EQ(heads_of(dag).back(), "C D F");
}

TEST(Head, StaysSortedWhenALateEventArrives) {
  DrawnDag dag;
  dag.add("A", {}, 10).add("C", {"A"}, 30).add("B", {"A"}, 20).add("D", {"A"}, 40);
  Head head;
  for (const Links& links : dag.events()) head = advance(head, links.event, links.parents);
  EXPECT_EQ(dag.names_in_order(head), "B C D");
}

TEST(Head, OfSetsFromOutsideIsSortedAndDistinct) {
  DrawnDag dag;
  dag.add("A").add("B", {"A"}).add("C", {"A"});
  EXPECT_EQ(sorted_head(dag.ids({"C", "B", "C"})), dag.ids({"B", "C"}));
}

// Invariant 5: in any causal order of arrival, and from the whole history in any order at all.
TEST(Head, IsTheAntichainOfTipsInAnyOrderOfArrival) {
  for_each_seed(2'000, [](Random& random) {
    DrawnDag drawn = random_dag(random, 1 + random.below(20));
    DrawnDag dag = drawn.with_other_ids(random);
    NaiveDag naive(dag.events());
    NaiveDag::Set all;
    for (const Links& links : dag.events()) all.insert(links.event);

    Head head;
    for (const Links& links : drawn.events()) {  // an order of arrival that is not the order of ids
      std::string name = drawn.names({{links.event}});
      DrawnDag::Names parents;
      for (const EventId& parent : links.parents) parents.push_back(drawn.names({{parent}}));
      head = advance(head, dag.id(name), dag.ids(parents));
    }
    EXPECT_EQ(head, naive.tips(all)) << dag.drawing();

    std::vector<Links> shuffled = dag.events();
    shuffled.push_back(random.pick(dag.events()));
    random.shuffle(shuffled);
    EXPECT_EQ(head_of(shuffled), naive.tips(all)) << dag.drawing();
  });
}

}  // namespace
}  // namespace plait
