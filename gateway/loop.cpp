// gateway/loop.cpp: libwebsockets on libuv.
//
// Frames are built here and written raw, so that many leave in one send (libwebsockets would send
// each by itself); it still reads, masks, pings back and closes. Nothing else writes to an
// established socket.

#include "gateway/loop.h"

#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <uv.h>

#include <atomic>
#include <chrono>
#include <unordered_map>

#include "core/wire/message.h"
#include "gateway/frame.h"

namespace plait::gateway {

namespace {

constexpr std::size_t write_bytes = 128 * 1024;  // about, in one go
constexpr int unsent_bytes_max = 64 * 1024;      // in the kernel, before a slow client shows
constexpr int flush_seconds = 5;                 // for the last words of a session
constexpr unsigned receive_bytes = 64 * 1024;

// A connection that speaks plait.v1.
struct Socket {
  lws* wsi;
  SessionNumber session;
  std::string message;      // received so far
  bool too_much = false;    // the message has passed the limit; the rest is dropped
  bool paused = false;      // not read from
  bool choked = false;      // more was there to write than it took
  bool dying = false;       // its time to flush is running
  bool close_sent = false;  // the client's close frame, or the end of that time, ends it
};

struct PerSession {
  Socket* socket;
};

// Whether the client offers our subprotocol.
bool offers_subprotocol(lws* wsi) {
  char offered[256];
  int length = lws_hdr_copy(wsi, offered, sizeof offered, WSI_TOKEN_PROTOCOL);
  std::string_view list(offered, length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!list.empty()) {
    std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one == wire::subprotocol) return true;
  }
  return false;
}

// By hand: at this point libwebsockets would answer as HTTP/1.0, which WebSocket clients do not
// take.
void refuse_upgrade(lws* wsi) {
  const std::string body =
      "the subprotocol plait.v1 is spoken here, and the client did not offer it\n";
  std::string answer(LWS_PRE, '\0');
  answer +=
      "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: "
      "close\r\ncontent-length: ";
  answer += std::to_string(body.size()) + "\r\n\r\n" + body;
  auto* start = reinterpret_cast<unsigned char*>(answer.data()) + LWS_PRE;
  lws_write(wsi, start, answer.size() - LWS_PRE, LWS_WRITE_RAW);
}

int answer_http(lws* wsi, unsigned status, const char* type, const std::string& body) {
  std::string buffer(LWS_PRE + 1024 + body.size(), '\0');
  auto* start = reinterpret_cast<unsigned char*>(buffer.data()) + LWS_PRE;
  unsigned char* at = start;
  unsigned char* end = reinterpret_cast<unsigned char*>(buffer.data()) + buffer.size();
  if (lws_add_http_common_headers(wsi, status, type, body.size(), &at, end) != 0 ||
      lws_finalize_http_header(wsi, &at, end) != 0) {
    return -1;
  }
  std::copy(body.begin(), body.end(), at);
  at += body.size();
  return lws_write(wsi, start, static_cast<std::size_t>(at - start), LWS_WRITE_HTTP_FINAL) < 0 ? -1
                                                                                               : 0;
}

}  // namespace

Now now() {
  using namespace std::chrono;
  auto unix_ns = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
  auto ms = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  return {ms, hlc_from_unix_ns(static_cast<std::uint64_t>(unix_ns))};
}

struct Loop::Sockets {
  Settings settings;
  Hub& hub;
  Inbox<News>& inbox;
  Metrics& metrics;
  uv_loop_t uv{};
  uv_timer_t second{};
  lws_context* context = nullptr;
  lws_vhost* vhost = nullptr;
  std::unordered_map<SessionNumber, std::unique_ptr<Socket>> open;
  std::string buffer;  // of a write; empty between two
  std::atomic<bool> drain_asked{false};
  bool draining = false;
  bool goodbye_said = false;
  std::int64_t deadline_ms = 0;  // of what the drain waits for

  Sockets(const Settings& s, Hub& h, Inbox<News>& i, Metrics& m)
      : settings(s), hub(h), inbox(i), metrics(m) {}

  Status create();
  Status listen();
  void destroy();
  void turn(Tail& tail, Readers& readers, Workers& workers);
  void look_at(SessionNumber session);
  bool drained();

  int established(lws* wsi, PerSession* user);
  void received(Socket& socket, const char* bytes, std::size_t count);
  int writable(Socket& socket);
  void closed(PerSession* user);
  int http(lws* wsi, std::string_view path);

