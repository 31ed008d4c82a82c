// client-sdk/cpp/tests/fake_gateway.h: a WebSocket server in a thread that says what a test tells
// it to.
#pragma once

#include <libwebsockets.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/wire/message.h"

namespace plait::client {

class FakeGateway {
 public:
  // What it answers to a message; an empty answer closes the socket. Called in its own thread.
  using Answers = std::function<std::vector<std::string>(const std::string& message)>;

  explicit FakeGateway(Answers answers) : answers_(std::move(answers)) {
    lws_set_log_level(0, nullptr);
    lws_context_creation_info info{};
    info.iface = "127.0.0.1";
    info.protocols = protocols();
    info.user = this;
    context_ = lws_create_context(&info);
    thread_ = std::thread([this] {
      while (!stopping_) lws_service(context_, 0);
    });
  }
  ~FakeGateway() {
    stopping_ = true;
    lws_cancel_service(context_);
    thread_.join();
    lws_context_destroy(context_);
  }

  int port() const { return lws_get_vhost_listen_port(lws_get_vhost_by_name(context_, "default")); }

 private:
  struct Peer {
    std::string message;
    std::deque<std::string> to_write;
  };

  static const lws_protocols* protocols() {
    static const lws_protocols list[] = {{wire::subprotocol.data(), on_event, 0, 0, 0, nullptr, 0},
                                         {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
    return list;
  }

  static int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, std::size_t length) {
    auto* gateway = static_cast<FakeGateway*>(lws_context_user(lws_get_context(wsi)));
    switch (reason) {
      case LWS_CALLBACK_RECEIVE:
        return gateway->received(wsi, static_cast<const char*>(in), length);
      case LWS_CALLBACK_SERVER_WRITEABLE:
        return gateway->writable(wsi);
      case LWS_CALLBACK_CLOSED:
        gateway->peers_.erase(wsi);
        return 0;
      default:
        return 0;
    }
  }

  int received(lws* wsi, const char* bytes, std::size_t length) {
    Peer& peer = peers_[wsi];
    peer.message.append(bytes, length);
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) return 0;
    for (std::string& answer : answers_(peer.message)) peer.to_write.push_back(std::move(answer));
    peer.message.clear();
    lws_callback_on_writable(wsi);
    return 0;
  }

  int writable(lws* wsi) {
    Peer& peer = peers_[wsi];
    if (peer.to_write.empty()) return 0;
    std::string text = std::move(peer.to_write.front());
    peer.to_write.pop_front();
    if (text.empty()) return -1;
    std::string buffer = std::string(LWS_PRE, '\0') + text;
    auto* start = reinterpret_cast<unsigned char*>(buffer.data()) + LWS_PRE;
    if (lws_write(wsi, start, text.size(), LWS_WRITE_TEXT) < 0) return -1;
    lws_callback_on_writable(wsi);
    return 0;
  }

  Answers answers_;
  std::map<lws*, Peer> peers_;  // of the thread
  lws_context* context_ = nullptr;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace plait::client
