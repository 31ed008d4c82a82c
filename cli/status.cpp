// cli/status.cpp: a welcome, a ping and what plait.status() says, to read.

#include "cli/status.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>
#include <variant>

#include "cli/asking.h"
#include "cli/collection.h"
#include "cli/text.h"

namespace plait::cli {

namespace {

std::string ms_text(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(us) / 1'000);
  return text;
}

std::string clock_text(std::int64_t ahead_ms) {
  if (ahead_ms > -1'000 && ahead_ms < 1'000) return "its clock and this one agree";
  std::int64_t seconds = (ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1'000;
  return "its clock is " + std::to_string(seconds) + " s " +
         (ahead_ms < 0 ? "behind" : "ahead of") + " this one";
}

// Of a terminal's columns, about: code points.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string collection_line(const Collection& collection, std::size_t width) {
  std::string line =
      "  " + collection.name + std::string(width - width_of(collection.name) + 2, ' ');
  if (!collection.why_not.empty()) return line + "cannot be watched: " + collection.why_not + '\n';
  std::string key;
  for (const std::string& name : collection.key) key += (key.empty() ? "" : ", ") + name;
  return line + "key " + key + ", " + std::to_string(collection.properties.size()) +
         " properties\n";
}

std::string worker_text(const Json* worker) {
  if (worker == nullptr) return "unknown";
  if (const Json* pid = worker->find("pid")) return "process " + value_text(*pid);
  const Json* why_not = worker->find("why_not");
  return "none: " + (why_not == nullptr ? "" : value_text(*why_not));
}

// A line for each that holds back, what it holds first.
std::string held_back_lines(const Json* held_back) {
  if (held_back == nullptr || !held_back->is_array() || held_back->as_array().empty())
    return "held back    nothing\n";
  std::string lines;
  for (const Json& one : held_back->as_array()) {
    lines += lines.empty() ? "held back    " : "             ";
    lines += members_text(one, {"holds", "xid", "since", "pid", "prepared"}) + '\n';
  }
  return lines;
}

Result<Found> look(const std::string& url) {
  using namespace std::chrono;
  auto asking = Asking::connect(url);
  if (!asking) return asking.error();
  auto start = steady_clock::now();
  auto reply = asking->ask(wire::Ping{asking->next_id()});
  auto round_trip = steady_clock::now() - start;
  if (!reply) return reply.error();
  auto* pong = std::get_if<wire::Pong>(&*reply);
  if (pong == nullptr)
    return Error{Code::bad_message, "the gateway answered a ping with something else", {}, {}};
  // The answer's time is that of the middle of the round trip.
  auto here =
      duration_cast<milliseconds>(system_clock::now().time_since_epoch() - round_trip / 2).count();
  auto status = asking->ask(wire::Status{asking->next_id()});
  if (!status) return status.error();
  auto* items = std::get_if<wire::StatusItems>(&*status);
  if (items == nullptr)
    return Error{Code::bad_message, "the gateway answered status with something else", {}, {}};
  return Found{asking->welcome(), duration_cast<microseconds>(round_trip).count(),
               hlc_unix_ms(pong->time) - here, std::move(items->items)};
}

}  // namespace

std::string status_lines(const std::string& url, const Found& found) {
  const wire::Welcome& welcome = found.welcome;
  std::string text = "gateway      " + welcome.server + " at " + url + ", " +
                     ms_text(found.round_trip_us) + " away\n";
  text += "database     " + to_text(welcome.database) + ", " + clock_text(found.ahead_ms) + '\n';
  text += "newest tick  " + welcome.cursor.value_or("none yet") + '\n';
  text += "worker       " + worker_text(found.items.find("worker")) + '\n';
  text += held_back_lines(found.items.find("held_back"));
  auto collections = read_collections(welcome.schema);
  text +=
      collections.empty() ? "no collections: SELECT plait.track('your_table')\n" : "collections\n";
  std::size_t width = 0;
  for (const Collection& collection : collections)
    width = std::max(width, width_of(collection.name));
  for (const Collection& collection : collections) text += collection_line(collection, width);
  return text;
}

std::string status_json(const std::string& url, const Found& found) {
  const wire::Welcome& welcome = found.welcome;
  Json json = Json::object();
  json.set("url", Json::string(url));
  json.set("server", Json::string(welcome.server));
  json.set("version", Json::integer(welcome.version));
  json.set("database", Json::string(to_text(welcome.database)));
  json.set("cursor", welcome.cursor ? Json::string(*welcome.cursor) : Json());
  json.set("round_trip_us", Json::integer(found.round_trip_us));
  json.set("clock_ahead_ms", Json::integer(found.ahead_ms));
  for (const char* item : {"worker", "held_back"}) {
    const Json* value = found.items.find(item);
    json.set(item, value == nullptr ? Json() : *value);
  }
  json.set("schema", welcome.schema);
  return to_text(json) + '\n';
}

ExitCode run_status(const Arguments& arguments) {
  auto found = look(arguments.url);
  if (!found) {
    std::fputs(error_text(found.error()).c_str(), stderr);
    return exit_code(found.error());
  }
  std::string text =
      arguments.json ? status_json(arguments.url, *found) : status_lines(arguments.url, *found);
  std::fputs(text.c_str(), stdout);
  return ExitCode::ok;
}

}  // namespace plait::cli
