// core/tests/message_test.cpp: messages say what docs/protocol.md says, there and back.

#include "core/wire/message.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/tests/random.h"
#include "core/wire/cursor.h"

namespace plait::wire {
namespace {

struct Example {
  bool from_client;
  std::string text;
};

// The examples of the protocol's page: lines that begin with an arrow.
std::vector<Example> examples() {
  std::ifstream page(PLAIT_ROOT "/docs/protocol.md");
  std::vector<Example> found;
  for (std::string line; std::getline(page, line);) {
    std::string_view text = line;
    if (text.starts_with("    → ")) found.push_back({true, std::string(text.substr(8))});
    if (text.starts_with("    ← ")) found.push_back({false, std::string(text.substr(8))});
  }
  return found;
}

Json parsed(const std::string& text) {
  auto json = parse_json(text);
  EXPECT_TRUE(json) << text << ": " << json.error().what << " at " << json.error().where;
  return json ? *json : Json();
}

Error request_error(const std::string& text) {
  auto request = read_request(parsed(text));
  EXPECT_FALSE(request) << text;
  return request ? Error{} : request.error();
}

TEST(Message, EveryExampleOfTheProtocolReadsAndWritesBackTheSame) {
  ASSERT_GT(examples().size(), 25u);
  for (const auto& [from_client, text] : examples()) {
    SCOPED_TRACE(text);
    std::string again;
    if (from_client) {
      auto request = read_request(parsed(text));
      ASSERT_TRUE(request) << request.error().what << " at " << request.error().where;
      again = to_text(*request);
    } else {
      auto reply = read_reply(text);
      ASSERT_TRUE(reply) << reply.error().what << " at " << reply.error().where;
      again = to_text(*reply);
    }
    EXPECT_EQ(to_text(parsed(again)), to_text(parsed(text)));
  }
}

TEST(Message, EveryTypeHasAnExampleInTheProtocol) {
  std::vector<bool> requests(std::variant_size_v<Request>);
  std::vector<bool> replies(std::variant_size_v<Reply>);
  for (const auto& [from_client, text] : examples()) {
    if (from_client) requests[(*read_request(parsed(text))).index()] = true;
    if (!from_client) replies[(*read_reply(text)).index()] = true;
  }
  EXPECT_EQ(requests, std::vector<bool>(requests.size(), true));
  EXPECT_EQ(replies, std::vector<bool>(replies.size(), true));
}

TEST(Message, WhatIsMissingOrHasTheWrongShapeIsNamedWithItsPlace) {
  struct Case {
    std::string text, where;
  };
  const Case cases[] = {
      {R"([])", ""},
      {R"({})", "/type"},
      {R"({"type":"shout","id":"1"})", "/type"},
      {R"({"type":7,"id":"1"})", "/type"},
      {R"({"type":"ping"})", "/id"},
      {R"({"type":"ping","id":""})", "/id"},
      {R"({"type":"ping","id":7})", "/id"},
      {R"({"type":"ping","id":")" + std::string(65, 'x') + R"("})", "/id"},
      {R"({"type":"hello","id":"1"})", "/version"},
      {R"({"type":"hello","id":"1","version":1.5})", "/version"},
      {R"({"type":"hello","id":"1","version":1e30})", "/version"},
      {R"({"type":"subscribe","id":"1"})", "/query"},
      {R"({"type":"subscribe","id":"1","query":"album","params":{}})", "/params"},
      {R"({"type":"subscribe","id":"1","query":"album","cursor":3})", "/cursor"},
      {R"({"type":"fetch","id":"1"})", "/query"},
      {R"({"type":"fetch","id":"1","collection":"album","entities":["x"]})", "/entities/0"},
      {R"({"type":"fetch","id":"1","collection":"album","events":[]})", "/key"},
      {R"({"type":"commit","id":"1"})", "/events"},
      {R"({"type":"commit","id":"1","events":[],"context":[]})", "/context"},
      {R"({"type":"history","id":"1","collection":"album","key":1})", "/key"},
  };
  for (const auto& [text, where] : cases) {
    Error error = request_error(text);
    EXPECT_EQ(name(error.code), "bad_message") << text;
    EXPECT_EQ(error.where, where) << text;
    EXPECT_FALSE(error.what.empty()) << text;
  }
}

TEST(Message, MembersThatAreNotKnownAreIgnored) {
  auto request = read_request(parsed(R"({"type":"ping","id":"1","cursor":[1,2]})"));
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<Ping>(*request).id, "1");
}

TEST(Message, ARefusalCanNameTheIdOfWhatIsNoRequest) {
  EXPECT_EQ(request_id(parsed(R"({"type":"shout","id":"7"})")), "7");
  EXPECT_EQ(request_id(parsed(R"({"type":"shout","id":7})")), std::nullopt);
  EXPECT_EQ(request_id(parsed(R"({"type":"shout"})")), std::nullopt);
  EXPECT_EQ(request_id(parsed(R"("7")")), std::nullopt);
}

TEST(Message, AnErrorCodeOfALaterReleaseKeepsItsName) {
  auto reply = read_reply(R"({"type":"error","code":"of_tomorrow","what":"x","retry":true})");
  ASSERT_TRUE(reply);
  const auto& failure = std::get<Failure>(*reply);
  EXPECT_EQ(failure.error.code, Code::internal);
  EXPECT_EQ(failure.code_name, "of_tomorrow");
  EXPECT_TRUE(failure.retry);
}

// A server splices rows that it has as text; that must be what whole messages would say.
TEST(Message, PiecesGiveTheSameBytesAsWholeMessages) {
  Row row{EntityId(make_ulid(0, 42)),
          "42",
          {EventId(make_ulid(7, 1)), EventId(make_ulid(7, 2))},
          parsed(R"({"na\"me":"x","year":null})")};
  std::string spliced;
  append_row(spliced, row.entity, row.key, row.head, to_text(row.state));
  Remove gone{.entity = EntityId(make_ulid(0, 1)), .gone = true};
  EXPECT_EQ(rows_text("q\"1", 3, true, spliced, {&gone, 1}, false),
            to_text(Rows{"q\"1", 3, true, {row}, {gone}, false}));
  Update update{.entity = row.entity, .head = row.head, .set = row.state};
  update.won.emplace_back("na\"me", row.head.front());
  EXPECT_EQ(delta_text(7, 3, spliced, {&update, 1}, {&gone, 1}),
            to_text(Delta{7, 3, {row}, {update}, {gone}}));
  EXPECT_EQ(delta_text(7, 3, "", {}, {}), to_text(Delta{7, 3, {}, {}, {}}));
}

TEST(Message, DamagedTextIsRefusedAndNeverMisread) {
  auto all = examples();
  for_each_seed(2'000, [&](Random& random) {
    auto [from_client, text] = random.pick(all);
    for (std::size_t n = 1 + random.below(3); n > 0; --n) {
      std::size_t at = random.below(text.size());
      if (random.chance(50)) text.erase(at, 1 + random.below(5));
      if (text.empty()) text = "{";
      if (random.chance(50)) text[at % text.size()] = static_cast<char>(random.below(256));
    }
    auto json = parse_json(text);
    if (!json) return;
    // Either a clean refusal, or a message that writes and reads back as itself.
    if (auto request = read_request(*json)) {
      EXPECT_EQ(to_text(*read_request(parsed(to_text(*request)))), to_text(*request)) << text;
    } else {
      EXPECT_EQ(request.error().code, Code::bad_message) << text;
    }
    if (auto reply = read_reply(text)) {
      EXPECT_EQ(to_text(*read_reply(to_text(*reply))), to_text(*reply)) << text;
    } else {
      EXPECT_EQ(reply.error().code, Code::bad_message) << text;
    }
  });
}

