// core/tests/merge_test.cpp: events applied to a row as they arrive give the fold of them all.

#include "core/merge/merge.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "core/merge/fold.h"
#include "core/merge/winners.h"
#include "core/tests/drawn_history.h"
#include "core/tests/naive_merge.h"
#include "core/tests/row_table.h"

namespace plait {
namespace {

const Row initial{{"artist", "null"}, {"n", "0"}, {"title", "\"untitled\""}};
const Properties properties =
    lww_properties({"artist", "n", "title"}, {{"n", "0"}, {"title", "\"untitled\""}});

void expect_row(const RowTable& table, const DrawnHistory& history) {
  NaiveState expected = naive_merge(table.events(), initial);
  ASSERT_EQ(table.row().has_value(), expected.life == "alive") << history.drawing();
  if (table.row()) {
    EXPECT_EQ(*table.row(), expected.values) << history.drawing();
  }
}

// What an effect tells a feed: exactly the properties, and the lifecycle, that the batch now
// decides.
void expect_effect(const RowTable& table, const std::vector<const DrawnEvent*>& batch,
                   const DrawnHistory& history) {
  NaiveState expected = naive_merge(table.events(), initial);
  auto in_batch = [&](const EventId& id) {
    return std::ranges::find(batch, id, &DrawnEvent::id) != batch.end();
  };
  std::map<std::string, EventId> won;
  for (const auto& [property, event] : expected.won) {
    if (in_batch(event)) won.emplace(property, event);
  }
  std::map<std::string, EventId> told;
  for (const auto& [property, held] : table.last().registers) {
    told.emplace(property, held.event);
    EXPECT_EQ(to_text(held.value), expected.values.at(property)) << history.drawing();
  }
  EXPECT_EQ(told, won) << history.drawing();
  EXPECT_EQ(name(table.last().life), expected.life) << history.drawing();
  std::optional<EventId> life_event;
  if (in_batch(expected.life_event)) life_event = expected.life_event;
  EXPECT_EQ(table.last().life_event, life_event) << history.drawing();
}

// Invariant 7, as the database keeps it: without folding, whatever order the events come in.
TEST(Merge, AnyOrderOfArrivalInAnySplittingWithRepeatsGivesOneRow) {
  for_each_seed(10'000, [](Random& random) {
    DrawnHistory history = random_history(random, 1 + random.below(14));
    std::vector<const DrawnEvent*> order = history.arrival(random);
    RowTable table(properties, initial);
    std::size_t arrived = 0;
    while (arrived < order.size()) {
      std::size_t count = std::min(1 + random.below(4), order.size() - arrived);
      std::vector<const DrawnEvent*> fresh(order.begin() + arrived,
                                           order.begin() + arrived + count);
      std::vector<const DrawnEvent*> batch = fresh;
      arrived += count;
      while (random.chance(40)) batch.push_back(order[random.below(arrived)]);
      random.shuffle(batch);
      table.commit(batch);
      expect_row(table, history);
      expect_effect(table, fresh, history);
      table.commit(batch);
      expect_row(table, history);
    }
  });
}

// The definition itself: in any order at all, parents first or not.
TEST(Merge, TheFoldOfAnyOrderWithRepeatsIsTheReplayInIdOrder) {
  for_each_seed(5'000, [](Random& random) {
    DrawnHistory history = random_history(random, 1 + random.below(14));
    std::vector<const DrawnEvent*> all;
    for (const DrawnEvent& event : history.events()) all.push_back(&event);
    NaiveState expected = naive_merge(all, initial);

    std::vector<EventView> shuffled = history.views();
    for (int i = 0; i < 3; ++i) shuffled.push_back(random.pick(history.events()).view());
    random.shuffle(shuffled);
    auto state = fold(properties, shuffled);
    ASSERT_TRUE(state);
    EXPECT_EQ(name(state->life), expected.life) << history.drawing();
    EXPECT_EQ(state->life_event, expected.life_event) << history.drawing();
    EXPECT_EQ(state->genesis, history.events().front().id);
    EXPECT_EQ(row_of(*state, properties), expected.values) << history.drawing();
    std::map<std::string, EventId> won;
    for (const auto& [property, held] : state->registers) won.emplace(property, held.event);
    EXPECT_EQ(won, expected.won) << history.drawing();
  });
}

