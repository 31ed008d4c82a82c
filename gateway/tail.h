// gateway/tail.h: the thread that makes and reads ticks: the feed → batches.
//
// A round: look whether the newest tick covers all that is visible; if not, make the next one under
// the feed's lock, in the very snapshot that is then read with (exported, so that the lock is
// short); read the events since the last round and, in that snapshot, the rows of the entities that
// changed; deliver once the tick is durable. All ticks since the last round are one batch under the
// newest one's number. The snapshot also goes to readers whose jobs wait (gateway/readers.h).
//
// The database's worker notifies after commits, and a round is made at each notification and each
// nudge(). Both are only hints, so one is made every second too; where there is no worker, rounds
// follow each other while there is something to do, then ever more slowly.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "gateway/changes.h"
#include "gateway/database.h"
#include "gateway/jobs.h"
#include "gateway/metrics.h"
#include "gateway/readers.h"

namespace plait::gateway {

class Tail {
 public:
  struct Settings {
    std::string dsn;
    std::string role;  // empty: the login's own
    std::chrono::milliseconds pause_min{2};
    std::chrono::milliseconds pause_max{50};
    std::chrono::milliseconds pause_woken{1'000};  // while there is a worker
  };

  // `tell` is called by the tail's thread. `now_ms`: the clock of Metrics::feed_read_ms.
  Tail(const Settings& settings, Metrics& metrics, std::function<std::int64_t()> now_ms,
       std::function<void(News)> tell);
  ~Tail();

  // REQUIRES: the readers outlive the tail's thread.
  void start(Readers& readers);
  void stop();
  // There may be something to do. From any thread.
  void nudge();
  // What batches must have from now on. Holds for every batch after the tick of a snapshot that is
  // handed to readers later than this call.
  void watch(Watched collections);

 private:
  struct Line;  // the two connections of a round

  void run();
  void meet_database(Line& line);
  void follow(Line& line, Backoff& backoff);
  bool round(Line& line);
  Position stand(Line& line, bool newest_is_complete);
  void deliver(Line& line, const Position& position, const Watched& watched);
  std::chrono::milliseconds pause_after(bool was_busy, std::chrono::milliseconds last) const;
  void wait(Line* line, std::chrono::milliseconds pause);
  Watched watched();

  Settings settings_;
  Metrics& metrics_;
  std::function<std::int64_t()> now_ms_;
  std::function<void(News)> tell_;
  Readers* readers_ = nullptr;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  int nudge_fd_;  // an eventfd
  std::mutex mutex_;
  Watched watched_;
  std::optional<NodeId> database_;
  std::optional<Position> last_;  // delivered last
  bool last_is_certain_ = false;  // this connection has found its cursor in the database
};

}  // namespace plait::gateway
