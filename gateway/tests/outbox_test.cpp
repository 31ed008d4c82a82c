// gateway/tests/outbox_test.cpp: order, units that become one, and the end of patience.

#include "gateway/outbox.h"

#include <gtest/gtest.h>

#include "gateway/tests/world.h"

namespace plait::gateway {
namespace {

UnitPart result_of(const std::string& query, std::int64_t joins = 0) {
  UnitPart part;
  part.text = std::make_shared<const std::string>((joins ? "live " : "rows ") + query);
  part.query = query;
  part.joins = joins;
  return part;
}

// A delta of group 7: an album that came, went or changed.
UnitPart delta_of(std::int64_t tick, bool was_member, bool is_member, std::int64_t year = 2001) {
  auto change = std::make_shared<Change>();
  Album album{year, "x", EventId(make_ulid(static_cast<std::uint64_t>(tick), 1))};
  change->entity = World::entity(1);
  change->properties = {"year"};
  change->won = {{"year", album.head}};
  change->row = std::make_shared<RowNow>(
      RowNow{"1", {album.head}, World::state(1, album), World::row_text(1, album)});
  UnitPart part;
  part.delta = make_delta(7, tick, {{was_member, is_member, false, change}});
  return part;
}

std::vector<std::string> drained(Outbox& outbox) {
  std::vector<std::string> messages;
  for (; !outbox.empty(); outbox.pop()) messages.emplace_back(outbox.front());
  return messages;
}

Outbox::Bounds merging() {
  return {.merge_bytes = 1, .waiting_bytes_max = 1'000'000, .result_bytes_max = 1'000'000};
}

TEST(Outbox, KeepsTheOrder) {
  Outbox outbox{Outbox::Bounds{}};
  outbox.say("a");
  outbox.add_unit({result_of("q"), result_of("q", 7)}, "1.00000000000000ab", {});
  outbox.say("b");
  EXPECT_EQ(drained(outbox),
            (std::vector<std::string>{"a", "rows q", "live q",
                                      R"({"type":"tick","cursor":"1.00000000000000ab"})", "b"}));
  EXPECT_EQ(outbox.bytes(), 0u);
}

TEST(Outbox, UnitsThatWaitBecomeOneAtTheNewestTick) {
  Outbox outbox(merging());
  outbox.add_unit({delta_of(1, true, true, 2001)}, "1.00000000000000ab", {"c1"});
  outbox.say("committed");
  outbox.add_unit({delta_of(2, true, true, 2002)}, "2.00000000000000ab", {"c2"});
  auto messages = drained(outbox);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0], "committed") << "an answer comes before the tick that names it";
  auto delta = wire::read_reply(messages[1]);
  const auto& update = std::get<wire::Delta>(*delta).update;
  ASSERT_EQ(update.size(), 1u);
  EXPECT_EQ(update[0].set.find("year")->as_number(), "2002");
  EXPECT_EQ(messages[2], R"({"type":"tick","cursor":"2.00000000000000ab","commits":["c1","c2"]})");
}

TEST(Outbox, WhatCameAndWentIsNotTold) {
  Outbox outbox(merging());
  outbox.add_unit({delta_of(1, false, true)}, "1.00000000000000ab", {});
  outbox.add_unit({delta_of(2, true, false)}, "2.00000000000000ab", {});
  EXPECT_EQ(drained(outbox),
            std::vector<std::string>{R"({"type":"tick","cursor":"2.00000000000000ab"})"});
}

TEST(Outbox, WhatWentAndCameBackReplaces) {
  Outbox outbox(merging());
  outbox.add_unit({delta_of(1, true, false)}, "1.00000000000000ab", {});
  outbox.add_unit({delta_of(2, false, true)}, "2.00000000000000ab", {});
  auto delta = wire::read_reply(drained(outbox)[0]);
  EXPECT_EQ(std::get<wire::Delta>(*delta).add.size(), 1u);
  EXPECT_TRUE(std::get<wire::Delta>(*delta).update.empty());
}

TEST(Outbox, WhoJoinedInBetweenIsToldWhatCameAndWent) {
  Outbox outbox(merging());
  outbox.add_unit({delta_of(1, false, true)}, "1.00000000000000ab", {});
  outbox.add_unit({result_of("q"), result_of("q", 7)}, "1.00000000000000ab", {});
  outbox.add_unit({delta_of(2, true, false)}, "2.00000000000000ab", {});
  auto messages = drained(outbox);
  ASSERT_EQ(messages.size(), 4u);
  auto delta = wire::read_reply(messages[2]);
  EXPECT_EQ(std::get<wire::Delta>(*delta).remove.size(), 1u);
}

TEST(Outbox, AUnitThatHasBegunIsFinishedFirst) {
  Outbox outbox(merging());
  outbox.add_unit({result_of("q"), result_of("q", 7)}, "1.00000000000000ab", {});
  outbox.pop();
  outbox.add_unit({delta_of(2, true, true)}, "2.00000000000000ab", {});
  outbox.add_unit({delta_of(3, true, true)}, "3.00000000000000ab", {});
  auto messages = drained(outbox);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0], "live q");
  EXPECT_EQ(messages[1], R"({"type":"tick","cursor":"1.00000000000000ab"})");
  EXPECT_EQ(messages[3], R"({"type":"tick","cursor":"3.00000000000000ab"})");
}

TEST(Outbox, ResultsThatNobodyWantsAnyMoreAreDropped) {
  Outbox outbox{Outbox::Bounds{}};
  outbox.add_unit({result_of("a"), result_of("a"), result_of("b")}, "1.00000000000000ab", {});
  outbox.pop();  // has begun: the client has read some of it
  outbox.add_unit({result_of("a"), result_of("b")}, "2.00000000000000ab", {});
  outbox.forget("a");
  EXPECT_EQ(drained(outbox),
            (std::vector<std::string>{"rows a", "rows b",
                                      R"({"type":"tick","cursor":"1.00000000000000ab"})", "rows b",
                                      R"({"type":"tick","cursor":"2.00000000000000ab"})"}));
  EXPECT_EQ(outbox.bytes(), 0u);
}

TEST(Outbox, TooMuchIsTooSlowAndResultsCountApart) {
  Outbox outbox({.merge_bytes = 100, .waiting_bytes_max = 200, .result_bytes_max = 1'000});
  outbox.say_rows(std::string(900, 'x'), "f");
  EXPECT_FALSE(outbox.is_too_slow());
  outbox.say(std::string(201, 'x'));
  EXPECT_TRUE(outbox.is_too_slow());
  outbox.clear();
  EXPECT_FALSE(outbox.is_too_slow());
  outbox.say_rows(std::string(1'001, 'x'), "f");
  EXPECT_TRUE(outbox.is_too_slow());
}

}  // namespace
}  // namespace plait::gateway
