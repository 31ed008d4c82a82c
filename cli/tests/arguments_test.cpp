// cli/tests/arguments_test.cpp: the command line, read or refused.

#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/help.h"

namespace plait::cli {
namespace {

using Words = std::vector<std::string>;

Arguments read(const Words& words, std::optional<std::string> url = {}) {
  auto arguments = parse_arguments(words, std::move(url));
  EXPECT_TRUE(arguments) << arguments.error().what;
  return arguments ? *arguments : Arguments{};
}

std::string refusal(const Words& words) {
  auto arguments = parse_arguments(words);
  return arguments ? "accepted" : arguments.error().what;
}

TEST(Arguments, WatchTakesAQueryAndItsParameters) {
  Arguments arguments = read({"watch", "album where year > $1", "2000", "--once"});
  auto* watch = std::get_if<WatchCommand>(&arguments.command);
  ASSERT_NE(watch, nullptr);
  EXPECT_EQ(watch->query, "album where year > $1");
  EXPECT_EQ(watch->parameters, Words{"2000"});
  EXPECT_TRUE(watch->once);
  EXPECT_FALSE(arguments.json);
}

TEST(Arguments, OptionsStandAnywhere) {
  for (const Words& words :
       {Words{"--json", "--url", "ws://x:1", "status"}, Words{"status", "--json", "--url=ws://x:1"},
        Words{"--url=ws://x:1", "status", "--json"}}) {
    Arguments arguments = read(words);
    EXPECT_TRUE(arguments.json);
    EXPECT_EQ(arguments.url, "ws://x:1");
    EXPECT_TRUE(std::holds_alternative<StatusCommand>(arguments.command));
  }
}

TEST(Arguments, TheUrlIsTheOptionsElseTheEnvironmentsElseTheUsualOne) {
  EXPECT_EQ(read({"status"}).url, default_url);
  EXPECT_EQ(read({"status"}, "").url, default_url);
  EXPECT_EQ(read({"status"}, "ws://a:1").url, "ws://a:1");
  EXPECT_EQ(read({"status", "--url", "wss://b"}, "ws://a:1").url, "wss://b");
}

TEST(Arguments, SetTakesAssignments) {
  Arguments arguments =
      read({"set", "album", "-5", "title=a=b", "stars:=null", "note=", "path=x:=y"});
  auto* set = std::get_if<SetCommand>(&arguments.command);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->collection, "album");
  EXPECT_EQ(set->key, "-5");
  ASSERT_EQ(set->assignments.size(), 4u);
  EXPECT_EQ(set->assignments[0].property, "title");
  EXPECT_EQ(set->assignments[0].value, "a=b");
  EXPECT_FALSE(set->assignments[0].is_json);
  EXPECT_EQ(set->assignments[1].property, "stars");
  EXPECT_EQ(set->assignments[1].value, "null");
  EXPECT_TRUE(set->assignments[1].is_json);
  EXPECT_EQ(set->assignments[2].value, "");
  EXPECT_EQ(set->assignments[3].property, "path");
  EXPECT_EQ(set->assignments[3].value, "x:=y");
}

TEST(Arguments, BehindTwoHyphensThereAreNoOptions) {
  Arguments arguments = read({"set", "album", "1", "--", "--json=1"});
  EXPECT_EQ(std::get<SetCommand>(arguments.command).assignments[0].property, "--json");
  EXPECT_FALSE(arguments.json);
}

TEST(Arguments, HistoryTakesAKeyAndABudget) {
  Arguments arguments = read({"history", "track", R"(["1","2"])", "--budget", "50"});
  auto& history = std::get<HistoryCommand>(arguments.command);
  EXPECT_EQ(history.key, R"(["1","2"])");
  EXPECT_EQ(history.budget, 50);
  EXPECT_EQ(std::get<HistoryCommand>(read({"history", "album", "1"}).command).budget, std::nullopt);
}

TEST(Arguments, HelpIsThereForEveryCommandWithExamples) {
  for (std::string topic : {"", "watch", "set", "history", "status"}) {
    Words asked = topic.empty() ? Words{"--help"} : Words{topic, "--help"};
    EXPECT_EQ(std::get<HelpCommand>(read(asked).command).topic, topic);
    auto text = help_text(topic);
    ASSERT_TRUE(text) << topic;
    EXPECT_NE(text->find("Examples\n  plait "), std::string_view::npos) << topic;
    for (std::size_t at = 0; at < text->size(); at = text->find('\n', at) + 1) {
      EXPECT_LE(text->find('\n', at) - at, 100u) << topic;
    }
  }
  EXPECT_EQ(std::get<HelpCommand>(read({"help", "set"}).command).topic, "set");
  EXPECT_EQ(std::get<HelpCommand>(read({"-h"}).command).topic, "");
  EXPECT_TRUE(std::holds_alternative<VersionCommand>(read({"--version"}).command));
  EXPECT_FALSE(help_text("dance"));
}

TEST(Arguments, WhatIsWrongIsNamed) {
  const struct {
    Words words;
    std::string what;
  } rows[] = {
      {{}, "no command"},
      {{"dance"}, "there is no command \"dance\""},
      {{"watch"}, "watch what? it takes a query"},
      {{"watch", "album", "--jsn"}, "there is no option --jsn"},
      {{"watch", "album", "--url"}, "--url has no value"},
      {{"watch", "album", "--json=1"}, "--json takes no value"},
      {{"status", "--once"}, "--once belongs to watch"},
      {{"status", "now"}, "status takes nothing more"},
      {{"set", "album", "1"}, "set takes a collection, a key, and what to set"},
      {{"set", "album", "1", "stars"}, "\"stars\" is no NAME=VALUE"},
      {{"set", "album", "1", "=5"}, "\"=5\" names no property"},
      {{"set", "album", "1", ":=5"}, "\":=5\" names no property"},
      {{"set", "album", "1", "a=5", "a=6"}, "a is set twice"},
      {{"history", "album"}, "history takes a collection and a key"},
      {{"history", "album", "1", "--budget=0"}, "--budget is \"0\", not a number of events from 1"},
      {{"history", "album", "1", "--budget=x"}, "--budget is \"x\", not a number of events from 1"},
      {{"status", "--url", "localhost"},
       "\"localhost\" is no URL of a gateway: it does not begin with ws:// or wss://"},
  };
  for (const auto& row : rows) EXPECT_EQ(refusal(row.words), row.what);
}

}  // namespace
}  // namespace plait::cli
