// gateway/tests/config_test.cpp: flags, variables, and what is wrong with them.

#include "gateway/config.h"

#include <gtest/gtest.h>

#include <map>

namespace plait::gateway {
namespace {

using Variables = std::map<std::string, std::string>;

auto read(std::vector<std::string> arguments, const Variables& variables = {}) {
  return read_config(arguments, [&](const std::string& name) -> std::optional<std::string> {
    auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

Config config_of(std::vector<std::string> arguments, const Variables& variables = {}) {
  auto config = read(std::move(arguments), variables);
  EXPECT_TRUE(config && std::holds_alternative<Config>(*config));
  return std::get<Config>(*config);
}

TEST(Config, FlagsComeBeforeVariables) {
  Config config =
      config_of({"--listen", "[::1]:0", "--workers=7"},
                {{"PLAIT_LISTEN", "0.0.0.0:80"}, {"PLAIT_ROLE", "app"}, {"PLAIT_DSN", "dbname=x"}});
  EXPECT_EQ(config.host, "::1");
  EXPECT_EQ(config.port, 0);
  EXPECT_EQ(config.workers, 7u);
  EXPECT_EQ(config.role, "app");
  EXPECT_EQ(config.dsn, "dbname=x");
}

TEST(Config, WithoutAnythingItListensLocally) {
  Config config = config_of({});
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 7480);
}

TEST(Config, WhatIsWrongIsNamed) {
  struct Case {
    std::vector<std::string> arguments;
    std::string where;
  };
  for (const auto& [arguments, where] : {
           Case{{"--port", "1"}, "--port"},
           Case{{"--listen"}, "--listen"},
           Case{{"--listen", "localhost"}, "--listen"},
           Case{{"--listen", "localhost:70000"}, "--listen"},
           Case{{"--workers", "0"}, "--workers"},
           Case{{"--workers=many"}, "--workers"},
           Case{{"watch"}, "watch"},
       }) {
    auto config = read(arguments);
    ASSERT_FALSE(config) << arguments[0];
    EXPECT_EQ(config.error().where, where);
    EXPECT_FALSE(config.error().what.empty());
  }
  auto config = read({}, {{"PLAIT_LISTEN", "x"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().where, "PLAIT_LISTEN");
}

TEST(Config, EveryFlagIsInTheHelp) {
  for (const char* flag :
       {"--dsn", "--listen", "--role", "--workers", "--readers", "--quiet-seconds",
        "--drain-seconds", "--help", "--version", "PLAIT_DSN", "PLAIT_LISTEN", "PLAIT_ROLE"}) {
    EXPECT_NE(help_text.find(flag), std::string_view::npos) << flag;
  }
  EXPECT_TRUE(std::holds_alternative<Help>(*read({"--help"})));
  EXPECT_TRUE(std::holds_alternative<Version>(*read({"--version"})));
}

}  // namespace
}  // namespace plait::gateway
