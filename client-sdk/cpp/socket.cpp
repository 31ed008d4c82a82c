// client-sdk/cpp/socket.cpp: libwebsockets as a client.

#include "client-sdk/cpp/socket.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "core/wire/message.h"

namespace plait::client {

namespace {

constexpr std::size_t receive_bytes = 64 * 1024;
constexpr std::size_t message_bytes_max = 256 * 1024 * 1024;
constexpr unsigned connect_seconds_max = 10;

// When to ping a silent peer, and when to give it up.
constexpr lws_retry_bo_t liveness{nullptr, 0, 0, 15, 30, 0};

struct Timer {
  lws_sorted_usec_list_t entry{};  // first, so that its address is the timer's
  bool rang = false;
  lws_context* context = nullptr;
};

// libwebsockets looks at its timers just before it waits, and then waits for the next one: only a
// wake-up makes it come back.
void ring(lws_sorted_usec_list_t* entry) {
  auto* timer = reinterpret_cast<Timer*>(entry);
  timer->rang = true;
  lws_cancel_service(timer->context);
}

struct Destroy {
  void operator()(lws_context* context) const { lws_context_destroy(context); }
};

}  // namespace

struct Socket::State {
  enum class Phase : std::uint8_t { idle, connecting, open };

  Url url;
  Phase phase = Phase::idle;
  lws* wsi = nullptr;
  bool closing = false;
  std::string why;  // of a close that we asked for ourselves
  std::uint16_t peer_code = 0;
  std::string message;               // received so far
  std::deque<std::string> to_write;  // each behind LWS_PRE bytes
  std::deque<SocketNews> news;
  Timer timer;
  std::unique_ptr<lws_context, Destroy> context;  // last: its end still calls back

  explicit State(const Url& where) : url(where) {}

  void connect();
  void closed(std::string reason);
  int received(lws* from, const char* bytes, std::size_t count);
  int writable();
  int event(lws* from, lws_callback_reasons reason, void* in, std::size_t length);

  static int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in,
                      std::size_t length) {
    auto* state = static_cast<State*>(lws_context_user(lws_get_context(wsi)));
    return user == nullptr ? 0 : state->event(wsi, reason, in, length);
  }
};

namespace {

// Why there is no connection, where libwebsockets says less than is known.
std::string reason_of(lws* wsi, std::string_view told) {
  if (told.find("SSL") != std::string_view::npos) {
    ssl_st* tls = lws_get_ssl(wsi);
    const long verdict = tls == nullptr ? X509_V_OK : SSL_get_verify_result(tls);
    if (verdict == X509_V_OK) return "it speaks no TLS, or breaks it off";
    return std::string("its TLS certificate is refused: ") + X509_verify_cert_error_string(verdict);
  }
  if (told == "Unable to connect") return "nothing listens there";
  if (told == "read failed") return "it closes the connection, and does not speak WebSocket";
  return std::string(told.empty() ? "no connection" : told);
}

}  // namespace

void Socket::State::connect() {
  phase = Phase::connecting;
  closing = false;
  why.clear();
  peer_code = 0;
  message.clear();
  to_write.clear();
  lws_client_connect_info info{};
  info.context = context.get();
  info.address = url.host.c_str();
  info.port = url.port;
  info.path = url.path.c_str();
  info.host = url.host.c_str();
  info.origin = url.host.c_str();
  info.protocol = wire::subprotocol.data();
  info.local_protocol_name = wire::subprotocol.data();
  info.ssl_connection = url.tls ? LCCSCF_USE_SSL : 0;
  info.retry_and_idle_policy = &liveness;
  info.userdata = this;
  info.pwsi = &wsi;
  if (lws_client_connect_via_info(&info) == nullptr)
    closed("there is no way to the host " + url.host);
}

void Socket::State::closed(std::string reason) {
  if (phase == Phase::idle) return;
  phase = Phase::idle;
  wsi = nullptr;
  news.push_back({SocketNews::Kind::closed, why.empty() ? std::move(reason) : why, peer_code});
}

