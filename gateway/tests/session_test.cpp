// gateway/tests/session_test.cpp: messages in, effects out: two lists.

#include "gateway/session.h"

#include <gtest/gtest.h>

namespace plait::gateway {
namespace {

Facts facts() {
  Facts facts;
  facts.server = "plait-gateway test";
  facts.limits = {1 << 20, 16, 2, 8, 3, 1 << 20};
  facts.catalogue = std::make_shared<const Catalogue>();
  facts.position = {4, "4.00000000000000ab", *Finished::parse("100:100:")};
  return facts;
}

constexpr std::string_view hello = R"({"type":"hello","id":"1","version":1})";

class SessionTest : public testing::Test {
 protected:
  std::vector<std::string> hear(std::string_view message) {
    return told(session.receive(message, given, now));
  }

  // Effects as lines: messages by type and code, the rest by name.
  static std::vector<std::string> told(const Effects& effects) {
    std::vector<std::string> lines;
    for (const Effect& effect : effects) {
      if (auto* say = std::get_if<Say>(&effect)) {
        auto json = parse_json(say->text);
        EXPECT_TRUE(json && wire::read_reply(say->text)) << say->text;
        std::string line = json->find("type")->as_string();
        if (const Json* id = json->find("id")) line += " " + id->as_string();
        if (const Json* code = json->find("code")) line += " " + code->as_string();
        lines.push_back(line);
      }
      if (std::holds_alternative<SendPing>(effect)) lines.push_back("ping");
      if (auto* end = std::get_if<HangUp>(&effect)) {
        lines.push_back("hang up " + std::to_string(static_cast<int>(end->code)));
      }
      if (auto* join = std::get_if<JoinAtTick>(&effect)) lines.push_back("join " + join->wish.id);
      if (auto* leave = std::get_if<LeaveGroup>(&effect)) lines.push_back("leave " + leave->query);
      if (auto* run = std::get_if<RunFetch>(&effect)) lines.push_back("fetch " + run->fetch.id);
      if (auto* run = std::get_if<RunCommit>(&effect)) lines.push_back("commit " + run->commit.id);
      if (auto* run = std::get_if<RunStatus>(&effect)) lines.push_back("status " + run->id);
      if (auto* run = std::get_if<RunHistory>(&effect))
        lines.push_back("history " + run->history.id);
    }
    return lines;
  }

  using Lines = std::vector<std::string>;
  Facts given = facts();
  Now now{0, 1 << 16};
  Session session{Session::Timing{}, now};
};

TEST_F(SessionTest, NothingIsAnsweredBeforeHello) {
  EXPECT_EQ(hear(R"({"type":"ping","id":"1"})"), (Lines{"goodbye hello_first", "hang up 4001"}));
  EXPECT_EQ(hear(hello), Lines{}) << "after its last words a session is silent";
}

TEST_F(SessionTest, WhatIsNoMessageBeforeHelloIsHelloFirstToo) {
  EXPECT_EQ(hear(R"({"type":"subscribe"})"), (Lines{"goodbye hello_first", "hang up 4001"}));
}

TEST_F(SessionTest, HelloIsWelcomedOnce) {
  EXPECT_EQ(hear(hello), Lines{"welcome 1"});
  EXPECT_EQ(hear(hello), Lines{"error 1 bad_message"});
}

TEST_F(SessionTest, AnotherVersionIsRefusedWithBothNumbers) {
  auto effects = session.receive(R"({"type":"hello","id":"1","version":2})", given, now);
  EXPECT_EQ(told(effects), (Lines{"goodbye version_unsupported", "hang up 4002"}));
  const std::string& text = std::get<Say>(effects[0]).text;
  EXPECT_NE(text.find("version 2 is asked for, version 1 is spoken"), std::string::npos) << text;
}

TEST_F(SessionTest, ATokenIsRefusedUntilThereIsSomethingToCheckItWith) {
  EXPECT_EQ(hear(R"({"type":"hello","id":"1","version":1,"token":"x"})"),
            (Lines{"goodbye not_supported", "hang up 4007"}));
}

TEST_F(SessionTest, FramesThatAreNoJsonEndTheSession) {
  hear(hello);
  for (const char* text : {"", "{", "[1,2", "\xff", "nul"}) {
    Session fresh({}, now);
    fresh.receive(hello, given, now);
    EXPECT_EQ(told(fresh.receive(text, given, now)), (Lines{"goodbye bad_message", "hang up 4003"}))
        << text;
  }
  EXPECT_EQ(hear(std::string(17, '[') + std::string(17, ']')),
            (Lines{"goodbye bad_message", "hang up 4003"}));
}

TEST_F(SessionTest, MessagesOfTheWrongShapeAreRefusedAndTheSessionGoesOn) {
  hear(hello);
  EXPECT_EQ(hear(R"({"type":"shout","id":"7"})"), Lines{"error 7 bad_message"});
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"7"})"), Lines{"error 7 bad_message"});
  EXPECT_EQ(hear(R"({"id":7})"), Lines{"error bad_message"});
  EXPECT_EQ(hear(R"({"type":"ping","id":"8"})"), Lines{"pong 8"});
}

TEST_F(SessionTest, BinaryAndLongFramesEndTheSession) {
  hear(hello);
  EXPECT_EQ(told(session.receive_binary()), (Lines{"goodbye bad_message", "hang up 1003"}));
  Session other({}, now);
  EXPECT_EQ(told(other.receive_too_much(given)), (Lines{"goodbye too_large", "hang up 1009"}));
}

