// gateway/metrics.cpp: counts as text.

#include "gateway/metrics.h"

#include "core/event/json.h"

namespace plait::gateway {

void Metrics::set_reach(bool reached, std::string why_not) {
  std::lock_guard lock(mutex_);
  reached_ = reached;
  why_not_ = std::move(why_not);
}

Metrics::Health Metrics::health(std::int64_t now_ms, std::int64_t current_ms) const {
  std::lock_guard lock(mutex_);
  const std::int64_t age_ms = now_ms - feed_read_ms;
  Json told = Json::object();
  told.set("tick", Json::integer(tick));
  told.set("feed_age_ms", Json::integer(age_ms));
  const bool current = age_ms <= current_ms;
  if (!reached_) told.set("why", Json::string(why_not_));
  if (reached_ && !current)
    told.set("why", Json::string("the feed has not been read for too long"));
  told.set("well", Json::boolean(reached_ && current));
  return {reached_ && current, to_text(told) + "\n"};
}

std::string Metrics::text(std::int64_t now_ms) const {
  std::string out;
  auto line = [&](std::string_view name, std::string_view type, std::string_view help,
                  std::int64_t value) {
    std::string full = "plait_gateway_" + std::string(name);
    out += "# HELP " + full + " " + std::string(help) + "\n# TYPE " + full + " " +
           std::string(type) + "\n";
    out += full + " " + std::to_string(value) + "\n";
  };
  auto gauge = [&](std::string_view name, std::string_view help, std::int64_t value) {
    line(name, "gauge", help, value);
  };
  auto counter = [&](std::string_view name, std::string_view help, const Count& count) {
    line(name, "counter", help, static_cast<std::int64_t>(count.load()));
  };
  gauge("well", "1 where /health is 200", health(now_ms).well ? 1 : 0);
  gauge("tick", "newest tick delivered", tick);
  gauge("feed_age_ms", "since the feed was last read whole", now_ms - feed_read_ms);
  gauge("woken", "1 where the database's worker wakes it, 0 where it polls", has_worker ? 1 : 0);
  gauge("sessions", "open sockets", static_cast<std::int64_t>(sessions));
  gauge("queries", "live queries", static_cast<std::int64_t>(queries));
  gauge("groups", "query groups", static_cast<std::int64_t>(groups));
  gauge("backlog_bytes", "batches kept for queries that are joining",
        static_cast<std::int64_t>(backlog_bytes));
  gauge("jobs", "requests under way at the database", static_cast<std::int64_t>(jobs));
  counter("messages_received_total", "frames from clients", messages_received);
  counter("messages_sent_total", "frames to clients", messages_sent);
  counter("bytes_sent_total", "bytes of frames to clients", bytes_sent);
  counter("batches_total", "units read from the feed", batches);
  counter("changes_total", "changed entities in them, of collections in use", changes);
  counter("deltas_total", "deltas encoded, one a group", deltas);
  counter("results_total", "first results and fetches read", results);
  counter("commits_accepted_total", "commits", commits_accepted);
  counter("commits_refused_total", "commits that the database refused", commits_refused);
  counter("commits_failed_total", "commits without an answer of the database", commits_failed);
  counter("closed_too_slow_total", "sockets whose client did not read", closed_too_slow);
  counter("database_losses_total", "broken connections to the database", database_losses);
  return out;
}

}  // namespace plait::gateway
