// core/tests/state_test.cpp: what a state tells.

#include "core/merge/state.h"

#include <gtest/gtest.h>

#include "core/tests/drawn_history.h"

namespace plait {
namespace {

class StateTest : public ::testing::Test {
 protected:
  StateTest() {
    history_.add("A", {}, R"({"create": true, "set": {"title": "a"}})");
    history_.add("B", {"A"}, R"({"set": {"artist": null}})");
  }
  State state() const { return *fold(properties_, history_.views()); }

  Properties properties_ =
      lww_properties({"title", "artist", "n"}, {{"n", "7"}, {"artist", "\"x\""}});
  DrawnHistory history_;
};

TEST_F(StateTest, ValuesNameEveryPropertyAndInitialOnesWhereNoneWasSet) {
  EXPECT_EQ(to_text(values(state(), properties_)), R"({"artist":null,"n":7,"title":"a"})");
}

TEST_F(StateTest, RegistersHoldOnlyWhatWasSet) {
  EXPECT_EQ(state().registers.size(), 2U);
  EXPECT_EQ(state().registers.count("n"), 0U);
}

TEST_F(StateTest, AnInitialValueActsAsIfTheGenesisHadSetIt) {
  EXPECT_EQ(winner(state(), "artist"), history_.dag().id("B"));
  EXPECT_EQ(winner(state(), "title"), history_.dag().id("A"));
  EXPECT_EQ(winner(state(), "n"), history_.dag().id("A"));
}

TEST_F(StateTest, OfNoEventsIsAbsentAndHasNoWinners) {
  State none = *fold(properties_, {});
  EXPECT_EQ(none, State());
  EXPECT_EQ(name(none.life), "absent");
  EXPECT_EQ(winner(none, "n"), std::nullopt);
}

TEST_F(StateTest, NamesOfLifeAreThoseOfTheWire) {
  EXPECT_EQ(name(Life::absent), "absent");
  EXPECT_EQ(name(Life::alive), "alive");
  EXPECT_EQ(name(Life::dead), "dead");
}

}  // namespace
}  // namespace plait
