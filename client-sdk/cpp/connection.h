// client-sdk/cpp/connection.h: a session on a socket, driven by its caller's thread.
//
//   auto connection = Connection::open(url, "shop 1.0");
//   (*connection)->subscribe("albums", "album where year > $1", params);
//   while (auto news = (*connection)->next(forever)) std::visit(handle, *news);
//
// It connects, and after a loss connects again, for as long as next() is called.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "client-sdk/cpp/session.h"
#include "client-sdk/cpp/socket.h"
#include "client-sdk/cpp/url.h"
#include "core/result.h"

namespace plait::client {

using News = std::variant<Welcomed, Lost, Applied, SchemaChanged, Answered, Ended, Failed>;

inline constexpr std::chrono::milliseconds forever = std::chrono::hours(24 * 365);

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Url& url, std::string client);

  void subscribe(std::string id, std::string query, Json params = Json::array());
  void unsubscribe(const std::string& id);
  void request(wire::Request request);
  std::string next_id() { return session_.next_id(); }
  const LiveRows* rows(const std::string& id) const { return session_.rows(id); }

  // The next news, waiting at most so long; nothing: there was none.
  std::optional<News> next(std::chrono::milliseconds at_most);

 private:
  Connection(std::unique_ptr<Socket> socket, std::string client, std::uint64_t seed)
      : socket_(std::move(socket)), session_(std::move(client), seed) {}

  void perform(Effects effects);

  std::unique_ptr<Socket> socket_;
  Session session_;
  std::deque<News> news_;
};

}  // namespace plait::client
