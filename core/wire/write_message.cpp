// core/wire/write_message.cpp: messages as text.
//
// Members stand in the order in which docs/protocol.md names them, `type` first; what is optional
// and absent, and lists that may be left out and are empty, are not written.

#include <array>

#include "core/wire/message.h"

namespace plait::wire {

namespace {

// One JSON object under construction at the end of `out`.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  Object(std::string& out, std::string_view type) : Object(out) { text("type", type); }
  void close() { out_ += '}'; }

  // The text of the value is for the caller to append.
  std::string& key(std::string_view name) {
    if (!empty_) out_ += ',';
    empty_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void text_if(std::string_view name, const std::optional<std::string>& value) {
    if (value) text(name, *value);
  }
  void text_or_null(std::string_view name, const std::optional<std::string>& value) {
    if (value) return text(name, *value);
    key(name) += "null";
  }
  void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void json(std::string_view name, const Json& value) { append_json(key(name), value); }
  void id(std::string_view name, const Ulid& value) { key(name) += "\"" + to_text(value) + "\""; }
  void time(std::string_view name, Hlc value);
  void head(std::string_view name, std::span<const EventId> value);
  void won(const Winners& value);

 private:
  std::string& out_;
  bool empty_ = true;
};

void Object::time(std::string_view name, Hlc value) {
  std::array<char, 16> digits;
  digits.fill('0');
  for (std::size_t i = digits.size(); value != 0; value >>= 4)
    digits[--i] = "0123456789abcdef"[value & 15];
  text(name, std::string_view(digits.data(), digits.size()));
}

// Calls f(item) for each, with commas between.
template <typename Items, typename F>
void append_list(std::string& out, const Items& items, F&& f) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    f(item);
  }
  out += ']';
}

template <typename Ids>
void append_ids(std::string& out, const Ids& ids) {
  append_list(out, ids, [&](const Ulid& id) { out += "\"" + to_text(id) + "\""; });
}

void Object::head(std::string_view name, std::span<const EventId> value) {
  append_ids(key(name), value);
}

void Object::won(const Winners& value) {
  std::string& out = key("won");
  Object winners(out);
  for (const auto& [property, event] : value) {
    // A property's name is any text, so it is not a plain key.
    std::string quoted;
    append_json_string(quoted, property);
    winners.id(std::string_view(quoted).substr(1, quoted.size() - 2), event);
  }
  winners.close();
}

void append_rows(std::string& out, const std::vector<Row>& rows) {
  append_list(out, rows, [&](const Row& row) {
    append_row(out, row.entity, row.key, row.head, to_text(row.state));
  });
}

void append_updates(std::string& out, std::span<const Update> updates) {
  append_list(out, updates, [&](const Update& update) {
    Object object(out);
    object.id("entity", update.entity);
    object.text_if("key", update.key);
    object.head("head", update.head);
    object.json("set", update.set);
    object.won(update.won);
    object.close();
  });
}

void append_removes(std::string& out, std::span<const Remove> removes) {
  append_list(out, removes, [&](const Remove& remove) {
    Object object(out);
    object.id("entity", remove.entity);
    if (remove.gone) {
      object.boolean("gone", true);
    } else {
      object.head("head", remove.head);
      if (!remove.set.as_object().empty()) {
        object.json("set", remove.set);
        object.won(remove.won);
      }
    }
    object.close();
  });
}

void write(std::string& out, const Hello& hello) {
  Object object(out, "hello");
  object.text("id", hello.id);
  object.number("version", hello.version);
  object.text_if("client", hello.client);
  object.text_if("token", hello.token);
  object.close();
}

void write_query(Object& object, std::string_view query, const Json& params) {
  object.text("query", query);
  if (!params.as_array().empty()) object.json("params", params);
}

void write(std::string& out, const Subscribe& subscribe) {
  Object object(out, "subscribe");
  object.text("id", subscribe.id);
  write_query(object, subscribe.query, subscribe.params);
  object.text_if("cursor", subscribe.cursor);
  object.close();
}

