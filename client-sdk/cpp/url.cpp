// client-sdk/cpp/url.cpp: ws and wss URLs (RFC 6455, section 3).

#include "client-sdk/cpp/url.h"

#include <charconv>
#include <optional>
#include <utility>

namespace plait::client {

namespace {

Error bad_url(std::string_view text, std::string why) {
  return Error{Code::bad_value,
               "\"" + std::string(text) + "\" is no URL of a gateway: " + why,
               {},
               "write ws://host:port, or wss://host:port where it speaks TLS"};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("wss://")) {
    url.tls = true;
    rest.remove_prefix(6);
  } else if (rest.starts_with("ws://")) {
    rest.remove_prefix(5);
  } else {
    return bad_url(text, "it does not begin with ws:// or wss://");
  }
  std::size_t slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) {
    url.path = rest[slash] == '/' ? "" : "/";
    url.path += rest.substr(slash);
  }
  if (authority.find('@') != std::string_view::npos) return bad_url(text, "it names a user");
  if (text.find('#') != std::string_view::npos) return bad_url(text, "it has a fragment");

  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    std::size_t close = authority.find(']');
    if (close == std::string_view::npos)
      return bad_url(text, "the bracket of its address does not close");
    url.host = authority.substr(1, close - 1);
    host_end = close + 1;
    if (host_end < authority.size() && authority[host_end] != ':')
      return bad_url(text, "behind ] comes :port");
  } else {
    url.host = authority.substr(0, host_end);
  }
  if (url.host.empty()) return bad_url(text, "it names no host");
  url.port = url.tls ? 443 : 80;
  if (host_end < authority.size()) {
    auto port = parse_port(authority.substr(host_end + 1));
    if (!port) return bad_url(text, "its port is no number from 1 to 65535");
    url.port = *port;
  }
  return url;
}

}  // namespace plait::client
