// core/tests/fold_test.cpp: the fold of a history (LWW-01 to LC-11 of the acceptance catalogue, as
// far as events and states go).

#include "core/merge/fold.h"

#include <gtest/gtest.h>

#include "core/merge/winners.h"
#include "core/tests/drawn_history.h"

namespace plait {
namespace {

const Properties album = lww_properties({"artist", "n", "owner", "title", "x"});

// "alive artist=R title=M {D}": life, the values that an event has set, head.
std::string folded(const DrawnHistory& history, const std::vector<EventView>& events) {
  auto state = fold(album, events);
  if (!state) return "error " + std::string(name(state.error().code));
  std::string text(name(state->life));
  for (const auto& [property, held] : state->registers) {
    std::string value = to_text(held.value);
    text += " " + property + "=" + (held.value.is_string() ? held.value.as_string() : value);
  }
  return text + " {" + history.dag().names(state->head) + "}";
}

// The fold of all events is as expected in every order of arrival.
void expect_folded(const DrawnHistory& history, const std::string& expected) {
  EXPECT_EQ(folded(history, history.views()), expected);
  for_each_seed(50, [&](Random& random) {
    std::vector<EventView> events = history.views();
    events.push_back(random.pick(history.events()).view());
    random.shuffle(events);
    EXPECT_EQ(folded(history, events), expected) << history.drawing();
  });
}

TEST(Fold, Lww01SequentialWrites) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
  history.add("C", {"B"}, R"({"set": {"artist": "c"}})", 30);
  history.add("D", {"C"}, R"({"set": {"title": "d"}})", 40);
  expect_folded(history, "alive artist=c title=d {D}");
}

TEST(Fold, Lww02PropertiesAreIndependentRegisters) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "T"}})", 20);
  history.add("C", {"A"}, R"({"set": {"artist": "R"}})", 30);
  expect_folded(history, "alive artist=R title=T {B C}");
  history.add("D", {"B", "C"}, R"({"set": {"title": "M"}})", 40);
  expect_folded(history, "alive artist=R title=M {D}");
}

TEST(Fold, Lww03AnEqualStampLeavesTheDigestToDecide) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
  history.add("C", {"A"}, R"({"set": {"title": "c"}})", 20);
  bool b_wins = history.dag().id("B") > history.dag().id("C");
  ASSERT_EQ(history.dag().id("B").hlc(), history.dag().id("C").hlc());
  expect_folded(history, std::string("alive title=") + (b_wins ? "b" : "c") + " {B C}");
}

TEST(Fold, Lww04DepthIsNotTheRule) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "shallow"}})", 50);
  history.add("C", {"A"}, R"({"set": {"x": 1}})", 20);
  history.add("D", {"C"}, R"({"set": {"x": 2}})", 30);
  history.add("E", {"D"}, R"({"set": {"title": "deep"}})", 40);
  expect_folded(history, "alive title=shallow x=2 {B E}");
}

TEST(Fold, Lww06AnEarlierLayersWinnerIsNotOvertaken) {
  DrawnHistory history;
  history.add("Z", {}, R"({"create": true, "set": {"x": "z"}})", 5);
  history.add("M", {"Z"}, R"({"set": {"n": 1}})", 10);
  history.add("A", {"M"}, R"({"set": {"x": "a"}})", 60);
  history.add("X", {"M"}, R"({"set": {"n": 2}})", 20);
  history.add("B", {"X"}, R"({"set": {"x": "b"}})", 40);
  expect_folded(history, "alive n=2 x=a {A B}");
}

TEST(Fold, Lww07NullIsAWrite) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "a"}})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "x"}})", 20);
  history.add("C", {"A"}, R"({"set": {"title": null}})", 30);
  expect_folded(history, "alive title=null {B C}");
  history.add("D", {"A"}, R"({"set": {"title": "x"}})", 40);
  expect_folded(history, "alive title=x {B C D}");
}

TEST(Fold, Head03AStaleClientLosesToTheLaterStampThenWins) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
  history.add("C", {"A"}, R"({"set": {"title": "c", "artist": "c"}})", 60);
  history.add("E", {"B"}, R"({"set": {"title": "e"}})", 50);
  expect_folded(history, "alive artist=c title=c {C E}");
  history.add("F", {"E"}, R"({"set": {"title": "f"}})", 70);
  expect_folded(history, "alive artist=c title=f {C F}");
}

TEST(Fold, Br02NothingOfAnUnevenDiamondIsLost) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("X", {"A"}, R"({"set": {"title": "x"}})", 20);
  history.add("P", {"X"}, R"({"set": {"artist": "p"}})", 30);
  history.add("H1", {"P"}, R"({"set": {"n": 1}})", 40);
  history.add("H2", {"X"}, R"({"set": {"title": "h"}})", 35);
  expect_folded(history, "alive artist=p n=1 title=h {H1 H2}");
}

// The values of a dead entity are nowhere in the table: they come from its history, edits that
// arrived after the delete included.
TEST(Fold, Lc03DeleteThenEditsThenRestore) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "t", "owner": "a"}})", 10);
  history.add("D", {"A"}, R"({"delete": true})", 50);
  history.add("E", {"A"}, R"({"set": {"title": "new"}})", 60);
  history.add("F", {"A"}, R"({"emit": {"type": "Played"}})", 70);
  expect_folded(history, "dead owner=a title=new {D E F}");
  history.add("R", {"D", "E", "F"}, R"({"create": true})", 80);
  expect_folded(history, "alive owner=a title=new {R}");
}

