// client-sdk/cpp/url.h: where a gateway is: ws://127.0.0.1:7480, wss://live.example.org/plait
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plait::client {

struct Url {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string path = "/";  // and query
};

// Ports are 80 and 443 where none is named. Refuses bad_value.
Result<Url> parse_url(std::string_view text);

}  // namespace plait::client
