// gateway/reactor.h: batches → deltas: groups, who is in them, and who is about to join.
//
// A first result is read by a worker in the snapshot of some tick, later than the subscriber asked
// and on its own time, while batches go on. So from the moment a subscriber asks, batches are kept;
// when its result comes, as of tick T, the changes of the batches after T are laid over it, and the
// subscriber joins its group at the tick where the group is. What it gets is the result as of that
// tick, whole, and then every delta after it: no overlap, no gap (invariant 21). A result that is
// ahead of the batches waits for its own. Every subscriber's result is caught up by itself, so it
// matters neither which comes first nor whether the group was there before.
//
// One thread; no I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "gateway/batch.h"
#include "gateway/group.h"
#include "gateway/outbox.h"

namespace plait::gateway {

using SessionNumber = std::uint64_t;  // never given twice by one process

// A live query of a session, by the id that its client gave it.
struct Subscriber {
  SessionNumber session;
  std::string query;
  friend auto operator<=>(const Subscriber&, const Subscriber&) = default;
};

// A read that a worker makes in the snapshot of a tick.
struct FirstRead {
  std::uint64_t number;  // never given twice
  WishPtr wish;
  std::optional<std::string> since;  // a cursor: what changed after it will do
};

struct FirstResult {
  Position position;                 // of the snapshot that it was read in
  bool reset = true;                 // the whole result; else what changed after FirstRead::since
  std::vector<std::string> chunks;   // row texts joined by commas, a `rows` message each
  std::vector<wire::Remove> remove;  // what changed and is not in the result; empty where reset
  std::vector<EntityId> members;     // always all of the result
};

class Reactor {
 public:
  explicit Reactor(std::size_t backlog_bytes_max) : backlog_bytes_max_(backlog_bytes_max) {}

  // The read that `subscriber` needs; give() or fail() ends it.
  // REQUIRES: it has no query of that id.
  FirstRead join(const Subscriber& subscriber, WishPtr wish, std::optional<std::string> since);
  // After it the reactor has nothing more for this subscriber. One that is not there: nothing.
  void leave(const Subscriber& subscriber);
  void leave_all(SessionNumber session);

  // A result; of a read whose subscriber has left: nothing.
  void give(std::uint64_t read, FirstResult result);
  // The read has failed; gives the subscriber, who is no longer one, or nothing if he has left.
  std::optional<Subscriber> fail(std::uint64_t read);
  // REQUIRES: batches come in the order of their ticks.
  void apply(const BatchPtr& batch);
  // The feed was read and nothing is new, or the first position.
  void stand_at(const Position& position) { position_ = position; }
  const Position& position() const { return position_; }

  // Ends all live queries, or those of some collections, and gives who has to join anew: the feed
  // begins again in another place, or the collections have changed.
  std::vector<Subscriber> end_all();
  std::vector<Subscriber> end_all_of(const std::set<std::string>& collections);

  // What has come about since the last take.
  struct News {
    std::map<SessionNumber, std::vector<UnitPart>>
        parts;                                        // of the unit that the next tick frame closes
    std::vector<std::pair<Subscriber, Error>> ended;  // these live queries, for these reasons
    std::uint64_t deltas = 0;                         // encoded
  };
  News take();

  // Collections that groups or waiting subscribers look at: batches must have their changes.
  std::set<std::string> collections() const;
  std::size_t groups() const { return groups_.size(); }
  std::size_t subscribers() const { return places_.size(); }
  std::size_t backlog_bytes() const { return backlog_bytes_; }

 private:
  // A group with its audience.
  struct Circle {
    Group group;
    std::map<SessionNumber, std::set<std::string>> audience;  // live queries by session
    std::size_t waiting = 0;                                  // subscribers who will join
  };
  using Circles = std::map<std::string, Circle>;  // by Wish::key
  struct Waiting {
    Subscriber subscriber;
    Circles::iterator circle;
    std::int64_t since_tick;            // of the batches, when it asked
    std::optional<FirstResult> result;  // came ahead of its batch
  };
  struct Place {
    Circles::iterator circle;
    std::uint64_t read;  // 0: live
  };

  void let_in(Waiting waiting);
  void drop_if_empty(Circles::iterator circle);
  void forget_waiting(std::map<std::uint64_t, Waiting>::iterator waiting);
  void end_circle(Circles::iterator circle, const Error& error);
  void keep(const BatchPtr& batch);
  void trim_backlog();

  std::size_t backlog_bytes_max_;
  Position position_;
  Circles groups_;
  std::map<Subscriber, Place> places_;
  std::map<std::uint64_t, Waiting> waiting_;  // by the number of the read
  std::deque<BatchPtr> backlog_;              // since the oldest waiting subscriber asked
  std::size_t backlog_bytes_ = 0;
  std::uint64_t last_read_ = 0;
  std::int64_t last_group_ = 0;
  News news_;
};

}  // namespace plait::gateway
