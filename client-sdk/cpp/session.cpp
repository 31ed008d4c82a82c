// client-sdk/cpp/session.cpp: what a session does with what it hears.

#include "client-sdk/cpp/session.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plait::client {

namespace {

const std::string& id_of(const wire::Request& request) {
  return std::visit([](const auto& one) -> const std::string& { return one.id; }, request);
}

bool is_commit(const wire::Request& request) {
  return std::holds_alternative<wire::Commit>(request);
}

// The database was away or busy: nothing is known against the request. Other codes that a retry may
// mend (clock_drift, head_moved, budget_exceeded) need the application to do something first.
bool passes_by_itself(const wire::Failure& failure) {
  return failure.error.code == Code::unavailable ||
         failure.error.code == Code::serialization_failure;
}

}  // namespace

// ---- the connection -----------------------------------------------------------------------------

Effects Session::start() {
  state_ = State::connecting;
  return {Connect{}};
}

Effects Session::opened(Ms now) {
  if (state_ != State::connecting) return {};
  state_ = State::greeting;
  deadline_ = now + welcome_ms_max;
  set_alarm();
  wire::Hello hello{next_id(), wire::version, client_, std::nullopt};
  return {Send{wire::to_text(wire::Request(std::move(hello)))}};
}

Effects Session::closed(std::string why, Ms now) {
  if (state_ == State::over || state_ == State::waiting || state_ == State::idle) return {};
  state_ = State::waiting;
  unit_.clear();
  for (auto& [id, query] : queries_) query.group.reset();
  for (auto& [number, pending] : pending_) pending.rows.reset();
  if (!farewell_.empty()) why = std::exchange(farewell_, {});
  Ms delay = backoff_.next_ms();
  deadline_ = now + delay;
  set_alarm();
  return {Lost{std::move(why), delay, ever_welcomed_}};
}