  static Sockets& of(lws* wsi) {
    return *static_cast<Sockets*>(lws_context_user(lws_get_context(wsi)));
  }
  static int on_http(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
  static int on_socket(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
};

// --- callbacks -----------------------------------------------------------------------------------

int Loop::Sockets::on_http(lws* wsi, lws_callback_reasons reason, void* user, void* in,
                           size_t length) {
  switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
      return of(wsi).draining ? 1 : 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      if (offers_subprotocol(wsi)) return 0;
      refuse_upgrade(wsi);
      return -1;
    case LWS_CALLBACK_HTTP:
      if (of(wsi).http(wsi, {static_cast<const char*>(in), length}) != 0) return -1;
      return lws_http_transaction_completed(wsi);
    default:
      return lws_callback_http_dummy(wsi, reason, user, in, length);
  }
}

int Loop::Sockets::on_socket(lws* wsi, lws_callback_reasons reason, void* user, void* in,
                             size_t length) {
  auto* session = static_cast<PerSession*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      return of(wsi).established(wsi, session);
    case LWS_CALLBACK_RECEIVE:
      of(wsi).received(*session->socket, static_cast<const char*>(in), length);
      return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
      of(wsi).hub.heard(session->socket->session, now());
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return session->socket == nullptr ? 0 : of(wsi).writable(*session->socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      return session->socket->close_sent ? -1 : 0;  // it answers ours: no second one
    case LWS_CALLBACK_CLOSED:
      of(wsi).closed(session);
      return 0;
    default:
      return 0;
  }
}

int Loop::Sockets::http(lws* wsi, std::string_view path) {
  if (path == "/health") {
    auto [well, text] = metrics.health(now().ms);
    return answer_http(wsi, well ? HTTP_STATUS_OK : HTTP_STATUS_SERVICE_UNAVAILABLE,
                       "application/json", text);
  }
  if (path == "/metrics") {
    hub.update_gauges();
    return answer_http(wsi, HTTP_STATUS_OK, "text/plain; version=0.0.4", metrics.text(now().ms));
  }
  return answer_http(
      wsi, HTTP_STATUS_NOT_FOUND, "text/plain",
      "plait-gateway: WebSocket with the subprotocol plait.v1; GET /health, GET /metrics\n");
}

int Loop::Sockets::established(lws* wsi, PerSession* user) {
  int unsent = unsent_bytes_max;
  setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  SessionNumber session = hub.opened(now());
  auto socket = std::make_unique<Socket>();
  socket->wsi = wsi;
  socket->session = session;
  user->socket = socket.get();
  open.emplace(session, std::move(socket));
  return 0;
}

void Loop::Sockets::received(Socket& socket, const char* bytes, std::size_t count) {
  if (lws_is_first_fragment(socket.wsi)) {
    socket.message.clear();
    socket.too_much = false;
  }
  // The running sum: libwebsockets has no limit of its own.
  if (!socket.too_much && socket.message.size() + count > settings.message_bytes_max) {
    socket.too_much = true;
    socket.message = std::string();
    hub.received_too_much(socket.session);
  }
  if (socket.too_much) return;
  socket.message.append(bytes, count);
  if (!lws_is_final_fragment(socket.wsi)) return;
  if (lws_frame_is_binary(socket.wsi) != 0) {
    hub.received_binary(socket.session);
  } else {
    hub.received(socket.session, socket.message, now());
  }
  socket.message.clear();
}

int Loop::Sockets::writable(Socket& socket) {
  Outbox& outbox = hub.outbox(socket.session);
  // The client took what was written, so it reads: as good as a pong.
  if (socket.choked) hub.heard(socket.session, now());
  socket.choked = false;
  buffer.assign(LWS_PRE, '\0');
  if (socket.close_sent) return 0;
  if (hub.take_ping(socket.session)) append_ping_frame(buffer);
  while (!outbox.empty() && buffer.size() < write_bytes) {
    append_text_frame(buffer, outbox.front());
    outbox.pop();
    ++metrics.messages_sent;
  }
  const auto end = hub.end_of(socket.session);
  if (end && outbox.empty()) {
    // Debian's libwebsockets on libuv closes without a close frame, so it is ours too.
    append_close_frame(buffer, static_cast<std::uint16_t>(*end));
    socket.close_sent = true;
  }
  if (const std::size_t bytes = buffer.size() - LWS_PRE; bytes > 0) {
    metrics.bytes_sent += bytes;
    auto* at = reinterpret_cast<unsigned char*>(buffer.data()) + LWS_PRE;
    if (lws_write(socket.wsi, at, bytes, LWS_WRITE_RAW) < 0) return -1;
  }
  socket.choked = !outbox.empty() || lws_partial_buffered(socket.wsi) != 0;
  if (socket.choked) lws_callback_on_writable(socket.wsi);
  return 0;
}

void Loop::Sockets::closed(PerSession* user) {
  if (user == nullptr || user->socket == nullptr) return;
  SessionNumber session = user->socket->session;
  user->socket = nullptr;
  hub.closed(session);
  open.erase(session);
}

// --- turns
// -----------------------------------------------------------------------------------------

void Loop::Sockets::turn(Tail& tail, Readers& readers, Workers& workers) {
  for (News& news : inbox.take()) hub.take(std::move(news), now());
  auto reads = hub.take_reads();
  // What is watched must be known before the read that relies on it is.
  tail.watch(hub.watched());
  if (!reads.empty()) readers.order(std::move(reads));
  auto work = hub.take_work();
  if (!work.empty()) workers.order(std::move(work));
  for (SessionNumber session : hub.take_touched()) look_at(session);
}

void Loop::Sockets::look_at(SessionNumber session) {
  auto found = open.find(session);
  if (found == open.end()) return;
  Socket& socket = *found->second;
  const bool pause = !hub.reads_more(session);
  if (pause != socket.paused) {
    socket.paused = pause;
    lws_rx_flow_control(socket.wsi, pause ? 0 : 1);
  }
  if (hub.end_of(session) && !socket.dying) {
    socket.dying = true;
    lws_set_timeout(socket.wsi, PENDING_TIMEOUT_USER_REASON_BASE, flush_seconds);
  }
  lws_callback_on_writable(socket.wsi);
}

// Commits first, then a goodbye to all, then until it is written; each for a while.
bool Loop::Sockets::drained() {
  if (!drain_asked) return false;
  const std::int64_t present = now().ms;
  if (!draining) {
    draining = true;
    deadline_ms = present + settings.drain_ms;
    hub.drain();
  }
  if (!goodbye_said) {
    if (!hub.is_drained() && present < deadline_ms) return false;
    goodbye_said = true;
    deadline_ms = present + settings.goodbye_ms;
    hub.say_goodbye();
    for (SessionNumber session : hub.take_touched()) look_at(session);
  }
  return open.empty() || present >= deadline_ms;
}

// --- life
// --------------------------------------------------------------------------------------------

Status Loop::Sockets::create() {
  lws_set_log_level(LLL_ERR | LLL_WARN, nullptr);
  uv_loop_init(&uv);
  uv_timer_init(&uv, &second);
  second.data = this;
  uv_timer_start(
      &second, [](uv_timer_t* timer) { static_cast<Sockets*>(timer->data)->hub.second(now()); },
      1'000, 1'000);
  static void* foreign_loops[1];
  foreign_loops[0] = &uv;
  lws_context_creation_info info{};
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  info.foreign_loops = foreign_loops;
  info.user = this;
  info.pt_serv_buf_size = receive_bytes;
  info.timeout_secs = 10;
  context = lws_create_context(&info);
  if (context == nullptr) {
    return Error{Code::unavailable, "libwebsockets cannot start", "",
                 "install libwebsockets-evlib-uv; what it says stands above"};
  }
  return ok;
}

Status Loop::Sockets::listen() {
  static const lws_protocols protocols[] = {
      // The first one takes what is plain HTTP; its name is nothing that a client could ask for.
      {"plain http", on_http, 0, 0, 0, nullptr, 0},
      {wire::subprotocol.data(), on_socket, sizeof(PerSession), receive_bytes, 0, nullptr,
       256 * 1024},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = settings.port;
  info.iface =
      settings.host == "0.0.0.0" || settings.host.empty() ? nullptr : settings.host.c_str();
  info.protocols = protocols;
  info.alpn = "http/1.1";
  info.keepalive_timeout = 5;
  info.timeout_secs = 10;
  info.vhost_name = "plait";
  vhost = lws_create_vhost(context, &info);
  if (vhost == nullptr || lws_get_vhost_listen_port(vhost) <= 0) {
    return Error{Code::unavailable,
                 "cannot listen on " + settings.host + ":" + std::to_string(settings.port), "",
                 "is another program there? --listen takes another address"};
  }
  return ok;
}

void Loop::Sockets::destroy() {
  if (context == nullptr) return;
  uv_timer_stop(&second);
  uv_close(reinterpret_cast<uv_handle_t*>(&second), nullptr);
  // Twice, as libwebsockets asks of who brings his own loop: to close, and, once that is done, to
  // free.
  lws_context_destroy(context);
  uv_run(&uv, UV_RUN_DEFAULT);
  lws_context_destroy(context);
  uv_loop_close(&uv);
  context = nullptr;
}

Loop::Loop(const Settings& settings, Hub& hub, Inbox<News>& inbox, Metrics& metrics)
    : sockets_(std::make_unique<Sockets>(settings, hub, inbox, metrics)) {}

Loop::~Loop() { sockets_->destroy(); }

Status Loop::start() { return sockets_->create(); }

Status Loop::run(Tail& tail, Readers& readers, Workers& workers,
                 const std::function<void(int port)>& ready) {
  Sockets& sockets = *sockets_;
  while (!sockets.drained()) {
    uv_run(&sockets.uv, UV_RUN_ONCE);
    sockets.turn(tail, readers, workers);
    if (sockets.vhost == nullptr && sockets.hub.is_ready()) {
      auto listens = sockets.listen();
      if (!listens) return listens;
      ready(lws_get_vhost_listen_port(sockets.vhost));
    }
  }
  return ok;
}

void Loop::wake() { lws_cancel_service(sockets_->context); }

void Loop::drain() {
  sockets_->drain_asked = true;
  wake();
}

}  // namespace plait::gateway
