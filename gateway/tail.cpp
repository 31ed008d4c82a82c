// gateway/tail.cpp: rounds.

#include "gateway/tail.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "core/query/sql.h"
#include "core/wire/cursor.h"
#include "gateway/snapshots.h"

namespace plait::gateway {

namespace {

constexpr std::string_view feed_position =
    "SELECT cursor, complete, pg_catalog.pg_current_snapshot() FROM plait.feed_position()";
constexpr std::string_view feed_position_and_worker =
    "SELECT cursor, complete, pg_catalog.pg_current_snapshot(), plait.listen() "
    "FROM plait.feed_position()";

std::int64_t tick_of(const std::optional<std::string>& cursor) {
  auto read = cursor ? parse_cursor(*cursor) : Result<Cursor>(Cursor{});
  return read ? read->seq : 0;
}

// Columns: cursor, anything, snapshot.
Position position_of(const Rows& rows, int snapshot_column) {
  Position position;
  position.cursor = rows.text_or_nothing(0, 0);
  position.tick = tick_of(position.cursor);
  position.finished = Finished::parse(rows.text(0, snapshot_column)).value_or(Finished());
  return position;
}

}  // namespace

// The first connection makes ticks, as the login itself; the second reads, as the role.
struct Tail::Line {
  Database ticks;
  Database rows;

  explicit Line(const std::string& dsn)
      : ticks(dsn, Database::Path::plait), rows(dsn, Database::Path::plait) {}

