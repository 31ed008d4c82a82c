// client-sdk/cpp/tests/url_test.cpp: URLs of gateways.

#include "client-sdk/cpp/url.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plait::client {
namespace {

std::string drawn(std::string_view text) {
  auto url = parse_url(text);
  if (!url) return url.error().what;
  return std::string(url->tls ? "tls " : "") + url->host + ' ' + std::to_string(url->port) + ' ' +
         url->path;
}

TEST(Url, AGatewayIsNamedByHostPortAndPath) {
  EXPECT_EQ(drawn("ws://127.0.0.1:7480"), "127.0.0.1 7480 /");
  EXPECT_EQ(drawn("wss://live.example.org"), "tls live.example.org 443 /");
  EXPECT_EQ(drawn("ws://localhost/plait/v1?a=b"), "localhost 80 /plait/v1?a=b");
  EXPECT_EQ(drawn("ws://localhost:1?a=b"), "localhost 1 /?a=b");
  EXPECT_EQ(drawn("ws://[::1]:7480/"), "::1 7480 /");
  EXPECT_EQ(drawn("ws://[::1]"), "::1 80 /");
}

TEST(Url, WhatIsNoneIsRefusedWithTheReason) {
  for (std::string_view text :
       {"", "http://x", "ws:/x", "ws://", "ws://:7480", "ws://x:", "ws://x:0", "ws://x:65536",
        "ws://x:7480x", "ws://[::1", "ws://[::1]7480", "ws://u@x", "ws://x/#y"}) {
    auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::bad_value);
    EXPECT_FALSE(url.error().hint.empty());
  }
}

}  // namespace
}  // namespace plait::client
