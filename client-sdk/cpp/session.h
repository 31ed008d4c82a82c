// client-sdk/cpp/session.h: plait.v1 from the client's side: inputs in, effects out; no socket,
// clock or thread, so its test is two lists.
//
//   connecting ─opened─▶ greeting ─welcome─▶ open ─closed─▶ waiting ─time─▶ connecting …
//
// What was asked is remembered until it is answered: after a reconnect commits are sent again first
// (the same bytes: what was taken is answered "known"), then other requests, then live queries with
// the cursor up to which their rows are held. All frames up to a `tick` are applied together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client-sdk/cpp/backoff.h"
#include "client-sdk/cpp/live_rows.h"
#include "core/wire/message.h"

namespace plait::client {

using Ms = std::int64_t;  // of a clock that never goes back

// ---- effects: what the host is to do, in this order --------------------------------------------

struct Connect {};     // begin to
struct Disconnect {};  // close the socket
struct Send {
  std::string text;
};

// ---- effects: what the application hears --------------------------------------------------------

struct Welcomed {
  wire::Welcome welcome;
  bool again;  // not for the first time
};
// The connection is gone; another attempt is made in `retry_ms`.
struct Lost {
  std::string why;
  Ms retry_ms;
  bool ever_welcomed;
};
struct QueryChanges {
  std::string id;
  bool first = false;  // the first result, whole, even if it is empty
  std::vector<Change> changes;
};
// A unit has been applied.
struct Applied {
  std::optional<std::string> cursor;
  std::vector<QueryChanges> queries;  // those that it did something to
  std::vector<std::string> commits;   // ids of commits that it covers
};
struct SchemaChanged {
  Json schema;
};
// The answer to a request; a fetch's rows come in one. After `error` or `refused` it is over as
// well.
struct Answered {
  std::string id;
  wire::Reply reply;
};
// A live query is over, because `error` says so.
struct Ended {
  std::string id;
  Error error;
};
// The session is over: trying again would not help.
struct Failed {
  Error error;
};

using Effect = std::variant<Connect, Disconnect, Send, Welcomed, Lost, Applied, SchemaChanged,
                            Answered, Ended, Failed>;
using Effects = std::vector<Effect>;

// ---- the session
// ---------------------------------------------------------------------------------

class Session {
 public:
  static constexpr Ms welcome_ms_max = 10'000;  // between opened and welcome

  // `client` names the program to the gateway's log: "plait 0.2.0". The seed spreads reconnects.
  Session(std::string client, std::uint64_t seed) : client_(std::move(client)), backoff_(seed) {}

  Effects start();

  // What the socket did.
  Effects opened(Ms now);
  Effects received(std::string_view text, Ms now);
  Effects closed(std::string why, Ms now);

  // The time that wakes_at() named has come.
  Effects woken(Ms now);
  std::optional<Ms> wakes_at() const { return wakes_at_; }

  // Requests may be made at any time. `id` must not be that of another one under way.
  Effects subscribe(std::string id, std::string query, Json params = Json::array());
  Effects unsubscribe(const std::string& id);
  Effects request(wire::Request request);  // fetch, commit, history, ping

  // An id that was not given before.
  std::string next_id() { return std::to_string(++last_id_); }

  const LiveRows* rows(const std::string& id) const;  // of a live query; nullptr: there is none

 private:
  enum class State : std::uint8_t { idle, connecting, greeting, open, waiting, over };

  struct LiveQuery {
    std::string query;
    Json params;
    std::optional<std::int64_t> group;  // of this connection, once `live` has been applied
    std::optional<std::string> cursor;  // as of which the rows are whole
    bool told = false;                  // the application has had the first result
    std::optional<Ms> again_at;         // to be subscribed again then
    LiveRows rows;
  };
  struct Pending {
    wire::Request request;
    std::optional<Ms> again_at;
    std::optional<wire::Rows> rows;  // a fetch's, so far
  };
  // A frame that waits for the unit's tick.
  using Frame = std::variant<wire::Rows, wire::Live, wire::Delta, wire::Schema>;

  void take(wire::Welcome& message, Ms now, Effects& effects);
  void take(wire::Rows& message, Ms now, Effects& effects);
  void take(wire::Live& message, Ms now, Effects& effects);
  void take(wire::Unsubscribed& message, Ms now, Effects& effects);
  void take(wire::Delta& message, Ms now, Effects& effects);
  void take(wire::Tick& message, Ms now, Effects& effects);
  void take(wire::Schema& message, Ms now, Effects& effects);
  void take(wire::Failure& message, Ms now, Effects& effects);
  void take(wire::Goodbye& message, Ms now, Effects& effects);
  void take(wire::Refused& message, Ms now, Effects& effects);
  template <typename Answer>
  void take(Answer& message, Ms, Effects& effects) {
    std::string id = message.id;
    answer(id, std::move(message), effects);
  }

  void answer(const std::string& id, wire::Reply reply, Effects& effects);
  Pending* pending(const std::string& id);
  void send_subscribe(const std::string& id, const LiveQuery& query, Effects& effects) const;
  void send_everything(Effects& effects);
  void apply(Frame& frame, Effects& effects);
  void forget_unit_of(const std::string& id);
  void fail(Error error, Effects& effects);
  void set_alarm();

  std::string client_;
  Backoff backoff_;
  State state_ = State::idle;
  bool ever_welcomed_ = false;
  std::optional<NodeId> database_;
  std::map<std::string, LiveQuery> queries_;
  std::map<std::uint64_t, Pending> pending_;  // in the order of asking
  std::vector<Frame> unit_;                   // since the last tick
  std::optional<Ms> deadline_;                // of the state: welcome, or the next attempt
  std::optional<Ms> wakes_at_;
  std::string farewell_;  // what the gateway's goodbye said
  std::uint64_t last_id_ = 0;
  std::uint64_t last_pending_ = 0;
};

}  // namespace plait::client