TEST_F(SessionTest, SubscribesUpToItsLimit) {
  hear(hello);
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"a","query":"album"})"), Lines{"join a"});
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"b","query":"album"})"), Lines{"join b"});
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"c","query":"album"})"),
            Lines{"error c too_many_queries"});
  EXPECT_EQ(hear(R"({"type":"unsubscribe","id":"a"})"), (Lines{"leave a", "unsubscribed a"}));
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"c","query":"album"})"), Lines{"join c"});
}

TEST_F(SessionTest, AnIdInUseIsRefused) {
  hear(hello);
  hear(R"({"type":"subscribe","id":"a","query":"album"})");
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"a","query":"track"})"), Lines{"error a bad_message"});
  EXPECT_EQ(hear(R"({"type":"fetch","id":"a","query":"album"})"), Lines{"error a bad_message"});
  EXPECT_TRUE(session.has_query("a"));
  hear(R"({"type":"fetch","id":"f","query":"album"})");
  EXPECT_EQ(hear(R"({"type":"fetch","id":"f","query":"album"})"), Lines{"error f bad_message"});
  session.answered("f");
  EXPECT_EQ(hear(R"({"type":"fetch","id":"f","query":"album"})"), Lines{"fetch f"});
}

TEST_F(SessionTest, UnsubscribingWhatIsNotThereIsRefused) {
  hear(hello);
  EXPECT_EQ(hear(R"({"type":"unsubscribe","id":"a"})"), Lines{"error a unknown_query"});
}

TEST_F(SessionTest, TextThatIsNoCursorIsRefused) {
  hear(hello);
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"a","query":"album","cursor":"7"})"),
            Lines{"error a bad_cursor"});
  EXPECT_FALSE(session.has_query("a"));
}

TEST_F(SessionTest, AFailedQueryEndsAndItsIdIsFree) {
  hear(hello);
  hear(R"({"type":"subscribe","id":"a","query":"album"})");
  EXPECT_EQ(told(session.fail("a", {Code::bad_query, "no", "", ""})),
            (Lines{"leave a", "error a bad_query"}));
  EXPECT_EQ(told(session.fail("a", {Code::bad_query, "no", "", ""})), Lines{});
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"a","query":"album"})"), Lines{"join a"});
}

TEST_F(SessionTest, ACommitOfTooManyEventsIsRefusedUnsent) {
  hear(hello);
  EXPECT_EQ(hear(R"({"type":"commit","id":"c","events":[1,2,3,4]})"), Lines{"error c too_large"});
  EXPECT_EQ(hear(R"({"type":"commit","id":"c","events":[{},{},{}]})"), Lines{"commit c"});
}

TEST_F(SessionTest, ACommitIsToldOnceWhenItIsCovered) {
  hear(hello);
  hear(R"({"type":"commit","id":"c","events":[]})");
  EXPECT_EQ(told(session.committed(
                "c", R"({"type":"committed","id":"c","xid":"105","events":[],"follow_ups":[]})",
                {105, {}})),
            Lines{"committed c"});
  Position before{5, "5.00000000000000ab", *Finished::parse("105:107:105")};
  EXPECT_EQ(session.take_covered(before), Lines{}) << "105 was still running";
  EXPECT_EQ(hear(R"({"type":"commit","id":"c","events":[]})"), Lines{"error c bad_message"})
      << "its id is in use until a tick has named it";
  Position after{6, "6.00000000000000ab", *Finished::parse("107:107:")};
  EXPECT_EQ(session.take_covered(after), Lines{"c"});
  EXPECT_EQ(session.take_covered(after), Lines{});
}

TEST_F(SessionTest, ARefusalCarriesWhatTheDatabaseSaid) {
  hear(hello);
  hear(R"({"type":"commit","id":"c","events":[]})");
  wire::Refused refused;
  refused.error = {Code::constraint_violation, "no", "/events/2", ""};
  refused.event = 2;
  refused.sqlstate = "23514";
  refused.constraint = "album_year_check";
  auto effects = session.refused("c", refused);
  ASSERT_EQ(told(effects), Lines{"refused c constraint_violation"});
  auto read = wire::read_reply(std::get<Say>(effects[0]).text);
  EXPECT_EQ(std::get<wire::Refused>(*read).constraint, "album_year_check");
  EXPECT_EQ(std::get<wire::Refused>(*read).event, 2);
}

TEST_F(SessionTest, ASocketThatSaysNothingIsClosed) {
  EXPECT_EQ(told(session.pass_time({9'000, 0})), Lines{});
  EXPECT_EQ(told(session.pass_time({10'000, 0})), (Lines{"goodbye hello_first", "hang up 4001"}));
}

TEST_F(SessionTest, AClientThatDoesNotAnswerAPingIsClosed) {
  hear(hello);
  EXPECT_EQ(told(session.pass_time({14'000, 0})), Lines{});
  EXPECT_EQ(told(session.pass_time({15'000, 0})), Lines{"ping"});
  EXPECT_EQ(told(session.pass_time({16'000, 0})), Lines{}) << "one ping at a time";
  session.hear({17'000, 0});
  EXPECT_EQ(told(session.pass_time({31'000, 0})), Lines{});
  EXPECT_EQ(told(session.pass_time({32'000, 0})), Lines{"ping"});
  EXPECT_EQ(told(session.pass_time({52'000, 0})), Lines{"hang up 4005"});
}

TEST_F(SessionTest, WhileTheGatewayStopsNothingNewIsBegun) {
  hear(hello);
  given.draining = true;
  EXPECT_EQ(hear(R"({"type":"commit","id":"c","events":[]})"), Lines{"error c unavailable"});
  EXPECT_EQ(hear(R"({"type":"subscribe","id":"q","query":"album"})"), Lines{"error q unavailable"});
  EXPECT_EQ(hear(R"({"type":"ping","id":"p"})"), Lines{"pong p"});
}

}  // namespace
}  // namespace plait::gateway
