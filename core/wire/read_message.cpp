// core/wire/read_message.cpp: text as messages.

#include <algorithm>

#include "core/wire/members.h"
#include "core/wire/message.h"

namespace plait::wire {

namespace {

// --- requests ----------------------------------------------------------------------------------

std::string read_id(Members& members) {
  std::string id = members.text("id");
  if (!members.wrong() && (id.empty() || id.size() > id_bytes_max)) {
    members.wrong() = Error{Code::bad_message, "an id of " + std::to_string(id.size()) + " bytes",
                            "/id", "an id has 1 to " + std::to_string(id_bytes_max) + " bytes"};
  }
  return id;
}

Request read_hello(Members& members) {
  return Hello{read_id(members), members.integer("version"), members.text_or_nothing("client"),
               members.text_or_nothing("token")};
}

Request read_subscribe(Members& members) {
  return Subscribe{read_id(members), members.text("query"), members.array_or_empty("params"),
                   members.text_or_nothing("cursor")};
}

Request read_unsubscribe(Members& members) { return Unsubscribe{read_id(members)}; }

Request read_fetch(Members& members) {
  Fetch fetch{read_id(members), FetchQuery{}};
  if (members.find("entities") != nullptr) {
    fetch.what = FetchEntities{members.text("collection"), members.ids<EntityId>("entities")};
  } else if (members.find("events") != nullptr) {
    fetch.what = FetchEvents{members.text("collection"), members.text("key"),
                             members.ids<EventId>("events")};
  } else {
    fetch.what = FetchQuery{members.text("query"), members.array_or_empty("params")};
  }
  return fetch;
}

Request read_commit(Members& members) {
  Commit commit{read_id(members), members.array("events"), std::nullopt};
  if (members.find("context") != nullptr) commit.context = members.object("context");
  return commit;
}

Request read_history(Members& members) {
  return History{read_id(members), members.text("collection"), members.text("key"),
                 members.integer_or_nothing("budget")};
}

Request read_status(Members& members) { return Status{read_id(members)}; }

Request read_ping(Members& members) { return Ping{read_id(members)}; }

// --- replies -----------------------------------------------------------------------------------

Reply read_welcome(Members& members) {
  Welcome welcome;
  welcome.id = members.text("id");
  welcome.version = members.integer("version");
  welcome.server = members.text("server");
  welcome.database = members.id<NodeMeaning>("database");
  welcome.time = members.time("time");
  welcome.cursor = members.text_or_nothing("cursor");
  const Json& told = members.object("limits");
  Members limits(told, members.place("limits"), members.wrong());
  welcome.limits = {limits.integer("message_bytes_max"), limits.integer("depth_max"),
                    limits.integer("queries_max"),       limits.integer("requests_max"),
                    limits.integer("commit_events_max"), limits.integer("result_bytes_max")};
  welcome.schema = members.object("schema");
  return welcome;
}

std::vector<Row> read_row_list(Members& members, std::string_view name) {
  std::vector<Row> rows;
  members.each(name, [&](Members row) {
    rows.push_back(
        {row.id<EntityMeaning>("entity"), row.text("key"), row.head("head"), row.object("state")});
  });
  return rows;
}

std::vector<Update> read_updates(Members& members) {
  std::vector<Update> updates;
  members.each("update", [&](Members update) {
    updates.push_back({update.id<EntityMeaning>("entity"), update.text_or_nothing("key"),
                       update.head("head"), update.object("set"), update.won()});
  });
  return updates;
}

std::vector<Remove> read_removes(Members& members) {
  std::vector<Remove> removes;
  members.each("remove", [&](Members remove) {
    Remove& read = removes.emplace_back();
    read.entity = remove.id<EntityMeaning>("entity");
    read.gone = remove.boolean("gone");
    if (read.gone) return;
    read.head = remove.head("head");
    read.set = remove.object_or_empty("set");
    read.won = remove.won();
  });
  return removes;
}

Reply read_rows(Members& members) {
  return Rows{members.text("id"),       members.integer("tick"),
              members.boolean("reset"), read_row_list(members, "rows"),
              read_removes(members),    members.boolean("more")};
}

Reply read_live(Members& members) {
  return Live{members.text("id"), members.integer("group"), members.text("collection"),
              members.integer("tick")};
}

Reply read_unsubscribed(Members& members) { return Unsubscribed{members.text("id")}; }

Reply read_delta(Members& members) {
  return Delta{members.integer("group"), members.integer("tick"), read_row_list(members, "add"),
               read_updates(members), read_removes(members)};
}

Reply read_tick(Members& members) {
  Tick tick{members.text_or_nothing("cursor"), {}};
  const Json& commits = members.array_or_empty("commits");
  for (const Json& id : commits.as_array()) {
    if (!id.is_string()) members.expected("a string", members.place("commits"), &id);
    if (id.is_string()) tick.commits.push_back(id.as_string());
  }
  return tick;
}

Reply read_schema(Members& members) {
  return Schema{members.integer("tick"), members.object("schema")};
}

Reply read_events(Members& members) { return Events{members.text("id"), members.array("events")}; }

Reply read_history_events(Members& members) {
  return HistoryEvents{{members.text("id"), members.array("events")}};
}

Reply read_status_items(Members& members) {
  return StatusItems{members.text("id"), members.object("items")};
}

Reply read_committed(Members& members) {
  Committed committed;
  committed.id = members.text("id");
  committed.xid = members.text_or_nothing("xid");
  members.each("events", [&](Members event) {
    committed.events.push_back({event.id<EventMeaning>("id"), event.text("status") == "known",
                                event.id<EntityMeaning>("entity"), event.text_or_nothing("key"),
                                event.head("head")});
  });
  committed.follow_ups = members.array_or_empty("follow_ups");
  return committed;
}

Failure read_failure(Members& members) {
  Failure failure;
  failure.id = members.text_or_nothing("id");
  failure.code_name = members.text("code");
  auto row = std::ranges::find(error_table, std::string_view(failure.code_name), &ErrorRow::name);
  failure.error = {row == error_table.end() ? Code::internal : row->code, members.text("what"),
                   members.text_or_nothing("where").value_or(""),
                   members.text_or_nothing("hint").value_or("")};
  failure.retry = members.boolean("retry");
  return failure;
}

Reply read_error(Members& members) { return read_failure(members); }

Reply read_refused(Members& members) {
  return Refused{read_failure(members), members.integer_or_nothing("event"),
                 members.text_or_nothing("sqlstate").value_or(""),
                 members.text_or_nothing("constraint").value_or("")};
}

Reply read_goodbye(Members& members) { return Goodbye{read_failure(members)}; }

Reply read_pong(Members& members) { return Pong{members.text("id"), members.time("time")}; }

// --- by type -----------------------------------------------------------------------------------

template <typename Message>
struct Type {
  std::string_view name;
  Message (*read)(Members&);
};

constexpr Type<Request> requests[] = {
    {"hello", read_hello},   {"subscribe", read_subscribe}, {"unsubscribe", read_unsubscribe},
    {"fetch", read_fetch},   {"commit", read_commit},       {"history", read_history},
    {"status", read_status}, {"ping", read_ping},
};

constexpr Type<Reply> replies[] = {
    {"welcome", read_welcome},
    {"rows", read_rows},
    {"live", read_live},
    {"delta", read_delta},
    {"tick", read_tick},
    {"schema", read_schema},
    {"unsubscribed", read_unsubscribed},
    {"events", read_events},
    {"history", read_history_events},
    {"status", read_status_items},
    {"committed", read_committed},
    {"refused", read_refused},
    {"error", read_error},
    {"goodbye", read_goodbye},
    {"pong", read_pong},
};

template <typename Message, std::size_t n>
Result<Message> read(const Json& json, const Type<Message> (&types)[n]) {
  Wrong wrong;
  Members members(json, "", wrong);
  std::string named = members.text("type");
  if (wrong) return *wrong;
  auto type = std::ranges::find(types, std::string_view(named), &Type<Message>::name);
  if (type == std::end(types)) {
    std::string hint = "one of ";
    for (const auto& known : types) hint += (&known == types ? "" : ", ") + std::string(known.name);
    constexpr std::size_t shown_max = 40;
    return Error{Code::bad_message, "type is \"" + named.substr(0, shown_max) + "\"", "/type",
                 hint};
  }
  Message message = type->read(members);
  if (wrong) return *wrong;
  return message;
}

}  // namespace

Result<Request> read_request(const Json& message) { return read(message, requests); }

Result<Reply> read_reply(std::string_view text) {
  auto json = parse_json(text, {stored_json_depth_max});
  if (!json) return Error{Code::bad_message, json.error().what, json.error().where, ""};
  return read(*json, replies);
}

std::optional<std::string> request_id(const Json& message) {
  const Json* id = message.find("id");
  if (id == nullptr || !id->is_string()) return std::nullopt;
  if (id->as_string().empty() || id->as_string().size() > id_bytes_max) return std::nullopt;
  return id->as_string();
}

}  // namespace plait::wire
