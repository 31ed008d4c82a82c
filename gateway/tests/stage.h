// gateway/tests/stage.h: the hub on a stage: a world of known states behind it, and clients before
// it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "gateway/hub.h"
#include "gateway/tests/world.h"

namespace plait::gateway {

inline Hub::Settings small_settings() {
  Hub::Settings settings;
  settings.limits = {1 << 20, 64, 10, 8, 100, 1 << 20};
  return settings;
}

// The hub with a world behind it whose threads do what the test tells them, when it tells them.
class Stage {
 public:
  explicit Stage(const Hub::Settings& settings = small_settings(), std::uint64_t salt = 7)
      : world(salt), hub(settings, "plait-gateway test", metrics) {}

  void begin() {
    delivered = world.tick();
    hub.take(FeedBegins{database, world.position(delivered)}, now);
    settle();
  }

  struct Client {
    SessionNumber session;
    Mirror mirror;
  };
  Client connect() {
    Client client{hub.opened(now), Mirror(world)};
    say(client, R"({"type":"hello","id":"hello","version":1})");
    drain(client);
    return client;
  }
  // … whose query is live already.
  Client connect_live(const std::string& id, const Condition& condition) {
    Client client = connect();
    subscribe(client, id, condition);
    finish();
    drain(client);
    return client;
  }
  void say(Client& client, const std::string& text) {
    hub.received(client.session, text, now);
    collect();
  }
  void subscribe(Client& client, const std::string& id, const Condition& condition,
                 const std::optional<std::string>& cursor = std::nullopt) {
    auto& query = client.mirror.queries[id];
    query.condition = &condition;
    query.group.reset();
    query.error.reset();
    if (!cursor) query.rows.clear();
    say(client, to_text(wire::Subscribe{id, condition.text, Json::array(), cursor}));
  }
  void unsubscribe(Client& client, const std::string& id) {
    client.mirror.queries.at(id).leaving = true;
    say(client, to_text(wire::Unsubscribe{id}));
  }
  // The client reads `count` messages at most.
  void drain(Client& client, std::size_t count = 1'000'000) {
    Outbox& outbox = hub.outbox(client.session);
    for (; count > 0 && !outbox.empty(); --count) {
      std::string message(outbox.front());
      outbox.pop();
      client.mirror.read(message);
    }
  }

  // Takes new jobs from the hub; schemas are answered at once.
  void collect() {
    for (ReadJob& job : hub.take_reads()) reads.push_back(std::move(job));
    for (WorkJob& job : hub.take_work()) work.push_back(std::move(job));
  }
  void settle() {
    for (collect(); !work.empty(); collect()) {
      WorkJob job = std::move(work.front());
      work.pop_front();
      if (std::holds_alternative<SchemaWork>(job.work))
        hub.take(JobDone{job.number, catalogue}, now);
    }
  }
  // A round of the tail: all ticks since the last one as one batch; `hand_out` reads get its
  // snapshot.
  void round(std::size_t hand_out) {
    for (; hand_out > 0 && !reads.empty(); --hand_out) {
      running.push_back({std::move(reads.front()), world.tick()});
      reads.pop_front();
    }
    if (world.tick() == delivered) return hub.take(FeedStands{world.position(delivered)}, now);
    hub.take(world.batch(delivered, world.tick()), now);
    delivered = world.tick();
    collect();
  }
  void finish_read(std::size_t at) {
    auto [job, tick] = std::move(running[at]);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
    if (auto* first = std::get_if<FirstRead>(&job.read)) {
      hub.take(JobDone{job.number, first_result(*first, tick)}, now);
    } else {
      hub.take(JobDone{job.number, FetchedRows{tick, {}}}, now);
    }
    collect();
  }
  FirstResult first_result(const FirstRead& read, std::int64_t tick) const {
    FirstResult result;
    result.position = world.position(tick);
    const Condition& condition = condition_of(read);
    std::set<std::int64_t> wanted;
    const bool whole = !read.since || !world.knows(*read.since);
    if (!whole) wanted = world.changed(parse_cursor(*read.since)->seq, tick);
    result.reset = whole;
    Albums rows = world.result(condition, tick);
    std::string chunk;
    for (const auto& [id, album] : rows) {
      result.members.push_back(World::entity(id));
      if (!whole && !wanted.contains(id)) continue;
      if (chunk.size() > 300) result.chunks.push_back(std::exchange(chunk, ""));
      chunk += (chunk.empty() ? "" : ",") + World::row_text(id, album);
    }
    if (!chunk.empty()) result.chunks.push_back(chunk);
    for (std::int64_t id : wanted) {
      if (rows.contains(id)) continue;
      wire::Remove remove;
      remove.entity = World::entity(id);
      remove.gone = true;
      result.remove.push_back(remove);
    }
    return result;
  }
  static const Condition& condition_of(const FirstRead& read) {
    for (const Condition& condition : conditions()) {
      auto wish = understand(condition.text, Json::array(), *World::catalogue(), {});
      if (std::get<WishPtr>(*wish)->key == read.wish->key) return condition;
    }
    return conditions().front();
  }
  // All that is under way comes home.
  void finish() {
    do {
      settle();
      round(reads.size());
      while (!running.empty()) finish_read(0);
      settle();
    } while (!reads.empty());
  }

  Metrics metrics;
  Now now{1'000, hlc_per_ms * 1'000};
  World world;
  Hub hub;
  NodeId database{make_ulid(1, 1)};
  CataloguePtr catalogue = World::catalogue();
  std::int64_t delivered = 0;
  std::deque<ReadJob> reads;
  struct Running {
    ReadJob job;
    std::int64_t tick;
  };
  std::vector<Running> running;
  std::deque<WorkJob> work;
};

}  // namespace plait::gateway