TEST(Merge, WinnersFoundFromTheNewestDownAreThoseOfTheFold) {
  for_each_seed(2'000, [](Random& random) {
    DrawnHistory history = random_history(random, 1 + random.below(14));
    std::vector<std::string_view> wanted;
    for (const std::string& property : random_names) {
      if (random.chance(70)) wanted.push_back(property);
    }
    Winners winners(wanted);
    for (auto event = history.events().rbegin(); event != history.events().rend(); ++event) {
      if (!winners.complete()) winners.add(event->view());
    }
    auto state = fold(properties, history.views());
    ASSERT_TRUE(state);
    ASSERT_EQ(winners.found().size(), wanted.size());
    for (std::string_view property : wanted) {
      EXPECT_EQ(winners.found().find(property)->second, winner(*state, property))
          << history.drawing();
    }
  });
}

// DET-01, the part that is lww: all 45 orders of arrival, split in all 128 ways.
TEST(Merge, Det01AllOrdersInAllSplittings) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"title": "i", "n": 0}})", 10);
  history.add("B", {"A"}, R"({"set": {"title": "b"}})", 20);
  history.add("C", {"A"}, R"({"set": {"title": "c", "n": 1}})", 30);
  history.add("D", {"B"}, R"({"set": {"n": 2}})", 25);
  history.add("E", {"C", "D"}, R"({"set": {"artist": "e"}})", 40);
  history.add("F", {"A"}, R"({"emit": {"type": "Played"}})", 35);
  history.add("G", {"F"}, R"({"emit": {"type": "Played"}})", 45);
  history.add("H", {"E", "G"}, "{}", 50);
  const Row expected{{"artist", "\"e\""}, {"n", "1"}, {"title", "\"c\""}};
  std::size_t orders = 0;
  history.for_each_arrival([&](const std::vector<const DrawnEvent*>& order) {
    ++orders;
    for (unsigned cuts = 0; cuts < 128; ++cuts) {
      RowTable table(properties, initial);
      std::vector<const DrawnEvent*> batch;
      for (std::size_t i = 0; i < order.size(); ++i) {
        batch.push_back(order[i]);
        if (i + 1 < order.size() && (cuts >> i & 1) == 0) continue;
        table.commit(batch);
        batch.clear();
      }
      ASSERT_EQ(table.row(), expected);
    }
  });
  EXPECT_EQ(orders, 45U);
}

// Last writer wins needs no present value.
Json nothing_asked(const Property& property) {
  ADD_FAILURE() << property.name << " is replaced, whatever it was";
  return Json();
}

// ---- one late event at a time, and what becomes of the row ----

class LateEvent : public ::testing::Test {
 protected:
  // The effect of some events on a row that holds the others.
  Effect effect_of(const DrawnHistory& history, Life life, const DrawnHistory::Names& fresh,
                   const DrawnHistory::Names& later) {
    auto changed =
        effect(properties, life, nothing_asked, history.views(fresh), history.views(later));
    EXPECT_TRUE(changed);
    return changed ? *changed : Effect();
  }

  static std::string told(const Effect& changed) {
    std::string text(name(changed.row));
    for (const auto& [property, held] : changed.registers) {
      text += " " + property + "=" + to_text(held.value);
    }
    return text;
  }

  DrawnHistory history_ = [] {
    DrawnHistory history;
    history.add("A", {}, R"({"create": true, "set": {"title": "a"}})", 10);
    history.add("B", {"A"}, R"({"set": {"title": "b", "n": 2}})", 20);
    history.add("D", {"A"}, R"({"delete": true})", 30);
    history.add("E", {"A"}, R"({"set": {"title": "e"}})", 40);
    history.add("R", {"D"}, R"({"create": true})", 50);
    history.add("S", {"D"}, R"({"create": true, "set": {"title": "s", "artist": "s", "n": 5}})",
                60);
    return history;
  }();
};