  void roll_back() noexcept {
    ticks.roll_back();
    rows.roll_back();
  }
};

Tail::Tail(const Settings& settings, Metrics& metrics, std::function<std::int64_t()> now_ms,
           std::function<void(News)> tell)
    : settings_(settings),
      metrics_(metrics),
      now_ms_(std::move(now_ms)),
      tell_(std::move(tell)),
      nudge_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Tail::~Tail() {
  stop();
  close(nudge_fd_);
}

void Tail::start(Readers& readers) {
  readers_ = &readers;
  thread_ = std::thread([this] { run(); });
}

void Tail::stop() {
  stopping_ = true;
  nudge();
  if (thread_.joinable()) thread_.join();
}

void Tail::nudge() { eventfd_write(nudge_fd_, 1); }

void Tail::watch(Watched collections) {
  std::lock_guard lock(mutex_);
  watched_ = std::move(collections);
}

Watched Tail::watched() {
  std::lock_guard lock(mutex_);
  return watched_;
}

void Tail::run() {
  Backoff backoff;
  while (!stopping_) {
    try {
      Line line(settings_.dsn);
      last_is_certain_ = false;
      line.ticks.run("SELECT plait.listen()");  // before the first look: nothing falls between
      meet_database(line);
      follow(line, backoff);
    } catch (const DatabaseError& failure) {
      tell_(FeedReach{false, failure.error.what});
      wait(nullptr, backoff.next());
    }
  }
}

// The database's id; a life that nobody has written in yet gets one with its first tick.
void Tail::meet_database(Line& line) {
  auto ask = [&] {
    return line.ticks.run("SELECT value #>> '{}' FROM plait.status() WHERE item = 'database'")
        .text_or_nothing(0, 0);
  };
  auto id = ask();
  if (!id) {
    stand(line, false);
    line.roll_back();
    id = ask();
  }
  NodeId database(id_of(id.value_or("")));
  if (database_ != database) last_.reset();
  database_ = database;
}

void Tail::follow(Line& line, Backoff& backoff) {
  auto pause = settings_.pause_min;
  for (bool reached = false; !stopping_; wait(&line, pause)) {
    try {
      pause = pause_after(round(line), pause);
      if (!reached) tell_(FeedReach{true, ""});
      reached = true;
      backoff.reset();
    } catch (const DatabaseError& failure) {
      // We were a deadlock's victim.
      if (failure.connection_lost || failure.error.code != Code::serialization_failure) throw;
      line.roll_back();
      pause = settings_.pause_min;
    }
  }
}

std::chrono::milliseconds Tail::pause_after(bool was_busy, std::chrono::milliseconds last) const {
  if (metrics_.has_worker) return settings_.pause_woken;
  return was_busy ? settings_.pause_min : std::min(last * 3 / 2, settings_.pause_max);
}

// Until a notification, a nudge or the end of the pause.
void Tail::wait(Line* line, std::chrono::milliseconds pause) {
  // What came while a statement ran no longer shows at the socket.
  if (line && line->ticks.take_notifications()) return;
  pollfd ready[2] = {{nudge_fd_, POLLIN, 0}, {line ? line->ticks.socket() : -1, POLLIN, 0}};
  poll(ready, line ? 2 : 1, static_cast<int>(pause.count()));
  eventfd_t count;
  eventfd_read(nudge_fd_, &count);
  if (line && ready[1].revents != 0) line->ticks.take_notifications();
}

// Whether there was anything to do.
bool Tail::round(Line& line) {
  // Asked before the snapshot: whoever waits now has said what he watches.
  const bool readers_wait = readers_->wants_snapshot();
  Rows newest = line.ticks.run(std::string(feed_position_and_worker));
  metrics_.has_worker = newest.boolean(0, 3);
  const bool complete = newest.boolean(0, 1);
  Position position = position_of(newest, 2);
  const bool known = last_ && last_is_certain_ && position.cursor == last_->cursor;
  if (complete && known && !readers_wait) {
    if (position.finished != last_->finished) tell_(FeedStands{position});
    last_ = std::move(position);
    metrics_.feed_read_ms = now_ms_();
    return false;
  }
  const Watched collections = watched();
  position = stand(line, complete);
  if (readers_wait) {
    Rows snapshot = line.rows.run("SELECT pg_catalog.pg_export_snapshot()");
    readers_->hand_out(std::string(snapshot.text(0, 0)), position);
  }
  const bool is_new = !last_ || !last_is_certain_ || position.cursor != last_->cursor;
  if (is_new) deliver(line, position, collections);
  line.roll_back();  // nothing was written
  last_ = std::move(position);
  last_is_certain_ = true;
  metrics_.feed_read_ms = now_ms_();
  return is_new || readers_wait;
}

// Leaves line.rows in a transaction whose snapshot is that of the tick that it gives, which is
// durable.
Position Tail::stand(Line& line, bool newest_is_complete) {
  const std::string role =
      settings_.role.empty() ? "" : "SET LOCAL ROLE " + query::quoted_identifier(settings_.role);
  const std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ";
  if (newest_is_complete) {
    Rows newest = line.rows.run(begin + std::string(feed_position));
    if (newest.boolean(0, 1)) {
      Position position = position_of(newest, 2);
      if (!role.empty()) line.rows.run(role);
      return position;
    }
    line.rows.roll_back();
  }
  Rows made = line.ticks.run(
      "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT cursor, snapshot, finished FROM "
      "plait.make_tick()");
  line.rows.run(begin + "SET TRANSACTION SNAPSHOT '" + std::string(made.text(0, 1)) + "'");
  line.ticks.run("COMMIT");
  if (!role.empty()) line.rows.run(role);
  return position_of(made, 2);
}

void Tail::deliver(Line& line, const Position& position, const Watched& watched) {
  if (!last_ || position.tick < last_->tick) return tell_(FeedBegins{*database_, position});
  auto batch = std::make_shared<Batch>();
  batch->position = position;
  try {
    if (!watched.empty() || !last_is_certain_)
      read_changes(line.rows, *last_->cursor, watched, *batch);
  } catch (const DatabaseError& failure) {
    if (failure.error.code != Code::cursor_unknown) throw;
    return tell_(FeedBegins{*database_, position});
  }
  tell_(BatchPtr(std::move(batch)));
}

}  // namespace plait::gateway