TEST(Cursor, ReadsBackWhatItWrites) {
  for (Cursor cursor : {Cursor{1, 0}, Cursor{42, 0x09f3c2a1b5d7e846},
                        Cursor{std::numeric_limits<std::int64_t>::max(), ~std::uint64_t{0}}}) {
    auto again = parse_cursor(to_text(cursor));
    ASSERT_TRUE(again) << to_text(cursor);
    EXPECT_EQ(*again, cursor);
  }
  EXPECT_EQ(to_text(Cursor{42, 0xab}), "42.00000000000000ab");
}

TEST(Cursor, TextThatIsNoCursorIsRefused) {
  for (const char* text :
       {"", ".", "42", "42.", ".09f3c2a1b5d7e846", "42.09F3C2A1B5D7E846", "0.09f3c2a1b5d7e846",
        "-1.09f3c2a1b5d7e846", "+1.09f3c2a1b5d7e846", "01.09f3c2a1b5d7e846", "1.9f3c2a1b5d7e846",
        "1.009f3c2a1b5d7e846", "1 .09f3c2a1b5d7e846", "99999999999999999999.09f3c2a1b5d7e846"}) {
    auto cursor = parse_cursor(text);
    ASSERT_FALSE(cursor) << text;
    EXPECT_EQ(cursor.error().code, Code::bad_cursor) << text;
  }
}

}  // namespace
}  // namespace plait::wire