TEST(Fold, Lc04ARestoreWithValuesSetsWhatItNames) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "t", "owner": "a"}})", 10);
  history.add("D", {"A"}, R"({"delete": true})", 50);
  history.add("R", {"D"}, R"({"create": true, "set": {"title": "again", "owner": null}})", 80);
  expect_folded(history, "alive owner=null title=again {R}");
}

// The lifecycle is one register; a set never resurrects.
TEST(Fold, Lc11TheLastOfCreateAndDeleteHolds) {
  struct Case {
    const char* first;
    const char* second;
    const char* life;
  };
  const Case cases[] = {
      {R"({"delete": true})", R"({"delete": true})", "dead"},
      {R"({"delete": true})", R"({"create": true})", "alive"},
      {R"({"create": true})", R"({"delete": true})", "dead"},
      {R"({"create": true})", R"({"create": true})", "alive"},
      {R"({"delete": true})", R"({"set": {"n": 2}})", "dead"},
      {R"({"set": {"n": 2}})", R"({"delete": true})", "dead"},
      {R"({"create": true})", R"({"set": {"n": 2}})", "alive"},
      {R"({"set": {"n": 2}})", R"({"create": true})", "alive"},
  };
  for (const Case& c : cases) {
    for (bool concurrent : {true, false}) {
      DrawnHistory history;
      history.add("A", {}, R"({"create": true, "set": {"n": 2}})", 10);
      history.add("B", {"A"}, c.first, 20);
      history.add("C", {concurrent ? "A" : "B"}, c.second, 30);
      expect_folded(history, std::string(c.life) + " n=2" + (concurrent ? " {B C}" : " {C}"));
    }
  }
}

TEST(Fold, Lc06TheSameGenesisTwiceIsOne) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "t"}})", 10);
  std::vector<EventView> twice{history.event("A").view(), history.event("A").view()};
  EXPECT_EQ(folded(history, twice), "alive title=t {A}");
}

TEST(Fold, EmitAndJoiningEventsMoveTheHeadAndNothingElse) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "t"}})", 10);
  history.add("B", {"A"}, R"({"emit": {"type": "Heard", "data": {"title": "no"}}})", 20);
  history.add("C", {"A"}, R"({"set": {"n": 1}})", 30);
  history.add("J", {"B", "C"}, "{}", 40);
  expect_folded(history, "alive n=1 title=t {J}");
}

TEST(Fold, Det03FiveHundredAndTwelveWritersOnOneGenesis) {
  DrawnHistory history;
  DrawnHistory::Names writers;
  history.add("A", {}, R"({"create": true})");
  for (int i = 1; i <= 512; ++i) {
    writers.push_back(std::to_string(i));
    history.add(writers.back(), {"A"}, R"({"set": {"n": )" + writers.back() + "}}");
  }
  auto wide = fold(album, history.views());
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->head.size(), 512U);
  EXPECT_EQ(to_text(wide->registers.at("n").value), "512");
  history.add("M", writers, "{}");
  EXPECT_EQ(folded(history, history.views()), "alive n=512 {M}");
}

TEST(Fold, ValuesAreKeptToTheByte) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"n": 9007199254740993, "x": {"$json": null}}})");
  EXPECT_EQ(folded(history, history.views()), R"(alive n=9007199254740993e0 x={"$json":null} {A})");
}

TEST(Fold, APropertyThatTheCollectionHasNotIsNamedWithItsEvent) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"colour": "red"}})");
  auto state = fold(album, history.views());
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Code::unknown_property);
  EXPECT_EQ(state.error().where, "/operations/set/colour");
  EXPECT_NE(state.error().what.find(to_text(history.dag().id("A"))), std::string::npos);
}

TEST(Winners, TheNewestOperationOnAPropertyHolds) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "a", "artist": "a"}})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
  history.add("C", {"B"}, R"({"set": {"artist": "c"}})", 30);
  const std::string_view wanted[] = {"artist", "n", "title"};
  Winners winners(wanted);
  winners.add(history.event("C").view());
  EXPECT_EQ(winners.found().size(), 1U);
  winners.add(history.event("B").view());
  EXPECT_FALSE(winners.complete());
  winners.add(history.event("A").view());
  ASSERT_TRUE(winners.complete());
  EXPECT_EQ(winners.found().at("artist"), history.dag().id("C"));
  EXPECT_EQ(winners.found().at("title"), history.dag().id("B"));
  EXPECT_EQ(winners.found().at("n"), history.dag().id("A")) << "initial: as if the genesis set it";
}

TEST(Winners, StopAtTheNewestEventThatSettlesAll) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})");
  history.add("B", {"A"}, R"({"set": {"title": "b", "n": 1}})");
  const std::string_view wanted[] = {"title"};
  Winners winners(wanted);
  winners.add(history.event("B").view());
  EXPECT_TRUE(winners.complete());
  EXPECT_TRUE(Winners({}).complete());
}

}  // namespace
}  // namespace plait