Effects Session::woken(Ms now) {
  Effects effects;
  bool due = deadline_ && *deadline_ <= now;
  if (due && state_ == State::waiting) {
    state_ = State::connecting;
    deadline_.reset();
    effects.push_back(Connect{});
  } else if (due && state_ == State::greeting) {
    farewell_ = "no welcome within " + std::to_string(welcome_ms_max / 1'000) + " s";
    deadline_.reset();
    effects.push_back(Disconnect{});
  }
  if (state_ == State::open) {
    for (auto& [number, pending] : pending_) {
      if (!pending.again_at || *pending.again_at > now) continue;
      pending.again_at.reset();
      effects.push_back(Send{wire::to_text(pending.request)});
    }
    for (auto& [id, query] : queries_) {
      if (!query.again_at || *query.again_at > now) continue;
      query.again_at.reset();
      send_subscribe(id, query, effects);
    }
  }
  set_alarm();
  return effects;
}

void Session::set_alarm() {
  wakes_at_ = deadline_;
  auto consider = [&](const std::optional<Ms>& at) {
    if (at && (!wakes_at_ || *at < *wakes_at_)) wakes_at_ = at;
  };
  if (state_ != State::open) return;
  for (const auto& [number, pending] : pending_) consider(pending.again_at);
  for (const auto& [id, query] : queries_) consider(query.again_at);
}

// ---- requests -----------------------------------------------------------------------------------

Effects Session::subscribe(std::string id, std::string query, Json params) {
  auto [at, is_new] = queries_.try_emplace(std::move(id));
  at->second.query = std::move(query);
  at->second.params = std::move(params);
  Effects effects;
  if (state_ == State::open) send_subscribe(at->first, at->second, effects);
  return effects;
}

Effects Session::unsubscribe(const std::string& id) {
  bool was_there = queries_.erase(id) > 0;
  if (!was_there || state_ != State::open) return {};
  return {Send{wire::to_text(wire::Request(wire::Unsubscribe{id}))}};
}

Effects Session::request(wire::Request request) {
  Effects effects;
  if (state_ == State::open) effects.push_back(Send{wire::to_text(request)});
  pending_.emplace(++last_pending_, Pending{std::move(request), {}, {}});
  return effects;
}

void Session::send_subscribe(const std::string& id, const LiveQuery& query,
                             Effects& effects) const {
  wire::Subscribe wish{id, query.query, query.params, query.cursor};
  effects.push_back(Send{wire::to_text(wire::Request(std::move(wish)))});
}

// Commits go first, so that the database has them before it says what the queries hold.
void Session::send_everything(Effects& effects) {
  for (bool commits : {true, false}) {
    for (auto& [number, pending] : pending_) {
      if (is_commit(pending.request) != commits) continue;
      pending.again_at.reset();
      effects.push_back(Send{wire::to_text(pending.request)});
    }
  }
  for (auto& [id, query] : queries_) {
    query.again_at.reset();
    send_subscribe(id, query, effects);
  }
}

const LiveRows* Session::rows(const std::string& id) const {
  auto query = queries_.find(id);
  return query == queries_.end() ? nullptr : &query->second.rows;
}

// ---- what the gateway says ----------------------------------------------------------------------

Effects Session::received(std::string_view text, Ms now) {
  if (state_ != State::greeting && state_ != State::open) return {};
  Effects effects;
  auto reply = wire::read_reply(text);
  if (!reply) {
    fail(reply.error(), effects);
    return effects;
  }
  std::visit([&](auto& message) { take(message, now, effects); }, *reply);
  set_alarm();
  return effects;
}

void Session::take(wire::Welcome& message, Ms, Effects& effects) {
  if (state_ != State::greeting) return;
  state_ = State::open;
  deadline_.reset();
  if (database_ && *database_ != message.database) {
    // Another life of the database: its ticks are not those that our cursors name.
    for (auto& [id, query] : queries_) query.cursor.reset();
  }
  database_ = message.database;
  bool again = std::exchange(ever_welcomed_, true);
  effects.push_back(Welcomed{std::move(message), again});
  send_everything(effects);
}

void Session::take(wire::Rows& message, Ms, Effects& effects) {
  Pending* fetch = pending(message.id);
  if (fetch == nullptr) {
    unit_.emplace_back(std::move(message));
    return;
  }
  if (!fetch->rows) {
    fetch->rows = std::move(message);
  } else {
    std::ranges::move(message.rows, std::back_inserter(fetch->rows->rows));
    fetch->rows->more = message.more;
  }
  if (fetch->rows->more) return;
  wire::Rows whole = std::move(*fetch->rows);
  std::string id = whole.id;
  answer(id, std::move(whole), effects);
}

void Session::take(wire::Live& message, Ms, Effects&) { unit_.emplace_back(std::move(message)); }
void Session::take(wire::Delta& message, Ms, Effects&) { unit_.emplace_back(std::move(message)); }
void Session::take(wire::Schema& message, Ms, Effects&) { unit_.emplace_back(std::move(message)); }
void Session::take(wire::Unsubscribed&, Ms, Effects&) {}

void Session::take(wire::Tick& message, Ms, Effects& effects) {
  backoff_.reset();
  Applied applied{message.cursor, {}, std::move(message.commits)};
  for (Frame& frame : unit_) apply(frame, effects);
  unit_.clear();
  for (auto& [id, query] : queries_) {
    if (!query.group) continue;
    query.cursor = message.cursor;
    QueryChanges changes{id, !std::exchange(query.told, true), query.rows.take_changes()};
    if (changes.first || !changes.changes.empty()) applied.queries.push_back(std::move(changes));
  }
  effects.push_back(std::move(applied));
}

void Session::apply(Frame& frame, Effects& effects) {
  if (auto* rows = std::get_if<wire::Rows>(&frame)) {
    if (auto query = queries_.find(rows->id); query != queries_.end())
      query->second.rows.apply(*rows);
  } else if (auto* live = std::get_if<wire::Live>(&frame)) {
    if (auto query = queries_.find(live->id); query != queries_.end())
      query->second.group = live->group;
  } else if (auto* delta = std::get_if<wire::Delta>(&frame)) {
    for (auto& [id, query] : queries_) {
      if (query.group == delta->group) query.rows.apply(*delta);
    }
  } else if (auto* schema = std::get_if<wire::Schema>(&frame)) {
    effects.push_back(SchemaChanged{std::move(schema->schema)});
  }
}

// ---- answers ------------------------------------------------------------------------------------

Session::Pending* Session::pending(const std::string& id) {
  auto has_id = [&](const auto& entry) { return id_of(entry.second.request) == id; };
  auto found = std::ranges::find_if(pending_, has_id);
  return found == pending_.end() ? nullptr : &found->second;
}

void Session::answer(const std::string& id, wire::Reply reply, Effects& effects) {
  backoff_.reset();
  auto has_id = [&](const auto& entry) { return id_of(entry.second.request) == id; };
  if (std::erase_if(pending_, has_id) > 0) effects.push_back(Answered{id, std::move(reply)});
}

void Session::take(wire::Refused& message, Ms, Effects& effects) {
  std::string id = message.id.value_or("");
  answer(id, std::move(message), effects);
}

void Session::take(wire::Failure& message, Ms now, Effects& effects) {
  if (!message.id) return fail(std::move(message.error), effects);
  std::string id = *message.id;
  Pending* request = pending(id);
  auto query = queries_.find(id);
  if (passes_by_itself(message)) {
    Ms again_at = now + backoff_.next_ms();
    if (request != nullptr) {
      request->again_at = again_at;
      request->rows.reset();
    } else if (query != queries_.end()) {
      query->second.again_at = again_at;
      forget_unit_of(id);
    }
  } else if (request != nullptr) {
    answer(id, std::move(message), effects);
  } else if (query != queries_.end()) {
    queries_.erase(query);
    effects.push_back(Ended{id, std::move(message.error)});
  }
}

// What has begun to come of a query's result is no result: its rows stay those of its cursor.
void Session::forget_unit_of(const std::string& id) {
  queries_.at(id).group.reset();
  std::erase_if(unit_, [&](const Frame& frame) {
    const auto* rows = std::get_if<wire::Rows>(&frame);
    const auto* live = std::get_if<wire::Live>(&frame);
    return (rows != nullptr && rows->id == id) || (live != nullptr && live->id == id);
  });
}

void Session::take(wire::Goodbye& message, Ms, Effects& effects) {
  if (message.retry || message.error.code == Code::cursor_unknown) {
    farewell_ = message.error.what;  // the socket closes now
    return;
  }
  fail(std::move(message.error), effects);
}

void Session::fail(Error error, Effects& effects) {
  state_ = State::over;
  deadline_.reset();
  set_alarm();
  effects.push_back(Disconnect{});
  effects.push_back(Failed{std::move(error)});
}

}  // namespace plait::client