void write(std::string& out, const Unsubscribe& unsubscribe) {
  Object object(out, "unsubscribe");
  object.text("id", unsubscribe.id);
  object.close();
}

void write_wish(Object& object, const FetchQuery& wish) {
  write_query(object, wish.query, wish.params);
}

void write_wish(Object& object, const FetchEntities& wish) {
  object.text("collection", wish.collection);
  append_ids(object.key("entities"), wish.entities);
}

void write_wish(Object& object, const FetchEvents& wish) {
  object.text("collection", wish.collection);
  object.text("key", wish.key);
  append_ids(object.key("events"), wish.events);
}

void write(std::string& out, const Fetch& fetch) {
  Object object(out, "fetch");
  object.text("id", fetch.id);
  std::visit([&](const auto& wish) { write_wish(object, wish); }, fetch.what);
  object.close();
}

void write(std::string& out, const Commit& commit) {
  Object object(out, "commit");
  object.text("id", commit.id);
  object.json("events", commit.events);
  if (commit.context) object.json("context", *commit.context);
  object.close();
}

void write(std::string& out, const History& history) {
  Object object(out, "history");
  object.text("id", history.id);
  object.text("collection", history.collection);
  object.text("key", history.key);
  if (history.budget) object.number("budget", *history.budget);
  object.close();
}

void write(std::string& out, const Status& status) {
  Object object(out, "status");
  object.text("id", status.id);
  object.close();
}

void write(std::string& out, const Ping& ping) {
  Object object(out, "ping");
  object.text("id", ping.id);
  object.close();
}

void write(std::string& out, const Welcome& welcome) {
  Object object(out, "welcome");
  object.text("id", welcome.id);
  object.number("version", welcome.version);
  object.text("server", welcome.server);
  object.id("database", welcome.database);
  object.time("time", welcome.time);
  object.text_or_null("cursor", welcome.cursor);
  Object limits(object.key("limits"));
  limits.number("message_bytes_max", welcome.limits.message_bytes_max);
  limits.number("depth_max", welcome.limits.depth_max);
  limits.number("queries_max", welcome.limits.queries_max);
  limits.number("requests_max", welcome.limits.requests_max);
  limits.number("commit_events_max", welcome.limits.commit_events_max);
  limits.number("result_bytes_max", welcome.limits.result_bytes_max);
  limits.close();
  object.json("schema", welcome.schema);
  object.close();
}

void write_rows_start(Object& object, std::string_view id, std::int64_t tick, bool reset) {
  object.text("id", id);
  object.number("tick", tick);
  if (reset) object.boolean("reset", true);
}

void write_rows_end(Object& object, std::span<const Remove> remove, bool more) {
  if (!remove.empty()) append_removes(object.key("remove"), remove);
  object.boolean("more", more);
  object.close();
}

void write(std::string& out, const Rows& rows) {
  Object object(out, "rows");
  write_rows_start(object, rows.id, rows.tick, rows.reset);
  append_rows(object.key("rows"), rows.rows);
  write_rows_end(object, rows.remove, rows.more);
}

void write(std::string& out, const Live& live) {
  Object object(out, "live");
  object.text("id", live.id);
  object.number("group", live.group);
  object.text("collection", live.collection);
  object.number("tick", live.tick);
  object.close();
}

void write(std::string& out, const Unsubscribed& unsubscribed) {
  Object object(out, "unsubscribed");
  object.text("id", unsubscribed.id);
  object.close();
}

void write_changes(Object& object, std::span<const Update> update, std::span<const Remove> remove) {
  if (!update.empty()) append_updates(object.key("update"), update);
  if (!remove.empty()) append_removes(object.key("remove"), remove);
  object.close();
}

void write(std::string& out, const Delta& delta) {
  Object object(out, "delta");
  object.number("group", delta.group);
  object.number("tick", delta.tick);
  if (!delta.add.empty()) append_rows(object.key("add"), delta.add);
  write_changes(object, delta.update, delta.remove);
}

