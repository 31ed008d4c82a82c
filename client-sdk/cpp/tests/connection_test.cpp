// client-sdk/cpp/tests/connection_test.cpp: sessions over real sockets, against a gateway that says
// what it is told.

#include "client-sdk/cpp/connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "client-sdk/cpp/tests/fake_gateway.h"

namespace plait::client {
namespace {

constexpr std::chrono::seconds patience{60};

const std::string welcome =
    R"({"type":"welcome","id":"1","version":1,"server":"fake","database":"01KAJ0S4M8ZZ7A3TQ4X9V7N2WB",)"
    R"("time":"0199d2b4c8f07a21","cursor":null,"limits":{"commit_events_max":1,"depth_max":1,)"
    R"("message_bytes_max":1,"queries_max":1,"requests_max":1,"result_bytes_max":1},"schema":{"collections":[]}})";
const std::string pong = R"({"type":"pong","id":"p1","time":"0199d2b4c8f07a21"})";

bool is(const std::string& message, std::string_view type) {
  return message.find("\"type\":\"" + std::string(type) + "\"") != std::string::npos;
}

std::unique_ptr<Connection> connect(int port) {
  Url url{false, "127.0.0.1", static_cast<std::uint16_t>(port), "/"};
  auto connection = Connection::open(url, "test");
  EXPECT_TRUE(connection);
  return std::move(*connection);
}

// The next news, which must be of this kind.
template <typename Kind>
Kind expect(Connection& connection) {
  auto news = connection.next(patience);
  if (!news || !std::holds_alternative<Kind>(*news)) {
    ADD_FAILURE() << "other news, " << (news ? std::to_string(news->index()) : "none");
    return Kind{};
  }
  return std::get<Kind>(std::move(*news));
}

TEST(Connection, AsksAndIsAnswered) {
  FakeGateway gateway([](const std::string& message) {
    return std::vector<std::string>{is(message, "hello") ? welcome : pong};
  });
  auto connection = connect(gateway.port());
  connection->request(wire::Ping{"p1"});
  EXPECT_EQ(expect<Welcomed>(*connection).welcome.server, "fake");
  EXPECT_EQ(expect<Answered>(*connection).id, "p1");
  EXPECT_FALSE(connection->next(std::chrono::milliseconds(0))) << "no more";
}

TEST(Connection, MessagesOfMegabytesArriveWholeBothWays) {
  std::string title(3'000'000, 'x');
  std::atomic<std::size_t> received{0};
  FakeGateway gateway([&](const std::string& message) -> std::vector<std::string> {
    if (is(message, "hello")) return {welcome};
    received = message.size();
    return {
        R"({"type":"rows","id":"f1","tick":1,"rows":[{"entity":"00000000000000000000000001","key":"1",)"
        R"("head":["01KAJ0V8X2N6T4Q1R7W5Y9Z3CD"],"state":{"title":")" +
        title + R"("}}],"more":false})"};
  });
  auto connection = connect(gateway.port());
  connection->request(wire::Fetch{"f1", wire::FetchQuery{title, Json::array()}});
  expect<Welcomed>(*connection);
  auto answered = expect<Answered>(*connection);
  auto* rows = std::get_if<wire::Rows>(&answered.reply);
  ASSERT_NE(rows, nullptr);
  EXPECT_EQ(rows->rows[0].state.find("title")->as_string().size(), title.size());
  EXPECT_GT(received, title.size());
}

TEST(Connection, AfterALossItComesBackAndSendsTheSameCommitAgain) {
  std::mutex lock;
  std::vector<std::string> commits;
  FakeGateway gateway([&](const std::string& message) -> std::vector<std::string> {
    if (is(message, "hello")) return {welcome};
    std::lock_guard guard(lock);
    commits.push_back(message);
    if (commits.size() == 1) return {""};  // the answer is lost
    return {R"({"type":"committed","id":"c1","events":[],"follow_ups":[]})"};
  });
  auto connection = connect(gateway.port());
  connection->request(wire::Commit{"c1", Json::array({Json::object()}), std::nullopt});
  EXPECT_FALSE(expect<Welcomed>(*connection).again);
  EXPECT_TRUE(expect<Lost>(*connection).ever_welcomed);
  EXPECT_TRUE(expect<Welcomed>(*connection).again);
  EXPECT_EQ(expect<Answered>(*connection).id, "c1");
  std::lock_guard guard(lock);
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_EQ(commits[0], commits[1]);
}

TEST(Connection, WhereNobodyListensItSaysSoAndTriesAgain) {
  int port;
  {
    FakeGateway gateway([](const std::string&) { return std::vector<std::string>{}; });
    port = gateway.port();
  }
  auto connection = connect(port);
  Lost lost = expect<Lost>(*connection);
  EXPECT_FALSE(lost.ever_welcomed);
  EXPECT_FALSE(lost.why.empty());
  expect<Lost>(*connection);
}

TEST(Connection, NextWaitsNoLongerThanItIsTold) {
  FakeGateway gateway(
      [](const std::string&) { return std::vector<std::string>{}; });  // never a welcome
  auto connection = connect(gateway.port());
  EXPECT_FALSE(connection->next(std::chrono::milliseconds(20)));
}

TEST(Connection, NonsenseEndsItForGood) {
  FakeGateway gateway([](const std::string&) { return std::vector<std::string>{"{}"}; });
  auto connection = connect(gateway.port());
  EXPECT_EQ(expect<Failed>(*connection).error.code, Code::bad_message);
  EXPECT_FALSE(connection->next(std::chrono::milliseconds(20)));
}

}  // namespace
}  // namespace plait::client
