// gateway/metrics.h: what can be asked of a running gateway: counts, and whether it is well.
//
// Written by any thread, read by the loop when somebody asks. Counts only grow; gauges are set.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace plait::gateway {

struct Metrics {
  using Count = std::atomic<std::uint64_t>;

  Count sessions{0};       // gauge: open sockets
  Count queries{0};        // gauge: live queries, joining ones included
  Count groups{0};         // gauge
  Count backlog_bytes{0};  // gauge: batches kept for those who are joining
  Count jobs{0};           // gauge: under way at the database
  Count messages_received{0};
  Count messages_sent{0};
  Count bytes_sent{0};
  Count batches{0};  // units read from the feed
  Count changes{0};  // entities in them, of collections in use
  Count deltas{0};   // encoded, one a group
  Count results{0};  // first results and fetches read
  Count commits_accepted{0};
  Count commits_refused{0};
  Count commits_failed{0};  // neither: the database was out of reach, or gave up
  Count closed_too_slow{0};
  Count database_losses{0};                   // connections that broke
  std::atomic<std::int64_t> tick{0};          // the newest that was delivered
  std::atomic<std::int64_t> feed_read_ms{0};  // when the feed was last read whole; the clock of Now

  std::atomic<bool> has_worker{false};  // the database's worker wakes the tail

  // Whether the database is reached, and if not, why.
  void set_reach(bool reached, std::string why_not);

  struct Health {
    bool well;
    std::string text;  // a JSON object
  };
  // Well: the database is reached and the feed was read in the last `current_ms`.
  Health health(std::int64_t now_ms, std::int64_t current_ms = 5'000) const;
  // In Prometheus' text format.
  std::string text(std::int64_t now_ms) const;

 private:
  mutable std::mutex mutex_;
  bool reached_ = false;
  std::string why_not_ = "not connected yet";
};

}  // namespace plait::gateway
