// core/tests/text_cases_test.cpp: small histories with the texts that they must give (TXT-01 to
// TXT-05 of the acceptance catalogue), and what is refused.

#include <gtest/gtest.h>

#include "core/merge/live_text.h"
#include "core/merge/text_history.h"
#include "core/tests/drawn_text.h"

namespace plait {
namespace {

using Edits = std::vector<DrawnEdit>;

EventId id_of(std::uint64_t hlc) { return EventId(make_ulid(hlc, hlc * 0x9e37'79b9'7f4a'7c15ULL)); }

std::string in_order(const std::vector<TextEvent>& events) {
  Rope text;
  Status done = replay(text, events);
  return done ? text.to_string() : done.error().what;
}

// The text of concurrent edits of one, whichever of them has the smaller id.
void expect_merged(const std::string& base, std::vector<Edits> branches,
                   const std::vector<std::string>& expected) {
  std::ranges::sort(branches, {}, [](const Edits& edits) { return edits[0].position; });
  std::vector<std::size_t> order(branches.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    DrawnTexts texts;
    texts.set(id_of(1), {}, base);
    for (std::size_t i : order) {
      texts.edit(id_of(10 + texts.events().size()), {id_of(1)}, branches[i]);
    }
    std::vector<TextEvent> events(texts.events().begin(), texts.events().end());
    std::string text = in_order(events);
    EXPECT_TRUE(std::ranges::find(expected, text) != expected.end()) << text;
    LiveText live;
    std::vector<TextEvent> before;
    for (const TextEvent& event : events) {
      auto took = live.take(event);
      if (took && *took == LiveText::Took::needs_history) took = live.take(event, before);
      ASSERT_TRUE(took);
      // All but the genesis, which is the critical version.
      if (event.id != id_of(1)) before.push_back(event);
    }
    EXPECT_EQ(live.text().to_string(), text);
  } while (std::ranges::next_permutation(order).found);
}

TEST(TextCases, Txt01InsertsAtBothEnds) {
  expect_merged("hello world", {{{0, 0, "X"}}, {{11, 0, "Y"}}}, {"Xhello worldY"});
}

TEST(TextCases, Txt02DeletionsMeet) {
  expect_merged("hello world", {{{0, 5, ""}}, {{6, 5, ""}}}, {" "});
  expect_merged("hello world", {{{0, 6, ""}}, {{6, 5, ""}}}, {""});
  expect_merged("hello world", {{{0, 6, ""}}, {{3, 5, ""}}}, {"rld"});
}

TEST(TextCases, Txt03AnInsertSurvivesADeletionAroundIt) {
  expect_merged("hello world", {{{5, 0, "X"}}, {{5, 6, ""}}}, {"helloX"});
  DrawnTexts texts;
  texts.edit(id_of(1), {}, {{0, 0, "hello"}});
  texts.set(id_of(2), {id_of(1)}, "goodbye");
  texts.edit(id_of(3), {id_of(1)}, {{5, 0, "!"}});
  EXPECT_EQ(in_order({texts.events()[0], texts.events()[1]}), "goodbye");
  EXPECT_EQ(in_order({texts.events().begin(), texts.events().end()}), "goodbye!");
}

TEST(TextCases, Txt04ThreePlaces) {
  expect_merged("abc", {{{0, 0, "1"}}, {{1, 0, "2"}}, {{3, 0, "3"}}}, {"1a2bc3"});
}

TEST(TextCases, Txt05OnePlaceIsNeverMixed) {
  expect_merged("hello", {{{5, 0, " world"}}, {{5, 0, " there"}}},
                {"hello world there", "hello there world"});
  // One event a keystroke, ids of the two authors alternating, forwards and backwards.
  for (bool backwards : {false, true}) {
    DrawnTexts texts;
    texts.nothing(id_of(1), {});
    for (std::size_t author : {0, 1}) {
      EventId parent = id_of(1);
      for (std::size_t i = 0; i < 3; ++i) {
        std::string key(1, (author == 0 ? "abc" : "xyz")[backwards ? 2 - i : i]);
        EventId id = id_of(10 + 2 * i + (i == 1 ? 1 - author : author));
        texts.edit(id, {parent}, {{backwards ? 0 : i, 0, key}});
        parent = id;
      }
    }
    std::string text = in_order({texts.events().begin(), texts.events().end()});
    // The author whose first key has the smaller id stands first.
    EXPECT_EQ(text, "abcxyz") << (backwards ? "backwards" : "forwards");
  }
  DrawnTexts texts;
  texts.set(id_of(1), {}, "a😀b");
  texts.edit(id_of(2), {id_of(1)}, {{2, 0, "X"}});
  EXPECT_EQ(in_order({texts.events().begin(), texts.events().end()}), "a😀Xb");
}

TEST(TextCases, ARangeOutOfTheTextIsRefusedAndChangesNothing) {
  DrawnTexts texts;
  texts.edit(id_of(1), {}, {{0, 0, "héllo"}});
  texts.edit(id_of(2), {id_of(1)}, {{0, 5, ""}});
  texts.edit(id_of(3), {id_of(1)}, {{5, 0, "!"}, {4, 3, ""}});
  texts.edit(id_of(4), {id_of(2)}, {{1, 0, "x"}});
  texts.edit(id_of(5), {id_of(1)}, {{5, 0, "?"}});
  auto events = texts.events();
  for (auto [late, where] : {std::pair{2, "/1/1"}, std::pair{3, "/0/0"}}) {
    std::vector<TextEvent> all{events[0], events[1], events[static_cast<std::size_t>(late)]};
    Rope text;
    Status done = replay(text, all);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::bad_value);
    EXPECT_EQ(done.error().where, where);

    LiveText live;
    ASSERT_TRUE(live.take(events[0]));
    ASSERT_TRUE(live.take(events[1]));
    auto took = live.take(all[2], {&events[1], 1});
    ASSERT_FALSE(took);
    EXPECT_EQ(took.error().code, Code::bad_value);
    EXPECT_EQ(live.text().to_string(), "");
    took = live.take(events[4], {&events[1], 1});
    ASSERT_TRUE(took);
    EXPECT_EQ(live.text().to_string(), "?");
  }
}

// A set deleted the end of the text that the stretch began with: how long it was has to be told.
TEST(TextCases, WhatASetHidIsNotGuessed) {
  DrawnTexts texts;
  texts.edit(id_of(1), {}, {{0, 0, "hello"}});
  texts.set(id_of(2), {id_of(1)}, "x");
  texts.edit(id_of(3), {id_of(1)}, {{6, 0, "y"}});
  texts.edit(id_of(4), {id_of(1)}, {{5, 0, "z"}});
  auto events = texts.events();
  for (std::size_t late : {2, 3}) {
    auto edits = late_edits(1, {&events[1], 1}, {&events[late], 1});
    ASSERT_FALSE(edits);
    EXPECT_EQ(edits.error().code, Code::history_compacted);
    edits = late_edits(1, {&events[1], 1}, {&events[late], 1}, 5);
    ASSERT_EQ(static_cast<bool>(edits), late == 3);
    if (edits) {
      EXPECT_EQ(*edits, (std::vector<TextEdit>{{1, 0, "z"}}));
    } else {
      EXPECT_EQ(edits.error().code, Code::bad_value);
    }
  }
}

TEST(TextCases, AHistoryThatLacksEventsIsRefused) {
  DrawnTexts texts;
  texts.edit(id_of(1), {}, {{0, 0, "a"}});
  texts.edit(id_of(2), {id_of(1)}, {{1, 0, "b"}});
  texts.edit(id_of(3), {id_of(1)}, {{1, 0, "c"}});
  texts.edit(id_of(4), {id_of(2)}, {{2, 0, "d"}});
  Rope text("ab");
  Status done = replay(text, std::vector{texts.events()[2], texts.events()[3]});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::missing_parents);
  LiveText live("abd", {{id_of(4)}});
  auto took = live.take(texts.events()[2], {&texts.events()[1], 1});
  ASSERT_FALSE(took);
  EXPECT_EQ(took.error().code, Code::missing_parents);
}

}  // namespace
}  // namespace plait
