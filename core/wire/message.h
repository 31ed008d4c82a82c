// core/wire/message.h: every message of plait.v1, as docs/protocol.md describes it.
//
// A message is one JSON object in one WebSocket text frame; its `type` says which. A request
// carries an `id` that its author chose, and what answers it carries the same. Both sides ignore
// members that they do not know, so that v1 can grow; a member that is known and has the wrong
// shape is bad_message.
//
//   client  hello  subscribe  unsubscribe  fetch  commit  history  ping
//   server  welcome  rows  live  delta  tick  schema  unsubscribed  events  history
//           committed  refused  pong  error  goodbye
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/dag/head.h"
#include "core/event/hlc.h"
#include "core/event/json.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait::wire {

inline constexpr std::string_view subprotocol = "plait.v1";
inline constexpr std::int64_t version = 1;
inline constexpr std::size_t id_bytes_max = 64;  // of a request's id; at least 1

// The codes with which the gateway closes a socket, after a goodbye where one can still be sent.
enum class Close : std::uint16_t {
  normal = 1000,
  going_away = 1001,  // the gateway stops: come back
  not_text = 1003,    // a binary frame
  too_large = 1009,   // a message past limits.message_bytes_max
  internal = 1011,
  hello_first = 4001,  // another message before hello, or none in time
  version_unsupported = 4002,
  bad_message = 4003,    // not JSON, or no message
  too_slow = 4004,       // the client did not read what was sent to it
  silent = 4005,         // no answer to a WebSocket ping
  new_life = 4006,       // the database is another one now: start over
  not_supported = 4007,  // hello asked for what this gateway does not do
};

// --- requests ----------------------------------------------------------------------------------

struct Hello {
  std::string id;
  std::int64_t version = wire::version;
  std::optional<std::string> client;  // who asks, for logs: "plait 0.2.0"
  std::optional<std::string> token;   // reserved: refused with not_supported in this release
};

// A live query. `cursor`: the client still holds this query's rows as of that tick.
struct Subscribe {
  std::string id;  // names the live query until it is unsubscribed
  std::string query;
  Json params = Json::array();
  std::optional<std::string> cursor;
};

struct Unsubscribe {
  std::string id;  // of the live query
};

// One of: a query; entities of a collection; events of an entity.
struct FetchQuery {
  std::string query;
  Json params = Json::array();
};
struct FetchEntities {
  std::string collection;
  std::vector<EntityId> entities;
};
struct FetchEvents {
  std::string collection;
  std::string key;
  std::vector<EventId> events;
};
struct Fetch {
  std::string id;
  std::variant<FetchQuery, FetchEntities, FetchEvents> what;
};

// Events as core/event/event.h reads them, each with an optional "expect_head": true. The database
// checks them; here they are any objects.
struct Commit {
  std::string id;
  Json events = Json::array();
  std::optional<Json> context;  // an object: correlation_id, causation_id, traceparent
};

struct History {
  std::string id;
  std::string collection;
  std::string key;
  std::optional<std::int64_t> budget;  // events at most; absent: the database's default
};

struct Status {
  std::string id;
};

struct Ping {
  std::string id;
};

using Request = std::variant<Hello, Subscribe, Unsubscribe, Fetch, Commit, History, Status, Ping>;

// --- answers and news --------------------------------------------------------------------------

