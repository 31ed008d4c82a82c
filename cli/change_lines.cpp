// cli/change_lines.cpp: what a unit did to a query, as text.

#include "cli/change_lines.h"

#include <algorithm>
#include <utility>

#include "cli/text.h"
#include "core/event/json.h"
#include "core/wire/cursor.h"

namespace plait::cli {

namespace {

using client::Change;

// Before the first tick there is none: 0.
std::int64_t tick_of(const std::optional<std::string>& cursor) {
  auto parsed = cursor ? parse_cursor(*cursor) : Result<Cursor>(Error{});
  return parsed ? parsed->seq : 0;
}

std::string update_text(const Change& change, const std::vector<std::string>& properties) {
  std::string text;
  auto append = [&](const std::string& name) {
    const Json* value = change.set.find(name);
    if (value == nullptr) return;
    text += "  " + name + '=' + value_text(*value) + " (was " +
            value_text(*change.before.find(name)) + ')';
  };
  for (const std::string& name : properties) append(name);
  for (const auto& [name, value] : change.set.as_object()) {
    if (std::ranges::find(properties, name) == properties.end()) append(name);
  }
  return text;
}

Json without_key(Json state, const Collection& collection) {
  for (const std::string& property : collection.key) state.erase(property);
  return state;
}

std::string line_of(const Change& change, const Collection& collection,
                    const std::vector<std::string>& properties) {
  std::string key = value_text(Json::string(change.row.key));
  switch (change.kind) {
    case Change::Kind::added:
      return "  + " + key + "  " +
             members_text(without_key(change.row.state, collection), properties);
    case Change::Kind::updated:
      return "  ~ " + key + update_text(change, properties);
    case Change::Kind::removed:
      break;
  }
  return "  - " + key + (change.gone ? "  gone" : "");
}

// The members that every change has.
Json row_json(const wire::Row& row) {
  Json json = Json::object();
  json.set("entity", Json::string(to_text(row.entity)));
  json.set("key", Json::string(row.key));
  return json;
}

Json with_head(Json json, const Head& head) {
  Json ids = Json::array();
  for (const EventId& id : head) ids.push(Json::string(to_text(id)));
  json.set("head", std::move(ids));
  return json;
}

}  // namespace

std::string change_lines(std::string_view query, const std::optional<std::string>& cursor,
                         const client::QueryChanges& changes, const Collection& collection) {
  std::string tick = std::to_string(tick_of(cursor));
  std::size_t count = changes.changes.size();
  std::string text = "tick " + tick + '\n';
  if (changes.first) {
    text = std::string(query) + ": " + std::to_string(count) + (count == 1 ? " row" : " rows") +
           " at tick " + tick + '\n';
  }
  std::vector<std::string> properties = collection.names();
  for (const Change& change : changes.changes)
    text += line_of(change, collection, properties) + '\n';
  return text;
}

std::string change_json(const std::optional<std::string>& cursor,
                        const client::QueryChanges& changes) {
  Json add = Json::array(), update = Json::array(), remove = Json::array();
  for (const Change& change : changes.changes) {
    Json json = row_json(change.row);
    if (change.kind == Change::Kind::added) {
      json.set("state", change.row.state);
      add.push(with_head(std::move(json), change.row.head));
    } else if (change.kind == Change::Kind::updated) {
      json.set("before", change.before);
      json.set("set", change.set);
      update.push(with_head(std::move(json), change.row.head));
    } else {
      json.set("gone", Json::boolean(change.gone));
      remove.push(std::move(json));
    }
  }
  Json line = Json::object();
  line.set("tick", Json::integer(tick_of(cursor)));
  line.set("cursor", cursor ? Json::string(*cursor) : Json());
  if (changes.first) line.set("first", Json::boolean(true));
  line.set("add", std::move(add));
  line.set("update", std::move(update));
  line.set("remove", std::move(remove));
  return to_text(line) + '\n';
}

}  // namespace plait::cli
