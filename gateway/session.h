// gateway/session.h: one client's session: message in, effects out.
//
// It knows which requests are under way, which queries are live and which commits wait for their
// tick; it checks the order of things and the limits. It has no socket, no clock and no thread; who
// owns it carries out the effects and brings the answers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/wire/message.h"
#include "gateway/facts.h"

namespace plait::gateway {

// --- effects -----------------------------------------------------------------------------------

struct Say {  // a message outside units
  std::string text;
};
struct SendPing {};  // a WebSocket ping
struct HangUp {      // once all that was said is written
  wire::Close code;
};
struct JoinAtTick {  // answer: went_live() or fail()
  wire::Subscribe wish;
};
struct LeaveGroup {
  std::string query;
};
struct RunFetch {  // answer: answered() or fail()
  wire::Fetch fetch;
};
struct RunCommit {  // answer: committed(), refused() or fail()
  wire::Commit commit;
};
struct RunHistory {  // answer: answered() or fail()
  wire::History history;
};
struct RunStatus {  // answer: answered() or fail()
  std::string id;
};
using Effect = std::variant<Say, SendPing, HangUp, JoinAtTick, LeaveGroup, RunFetch, RunCommit,
                            RunHistory, RunStatus>;
using Effects = std::vector<Effect>;

// --- the session -------------------------------------------------------------------------------

// When a tick covers a commit: it shows the transaction; where nothing was written, all that was
// finished by then.
struct CoveredBy {
  std::optional<std::uint64_t> xid;
  Finished finished;
};

class Session {
 public:
  struct Timing {
    std::int64_t hello_ms = 10'000;  // until hello has come
    std::int64_t quiet_ms = 15'000;  // without a sign of life before a ping is sent
    std::int64_t pong_ms = 20'000;   // until it is answered
  };

  Session(const Timing& timing, const Now& now)
      : timing_(timing), opened_ms_(now.ms), heard_ms_(now.ms) {}

  // A text frame, whole.
  Effects receive(std::string_view text, const Facts& facts, const Now& now);
  // A frame that is not taken: binary, or longer than the limit.
  Effects receive_binary();
  Effects receive_too_much(const Facts& facts);
  // The client is alive: a pong came, or it read what was written.
  void hear(const Now& now);
  // Once a second.
  Effects pass_time(const Now& now);
  // The last words, whatever has gone before.
  Effects say_goodbye(wire::Close code, const Error& error);

  // A request or a live query has failed; the latter ends. Not of this session any more: nothing.
  Effects fail(const std::string& id, const Error& error);
  // A request's last answer was said.
  void answered(const std::string& id) { requests_.erase(id); }
  // `answer` is a `committed` message. The commit waits for its tick.
  Effects committed(const std::string& id, std::string answer, CoveredBy covered_by);
  Effects refused(const std::string& id, wire::Refused refused);

  // The ids of the commits that a position covers; they are told once.
  std::vector<std::string> take_covered(const Position& position);
  // A tick frame with this position was queued.
  void told(const Position& position) { told_cursor_ = position.cursor; }
  bool wants_cursor(const Position& position) const {
    return state_ == State::open && told_cursor_ != position.cursor;
  }

  bool is_open() const { return state_ == State::open; }
  bool is_over() const { return state_ == State::over; }
  bool has_query(const std::string& id) const { return queries_.contains(id); }
  std::size_t requests() const { return requests_.size(); }
  bool waits_for_ticks() const { return !commits_.empty(); }

 private:
  enum class State : std::uint8_t { silent, open, over };

  Effects open(const wire::Hello& hello, const Facts& facts, const Now& now);
  Effects subscribe(wire::Subscribe wish, const Facts& facts);
  Effects unsubscribe(const wire::Unsubscribe& wish);
  Effects commit(wire::Commit wish, const Facts& facts);
  Effects answer(wire::Request request, const Facts& facts, const Now& now);

  Timing timing_;
  State state_ = State::silent;
  std::int64_t opened_ms_;
  std::int64_t heard_ms_;
  std::optional<std::int64_t> ping_ms_;       // sent, not answered
  std::set<std::string> queries_;             // live, or about to be
  std::set<std::string> requests_;            // under way
  std::map<std::string, CoveredBy> commits_;  // committed, not yet in a tick
  std::optional<std::string> told_cursor_;
};

}  // namespace plait::gateway
