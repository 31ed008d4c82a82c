// client-sdk/cpp/connection.cpp: effects are performed, socket news and time handed in.

#include "client-sdk/cpp/connection.h"

#include <algorithm>
#include <random>
#include <type_traits>
#include <utility>

namespace plait::client {

namespace {

Ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Url& url, std::string client) {
  auto socket = Socket::create(url);
  if (!socket) return socket.error();
  std::uint64_t seed = std::random_device()();
  std::unique_ptr<Connection> connection(
      new Connection(std::move(*socket), std::move(client), seed));
  connection->perform(connection->session_.start());
  return connection;
}

void Connection::subscribe(std::string id, std::string query, Json params) {
  perform(session_.subscribe(std::move(id), std::move(query), std::move(params)));
}

void Connection::unsubscribe(const std::string& id) { perform(session_.unsubscribe(id)); }

void Connection::request(wire::Request request) { perform(session_.request(std::move(request))); }

void Connection::perform(Effects effects) {
  for (Effect& effect : effects) {
    std::visit(
        [&](auto& one) {
          using Kind = std::remove_reference_t<decltype(one)>;
          if constexpr (std::is_same_v<Kind, Connect>) {
            socket_->connect();
          } else if constexpr (std::is_same_v<Kind, Disconnect>) {
            socket_->close();
          } else if constexpr (std::is_same_v<Kind, Send>) {
            socket_->send(std::move(one.text));
          } else {
            news_.push_back(std::move(one));
          }
        },
        effect);
  }
}

std::optional<News> Connection::next(std::chrono::milliseconds at_most) {
  Ms end = now() + at_most.count();
  while (news_.empty()) {
    Ms at = now();
    if (auto wakes_at = session_.wakes_at(); wakes_at && *wakes_at <= at)
      perform(session_.woken(at));
    if (!news_.empty()) break;
    if (at >= end) return std::nullopt;
    Ms until = std::min(end, session_.wakes_at().value_or(end));
    auto heard = socket_->wait(std::chrono::milliseconds(std::max<Ms>(0, until - at)));
    if (!heard) continue;
    switch (heard->kind) {
      case SocketNews::Kind::opened:
        perform(session_.opened(now()));
        break;
      case SocketNews::Kind::message:
        perform(session_.received(heard->text, now()));
        break;
      case SocketNews::Kind::closed:
        perform(session_.closed(std::move(heard->text), now()));
        break;
    }
  }
  News first = std::move(news_.front());
  news_.pop_front();
  return first;
}

}  // namespace plait::client
