// extension/commit_request.cpp: what plait.commit is asked to do, checked as far as that needs no
// data.

#include "extension/commit_request.h"

#include <algorithm>

#include "extension/entity_locks.h"
#include "extension/merge_view.h"
#include "extension/node.h"
#include "extension/random.h"
#include "extension/reference.h"
#include "extension/settings.h"

namespace plait {

namespace {

[[noreturn]] void refuse_at(const RequestedEvent& at, const Error& error) {
  std::string hint =
      error.hint.empty() ? "docs/protocol.md describes an event under commit." : error.hint;
  throw Refusal(Error{error.code, error.what, at.where(error.where), hint});
}

void expect_ok(const RequestedEvent& at, const Status& status) {
  if (!status) refuse_at(at, status.error());
}

RequestedEvent read_one(Json json, int index) {
  RequestedEvent requested;
  requested.index = index;
  if (const Json* expects = json.find("expect_head")) {
    if (!expects->is_boolean())
      refuse(Code::bad_event, "expect_head is not true or false", requested.where("/expect_head"),
             "Send true, or leave it out.");
    requested.expects_head = expects->as_boolean();
    json.erase("expect_head");
  }
  auto event = read_event(json);
  if (!event) refuse_at(requested, event.error());
  requested.event = *std::move(event);
  if (!requested.event.salt)
    refuse(Code::bad_event, "an event has no salt", requested.where("/salt"),
           "Send 8 random bytes in hex; they are part of its id.");
  if (requested.event.parents.size() > head_width_max)
    refuse(Code::too_large,
           "an event has " + std::to_string(requested.event.parents.size()) + " parents, " +
               std::to_string(head_width_max) + " are allowed",
           requested.where("/parents"), "Name the entity's head, which is never wider.");
  return requested;
}

std::string place(const RequestedEvent& requested, const Operations::Change& change) {
  return requested.where("/operations/" + std::string(change.verb) + "/" +
                         std::string(change.property));
}

// Whether an input function's error is about the value: its text, a name in it that nothing has
// (regclass), a type that takes none (pg_node_tree).
bool blames_value(int sqlstate) {
  int category = ERRCODE_TO_CATEGORY(sqlstate);
  return category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_FEATURE_NOT_SUPPORTED ||
         (category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
          sqlstate != ERRCODE_INSUFFICIENT_PRIVILEGE);
}

// What the type's own input function says of a value, told as ours.
void check_value(const RequestedEvent& requested, const TrackedProperty& property,
                 const Operations::Change& change) {
  if (referred_entity(*requested.collection, property, *change.value)) return;
  try {
    pg([&] {
      int level = pin_settings();
      bool is_null;
      read_wire(*property.type, *change.value, &is_null);
      unpin_settings(level);
    });
  } catch (const PgError& error) {
    if (!blames_value(error.data().sqlerrcode)) rethrow_at(error, place(requested, change));
    refuse(Code::bad_value, error.what(), place(requested, change),
           error.data().hint != nullptr
               ? error.data().hint
               : "Send a value of the column's type, as docs/formats.md has it.");
  }
}

void check_operations(RequestedEvent& requested) {
  requested.collection = collection_named(requested.event.collection);
  if (!requested.collection || !requested.collection->tracked)
    refuse(Code::unknown_collection, "there is no collection " + requested.event.collection,
           requested.where("/collection"), "plait.track('table') makes a table a collection.");
  if (requested.collection->columns == nullptr)
    refuse(Code::unknown_collection,
           "the table of collection " + requested.event.collection + " is gone",
           requested.where("/collection"), "Its history stays; it takes no events any more.");
  if (requested.collection->being_backfilled)
    refuse(Code::being_tracked,
           "rows of collection " + requested.event.collection + " have no history yet",
           requested.where("/collection"),
           "Try again when plait.track_concurrently has come to its end: plait.progress shows how "
           "far it is.");
  auto operations = read_operations(requested.event.operations);
  if (!operations) refuse_at(requested, operations.error());
  expect_ok(requested, properties_of(*requested.collection).check(*operations));
  for (const Operations::Change& change : operations->changes) {
    const TrackedProperty* property = requested.collection->property(change.property);
    if (property == nullptr) continue;  // its column is gone: history alone
    if (property->derived)
      refuse(Code::bad_value, std::string(change.property) + " is a generated column",
             place(requested, change), "Leave it out: the database computes it.");
    check_value(requested, *property, change);
  }
}

void check_id(const RequestedEvent& requested, const NodeId& own, Hlc now) {
  const Event& event = requested.event;
  if (event.origin == own)
    refuse(Code::bad_event, "an event names the database's own node as its origin",
           requested.where("/origin"), "Use an id of your own, made once for each client.");
  expect_ok(requested, check_event(event));
  Hlc greatest = event.parents.empty() ? 0 : event.parents.back().hlc();
  expect_ok(requested, check_drift(event.id.hlc(), now, greatest, max_clock_drift_ms()));
}

const Json& events_of(const Json& request) {
  if (request.is_array()) return request;
  const Json* events = request.find("events");
  if (events == nullptr || !events->is_array())
    refuse(Code::bad_event, "a commit has no events", "/events",
           "Send [event, …] or {\"events\": [event, …], \"context\": {…}}.");
  for (const auto& [member, unused] : request.as_object())
    if (member != "events" && member != "context")
      refuse(Code::bad_event, "a commit has no member " + member, "/" + member,
             "Its members are events and context.");
  return *events;
}

void check_size(const Json& events) {
  std::size_t count = events.as_array().size();
  if (count > commit_events_max)
    refuse(Code::too_large,
           "a commit has " + std::to_string(count) + " events, " +
               std::to_string(commit_events_max) + " are allowed",
           "/events", "Send them in several commits.");
  std::size_t bytes = 0;
  for (const Json& event : events.as_array()) bytes += to_text(event).size();
  if (bytes > commit_operations_bytes_max)
    refuse(Code::too_large,
           "a commit has " + std::to_string(bytes) + " bytes, " +
               std::to_string(commit_operations_bytes_max) + " are allowed",
           "/events", "Send it in several commits.");
}

// Ascending by id; the same event twice is one.
void put_in_order(CommitRequest& request) {
  auto id = [](const RequestedEvent& requested) { return requested.event.id; };
  std::ranges::stable_sort(request.events, {}, id);
  auto same = [](const RequestedEvent& a, const RequestedEvent& b) {
    return a.event.id == b.event.id && to_json(a.event) == to_json(b.event);
  };
  request.events.erase(std::ranges::unique(request.events, same).begin(), request.events.end());
  auto twice = std::ranges::adjacent_find(request.events, {}, id);
  if (twice != request.events.end())
    refuse(Code::id_conflict, "two events of this commit have the id " + to_text(twice->event.id),
           twice->where("/id"), "Stamp one of them again.");
}

}  // namespace

CommitRequest read_commit_request(const char* text) {
  CommitRequest request;
  Json json = or_refuse(parse_json(text));
  const Json& events = events_of(json);
  check_size(events);
  if (const Json* context = json.find("context"); context != nullptr && !context->is_null()) {
    if (!context->is_object())
      refuse(Code::bad_event, "context is no object", "/context", "Send a JSON object.");
    request.context = *context;
  }
  for (const Json& event : events.as_array()) {
    request.events.push_back(read_one(event, static_cast<int>(request.events.size())));
    request.order.push_back(request.events.back().event.id);
  }
  NodeId own = own_node().id;
  Hlc now = now_hlc();
  for (const RequestedEvent& requested : request.events) check_id(requested, own, now);
  for (RequestedEvent& requested : request.events) check_operations(requested);
  put_in_order(request);
  return request;
}

}  // namespace plait