struct Limits {
  std::int64_t message_bytes_max = 0;  // of a frame from the client
  std::int64_t depth_max = 0;          // of its JSON
  std::int64_t queries_max = 0;        // live at once
  std::int64_t requests_max = 0;       // under way at once; more wait unread
  std::int64_t commit_events_max = 0;  // in one commit
  std::int64_t result_bytes_max = 0;   // of one result
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct Welcome {
  std::string id;
  std::int64_t version = wire::version;
  std::string server;                 // "plait-gateway 0.2.0"
  NodeId database;                    // this life of the database
  Hlc time = 0;                       // the server's clock, 16 lower-case hex digits
  std::optional<std::string> cursor;  // the newest tick; absent (null) before the first one
  Limits limits;
  Json schema;  // as plait.schema() gives it
};

struct Row {
  EntityId entity;
  std::string key;  // the value's text for one key column, the JCS array for several
  Head head;
  Json state = Json::object();  // property: value
  bool operator==(const Row&) const = default;
};

// By property, the event whose operation now holds.
using Winners = std::vector<std::pair<std::string, EventId>>;

// What happened to an entity that was a member and still is.
struct Update {
  EntityId entity;
  std::optional<std::string> key = {};  // only where the key may have changed
  Head head;
  Json set = Json::object();  // the changed properties as they now stand
  Winners won = {};
  bool operator==(const Update&) const = default;
};

// What left a result. gone: deleted or hidden; else the row is there and the query no longer says
// so.
struct Remove {
  EntityId entity;
  bool gone = false;
  Head head = {};             // empty where gone
  Json set = Json::object();  // the changed properties; empty where gone and in `rows`
  Winners won = {};
  bool operator==(const Remove&) const = default;
};

// Rows of a fetch, or of a subscribe up to `live`. In order: reset forgets what the client holds of
// the query, a row replaces, remove takes away.
struct Rows {
  std::string id;
  std::int64_t tick = 0;  // that they are of; 0 before the first tick
  bool reset = false;
  std::vector<Row> rows;
  std::vector<Remove> remove;
  bool more = false;  // another `rows` of this id follows
};

// The result is whole. From here on the deltas of `group` are this query's.
struct Live {
  std::string id;
  std::int64_t group = 0;  // the server's number; never given twice by one process
  std::string collection;
  std::int64_t tick = 0;
};

struct Unsubscribed {
  std::string id;
};

// The same bytes for every socket whose session has a query in the group.
struct Delta {
  std::int64_t group = 0;
  std::int64_t tick = 0;
  std::vector<Row> add;  // an entity that is a member already is replaced
  std::vector<Update> update;
  std::vector<Remove> remove;  // one that is no member: nothing
  bool operator==(const Delta&) const = default;
};

// Closes a unit: all rows, live and delta since the last tick are to be applied together.
struct Tick {
  std::optional<std::string> cursor;  // null before the first tick
  std::vector<std::string> commits;   // ids of this session's commits that are covered now
};

// From this tick on the schema is this.
struct Schema {
  std::int64_t tick = 0;
  Json schema;
};

// The events of an entity, oldest first: members as docs/protocol.md lists them.
struct Events {  // type "events" (a fetch's answer) or "history"
  std::string id;
  Json events = Json::array();
};
struct HistoryEvents : Events {};

// What plait.status() says, by item.
struct StatusItems {
  std::string id;
  Json items = Json::object();
};

struct CommittedEvent {
  EventId id;
  bool known = false;  // "known": it was there already; else "accepted"
  EntityId entity;
  std::optional<std::string> key;
  Head head;
};
struct Committed {
  std::string id;
  std::optional<std::string> xid;  // null where nothing new was written
  std::vector<CommittedEvent> events;
  Json follow_ups = Json::array();
};

// Code, what, where, hint and retry are those of plait::Error and its table. A code that this side
// does not know is read as `internal`; code_name keeps what was sent.
struct Failure {
  std::optional<std::string> id;  // of the request; absent: the whole session
  Error error;
  bool retry = false;
  std::string code_name;  // set by read_reply alone; a writer takes the name of error.code
};

// The database's definite no to a commit: nothing of it is kept.
struct Refused : Failure {
  std::optional<std::int64_t> event;  // index in the commit's events
  std::string sqlstate;               // the database's; may be empty
  std::string constraint;             // may be empty
};

// The last message: the socket is closed after it. No id.
struct Goodbye : Failure {};

struct Pong {
  std::string id;
  Hlc time = 0;
};

using Reply = std::variant<Welcome, Rows, Live, Unsubscribed, Delta, Tick, Schema, Events,
                           HistoryEvents, StatusItems, Committed, Refused, Failure, Goodbye, Pong>;

// --- text --------------------------------------------------------------------------------------

// Refuse bad_message with a JSON pointer in Error::where. Cost: linear in the message.
Result<Request> read_request(const Json& message);
Result<Reply> read_reply(std::string_view text);

// The id of a message that may be no request at all, so that its refusal can name it; nothing where
// there is none to name.
std::optional<std::string> request_id(const Json& message);

std::string to_text(const Request& request);
std::string to_text(const Reply& reply);

// --- pieces for a server that has a row's JSON as text already -----------------------------------

// {"entity":…,"key":…,"head":[…],"state":…}; `state` is a JSON object's text, spliced as it is.
void append_row(std::string& out, const EntityId& entity, std::string_view key,
                std::span<const EventId> head, std::string_view state);
// A `rows` message around row texts that are joined by commas.
std::string rows_text(std::string_view id, std::int64_t tick, bool reset, std::string_view rows,
                      std::span<const Remove> remove, bool more);
// A `delta` message around row texts that are joined by commas.
std::string delta_text(std::int64_t group, std::int64_t tick, std::string_view add,
                       std::span<const Update> update, std::span<const Remove> remove);

}  // namespace plait::wire