int Socket::State::received(lws* from, const char* bytes, std::size_t count) {
  if (message.size() + count > message_bytes_max) {
    why = "a message of more than " + std::to_string(message_bytes_max) + " bytes";
    return -1;
  }
  message.append(bytes, count);
  if (lws_is_final_fragment(from) && lws_remaining_packet_payload(from) == 0) {
    news.push_back({SocketNews::Kind::message, std::exchange(message, {}), 0});
  }
  return 0;
}

int Socket::State::writable() {
  if (to_write.empty()) {
    if (closing) lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
    return closing ? -1 : 0;
  }
  std::string text = std::move(to_write.front());
  to_write.pop_front();
  auto* bytes = reinterpret_cast<unsigned char*>(text.data()) + LWS_PRE;
  if (lws_write(wsi, bytes, text.size() - LWS_PRE, LWS_WRITE_TEXT) < 0) return -1;
  if (!to_write.empty() || closing) lws_callback_on_writable(wsi);
  return 0;
}

int Socket::State::event(lws* from, lws_callback_reasons reason, void* in, std::size_t length) {
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      phase = Phase::open;
      news.push_back({SocketNews::Kind::opened, {}, 0});
      if (!to_write.empty() || closing) lws_callback_on_writable(from);
      return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      return received(from, static_cast<const char*>(in), length);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return writable();
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      if (length >= 2) {
        const auto* code = static_cast<const unsigned char*>(in);
        peer_code = static_cast<std::uint16_t>(code[0] << 8 | code[1]);
      }
      return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      closed(reason_of(from, {static_cast<const char*>(in), in == nullptr ? 0 : length}));
      return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
      closed("the connection was closed");
      return 0;
    default:
      return 0;
  }
}

Socket::Socket(std::unique_ptr<State> state) : state_(std::move(state)) {}
Socket::~Socket() = default;

Result<std::unique_ptr<Socket>> Socket::create(const Url& url) {
  static const lws_protocols protocols[] = {
      {wire::subprotocol.data(), State::on_event, 0, receive_bytes, 0, nullptr, 0},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_set_log_level(0, nullptr);  // what matters comes as news
  auto state = std::make_unique<State>(url);
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.user = state.get();
  info.pt_serv_buf_size = receive_bytes;
  info.timeout_secs = connect_seconds_max;
  info.options = url.tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
  state->context.reset(lws_create_context(&info));
  if (!state->context) return Error{Code::internal, "libwebsockets could not be set up", {}, {}};
  state->timer.context = state->context.get();
  return std::unique_ptr<Socket>(new Socket(std::move(state)));
}

void Socket::connect() { state_->connect(); }

void Socket::send(std::string text) {
  if (state_->phase == State::Phase::idle) return;
  text.insert(0, LWS_PRE, '\0');
  state_->to_write.push_back(std::move(text));
  if (state_->phase == State::Phase::open) lws_callback_on_writable(state_->wsi);
}

void Socket::close() {
  if (state_->phase == State::Phase::idle) return;
  state_->closing = true;
  state_->why = "closed by this side";
  if (state_->phase == State::Phase::open) {
    lws_callback_on_writable(state_->wsi);
  } else {
    lws_set_timeout(state_->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
  }
}

std::optional<SocketNews> Socket::wait(std::chrono::milliseconds at_most) {
  State& state = *state_;
  state.timer.rang = false;
  lws_sul_schedule(state.context.get(), 0, &state.timer.entry, ring,
                   std::max<lws_usec_t>(1, at_most.count() * LWS_US_PER_MS));
  while (state.news.empty() && !state.timer.rang) lws_service(state.context.get(), 0);
  lws_sul_schedule(state.context.get(), 0, &state.timer.entry, ring, LWS_SET_TIMER_USEC_CANCEL);
  if (state.news.empty()) return std::nullopt;
  SocketNews first = std::move(state.news.front());
  state.news.pop_front();
  return first;
}

}  // namespace plait::client