TEST_F(LateEvent, TheNewestEventIsItsOperations) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"B"}, {})), "update n=2 title=\"b\"");
  EXPECT_EQ(told(effect_of(history_, Life::absent, {"A"}, {})), "insert title=\"a\"");
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"D"}, {})), "remove");
}

TEST_F(LateEvent, ChangesOnlyWhatNoLaterEventHasSet) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"B"}, {"E"})), "update n=2");
}

TEST_F(LateEvent, OnADeadEntityIsHistory) {
  EXPECT_EQ(told(effect_of(history_, Life::dead, {"E"}, {})), "none title=\"e\"");
  EXPECT_EQ(told(effect_of(history_, Life::dead, {"B"}, {"D", "E"})), "none n=2");
}

TEST_F(LateEvent, ADeleteCountsUnlessALaterCreateOrDeleteExists) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"D"}, {"E"})), "remove");
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"D"}, {"E", "S"})), "none");
}

TEST_F(LateEvent, ARestoreWithoutValuesNeedsTheWholeState) {
  Effect restored = effect_of(history_, Life::dead, {"R"}, {});
  EXPECT_EQ(told(restored), "restore");
  EXPECT_EQ(restored.life, Life::alive);
  EXPECT_EQ(restored.life_event, history_.dag().id("R"));
  EXPECT_EQ(told(effect_of(history_, Life::dead, {"S"}, {})),
            "restore artist=\"s\" n=5 title=\"s\"");
}

TEST_F(LateEvent, ACreateOnALivingEntitySetsWhatItNames) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"S"}, {})),
            "update artist=\"s\" n=5 title=\"s\"");
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"R"}, {})), "none");
}

TEST_F(LateEvent, ADeleteAndARestoreAtOnceLeaveTheRowWhereItIs) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"D", "R"}, {})), "none");
  EXPECT_EQ(told(effect_of(history_, Life::absent, {"A", "D"}, {})), "none title=\"a\"");
}

TEST_F(LateEvent, EarlierEventsAmongTheLaterOnesDoNoHarm) {
  EXPECT_EQ(told(effect_of(history_, Life::alive, {"E"}, {"A", "B"})), "update title=\"e\"");
}

TEST_F(LateEvent, RefusesAVerbThatDoesNotFit) {
  DrawnHistory history;
  history.add("A", {}, R"({"add": {"n": 1}})");
  auto changed = effect(properties, Life::alive, nothing_asked, history.views(), {});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::bad_value);
}

// ---- the table of rules ----

TEST(MergeRules, AreFoundByName) {
  ASSERT_NE(find_merge_rule("lww"), nullptr);
  EXPECT_EQ(find_merge_rule("lww")->name, "lww");
  EXPECT_EQ(find_merge_rule("LWW"), nullptr);
  EXPECT_EQ(find_merge_rule("newest"), nullptr);
  EXPECT_EQ(find_merge_rule(""), nullptr);
}

TEST(MergeRules, RefuseAVerbThatDoesNotFitAndSayWhichDoes) {
  Json operations = json_of(R"({"set": {"title": "t"}, "add": {"n": 3}})");
  auto read = read_operations(operations);
  ASSERT_TRUE(read);
  Status checked = properties.check(*read);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::bad_value);
  EXPECT_EQ(checked.error().what, R"("add" does not fit "n", whose merge type is lww)");
  EXPECT_EQ(checked.error().where, "/operations/add/n");
  EXPECT_EQ(checked.error().hint, "use set");
}

TEST(MergeRules, RefuseAPropertyThatTheCollectionHasNot) {
  Json operations = json_of(R"({"set": {"a/b~c": "t"}})");
  auto read = read_operations(operations);
  ASSERT_TRUE(read);
  Status checked = properties.check(*read);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::unknown_property);
  EXPECT_EQ(checked.error().where, "/operations/set/a~1b~0c");
}

TEST(MergeRules, PropertiesAreFoundByTheirWholeName) {
  EXPECT_EQ(properties.find("n")->name, "n");
  EXPECT_EQ(properties.find("m"), nullptr);
  EXPECT_EQ(properties.find("titl"), nullptr);
  EXPECT_EQ(properties.find("titles"), nullptr);
  EXPECT_EQ(properties.all().size(), 3U);
}

}  // namespace
}  // namespace plait
