// cli/set.cpp: fetch the head, make the event, commit it.

#include "cli/set.h"

#include <chrono>
#include <cstdio>
#include <random>
#include <utility>
#include <variant>

#include "cli/asking.h"
#include "cli/assignment.h"
#include "cli/collection.h"
#include "cli/text.h"

namespace plait::cli {

namespace {

Hlc clock_now() {
  using namespace std::chrono;
  auto ns = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
  return hlc_from_unix_ns(static_cast<std::uint64_t>(ns));
}

std::uint64_t random_salt() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

Result<wire::Row> fetch_row(Asking& asking, const Collection& collection, const std::string& key) {
  auto query = row_query(collection, key);
  if (!query) return query.error();
  auto reply = asking.ask(wire::Fetch{asking.next_id(), std::move(*query)});
  if (!reply && reply.error().code == Code::bad_query) {  // of our own making, but for the key
    return Error{Code::bad_value,
                 "\"" + key + "\" is no key of " + collection.name + ": " + reply.error().what,
                 {},
                 {}};
  }
  if (!reply) return reply.error();
  auto* rows = std::get_if<wire::Rows>(&*reply);
  if (rows == nullptr || rows->rows.empty()) {
    return Error{Code::not_found,
                 "there is no " + collection.name + " " + key,
                 {},
                 "plait history shows whether there was one"};
  }
  return std::move(rows->rows.front());
}

Result<Stamp> stamp_after(const Head& head) {
  auto path = origin_path();
  if (!path) {
    return Error{Code::bad_value,
                 "there is no place for the origin of your events",
                 {},
                 "set HOME, or XDG_STATE_HOME to an absolute path"};
  }
  Hlc seen = head.empty() ? 0 : head.back().hlc();
  return next_stamp(*path, clock_now(), seen);
}

Result<wire::Committed> commit(Asking& asking, const Event& event) {
  auto reply =
      asking.ask(wire::Commit{asking.next_id(), Json::array({to_json(event)}), std::nullopt});
  if (!reply) {
    Error error = reply.error();
    if (error.code == Code::unavailable) {
      error.hint = "whether it was taken is not known: plait history " + event.collection +
                   " … shows it, as " + to_text(event.id);
    }
    return error;
  }
  auto* committed = std::get_if<wire::Committed>(&*reply);
  if (committed == nullptr || committed->events.empty()) {
    return Error{Code::bad_message, "the gateway answered the commit with something else", {}, {}};
  }
  return std::move(*committed);
}

Json head_json(const Head& head) {
  Json array = Json::array();
  for (const EventId& id : head) array.push(Json::string(to_text(id)));
  return array;
}

void print(const Arguments& arguments, const SetCommand& set, const wire::Committed& committed,
           const Json& values, const Collection& collection) {
  const wire::CommittedEvent& event = committed.events.front();
  if (arguments.json) {
    Json line = Json::object();
    line.set("id", Json::string(to_text(event.id)));
    line.set("status", Json::string(event.known ? "known" : "accepted"));
    line.set("entity", Json::string(to_text(event.entity)));
    line.set("key", event.key ? Json::string(*event.key) : Json());
    line.set("head", head_json(event.head));
    line.set("follow_ups", committed.follow_ups);
    std::printf("%s\n", to_text(line).c_str());
    return;
  }
  std::printf("%s  %s %s  %s\n", to_text(event.id).c_str(), set.collection.c_str(),
              event.key.value_or(set.key).c_str(),
              members_text(values, collection.names()).c_str());
  if (!committed.follow_ups.as_array().empty()) {
    std::printf("  the database added: %s\n", to_text(committed.follow_ups).c_str());
  }
}

Status set_row(const Arguments& arguments, const SetCommand& set) {
  auto asking = Asking::connect(arguments.url);
  if (!asking) return asking.error();
  auto collection = asking->collection(set.collection);
  if (!collection) return collection.error();
  auto values = read_assignments(*collection, set.assignments);
  if (!values) return values.error();
  auto row = fetch_row(*asking, *collection, set.key);
  if (!row) return row.error();
  auto stamp = stamp_after(row->head);
  if (!stamp) return stamp.error();
  Event event = event_that_sets(set.collection, *row, *values, *stamp, random_salt());
  auto committed = commit(*asking, event);
  if (!committed) return committed.error();
  print(arguments, set, *committed, *values, *collection);
  return ok;
}

}  // namespace

Event event_that_sets(const std::string& collection, const wire::Row& row, const Json& values,
                      const Stamp& stamp, std::uint64_t salt) {
  Event event;
  event.collection = collection;
  event.entity = row.entity;
  event.parents = row.head;
  event.operations.set("set", values);
  event.origin = stamp.origin;
  event.salt = salt;
  plait::stamp(event, stamp.hlc);
  return event;
}

ExitCode run_set(const Arguments& arguments, const SetCommand& set) {
  Status done = set_row(arguments, set);
  if (done) return ExitCode::ok;
  std::fputs(error_text(done.error()).c_str(), stderr);
  return exit_code(done.error());
}

}  // namespace plait::cli
