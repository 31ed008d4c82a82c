// client-sdk/cpp/socket.h: a WebSocket to a gateway, driven by its caller's thread.
//
//   auto socket = Socket::create(url);
//   (*socket)->connect();
//   while (auto news = (*socket)->wait(1'000ms)) { … }
//
// Nothing happens outside wait(): one thread, no callbacks. Text frames only, subprotocol plait.v1.
// A peer that has said nothing for 15 seconds is pinged, and given up after 30. wss: the peer's
// certificate must be for this host and of an authority of OpenSSL's default store (SSL_CERT_FILE
// and SSL_CERT_DIR name another).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client-sdk/cpp/url.h"
#include "core/result.h"

namespace plait::client {

struct SocketNews {
  enum class Kind : std::uint8_t {
    opened,
    message,  // `text` is a whole one
    closed    // or could not be opened; `text` says why, connect() may be called again
  };
  Kind kind;
  std::string text;
  std::uint16_t code = 0;  // closed: the peer's close code; 0: none came
};

class Socket {
 public:
  // Refuses internal where libwebsockets cannot be set up.
  static Result<std::unique_ptr<Socket>> create(const Url& url);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Begins to connect; `opened` or `closed` follows. REQUIRES: not connected nor connecting.
  void connect();

  // Queues a message. Messages that were queued when the socket closes are dropped.
  void send(std::string text);

  // Begins to close; `closed` follows, unless it is closed already.
  void close();

  // Waits for the next news, at most so long; nothing: there was none.
  std::optional<SocketNews> wait(std::chrono::milliseconds at_most);

 private:
  struct State;
  explicit Socket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plait::client