void write(std::string& out, const Tick& tick) {
  Object object(out, "tick");
  object.text_or_null("cursor", tick.cursor);
  if (!tick.commits.empty()) {
    append_list(object.key("commits"), tick.commits,
                [&](const std::string& id) { append_json_string(out, id); });
  }
  object.close();
}

void write(std::string& out, const Schema& schema) {
  Object object(out, "schema");
  object.number("tick", schema.tick);
  object.json("schema", schema.schema);
  object.close();
}

void write_events(std::string& out, std::string_view type, const Events& events) {
  Object object(out, type);
  object.text("id", events.id);
  object.json("events", events.events);
  object.close();
}

void write(std::string& out, const Events& events) { write_events(out, "events", events); }
void write(std::string& out, const HistoryEvents& events) { write_events(out, "history", events); }

void write(std::string& out, const StatusItems& status) {
  Object object(out, "status");
  object.text("id", status.id);
  object.json("items", status.items);
  object.close();
}

void write(std::string& out, const Committed& committed) {
  Object object(out, "committed");
  object.text("id", committed.id);
  object.text_or_null("xid", committed.xid);
  append_list(object.key("events"), committed.events, [&](const CommittedEvent& event) {
    Object answer(out);
    answer.id("id", event.id);
    answer.text("status", event.known ? std::string_view("known") : "accepted");
    answer.id("entity", event.entity);
    answer.text_or_null("key", event.key);
    answer.head("head", event.head);
    answer.close();
  });
  object.json("follow_ups", committed.follow_ups);
  object.close();
}

void write_error(Object& object, const Failure& failure) {
  object.text_if("id", failure.id);
  object.text("code", name(failure.error.code));
  object.text("what", failure.error.what);
  object.text("where", failure.error.where);
  object.text("hint", failure.error.hint);
  object.boolean("retry", failure.retry);
}

void write(std::string& out, const Failure& failure) {
  Object object(out, "error");
  write_error(object, failure);
  object.close();
}

void write(std::string& out, const Goodbye& goodbye) {
  Object object(out, "goodbye");
  write_error(object, goodbye);
  object.close();
}

void write(std::string& out, const Refused& refused) {
  Object object(out, "refused");
  write_error(object, refused);
  if (refused.event) object.number("event", *refused.event);
  if (!refused.sqlstate.empty()) object.text("sqlstate", refused.sqlstate);
  if (!refused.constraint.empty()) object.text("constraint", refused.constraint);
  object.close();
}

void write(std::string& out, const Pong& pong) {
  Object object(out, "pong");
  object.text("id", pong.id);
  object.time("time", pong.time);
  object.close();
}

}  // namespace

std::string to_text(const Request& request) {
  std::string out;
  std::visit([&](const auto& message) { write(out, message); }, request);
  return out;
}

std::string to_text(const Reply& reply) {
  std::string out;
  std::visit([&](const auto& message) { write(out, message); }, reply);
  return out;
}

void append_row(std::string& out, const EntityId& entity, std::string_view key,
                std::span<const EventId> head, std::string_view state) {
  Object object(out);
  object.id("entity", entity);
  object.text("key", key);
  object.head("head", head);
  object.key("state") += state;
  object.close();
}

std::string rows_text(std::string_view id, std::int64_t tick, bool reset, std::string_view rows,
                      std::span<const Remove> remove, bool more) {
  std::string out;
  out.reserve(rows.size() + 128);
  Object object(out, "rows");
  write_rows_start(object, id, tick, reset);
  std::string& list = object.key("rows");
  list += '[';
  list += rows;
  list += ']';
  write_rows_end(object, remove, more);
  return out;
}

std::string delta_text(std::int64_t group, std::int64_t tick, std::string_view add,
                       std::span<const Update> update, std::span<const Remove> remove) {
  std::string out;
  out.reserve(add.size() + 128);
  Object object(out, "delta");
  object.number("group", group);
  object.number("tick", tick);
  if (!add.empty()) {
    std::string& list = object.key("add");
    list += '[';
    list += add;
    list += ']';
  }
  write_changes(object, update, remove);
  return out;
}

}  // namespace plait::wire
