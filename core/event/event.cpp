// core/event/event.cpp: canonical form, id and checks of an event; its way from and to messages.

#include "core/event/event.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>

#include "core/event/operations.h"
#include "core/event/sha256.h"

namespace plait {
namespace {

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<char, 16> digits;
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4) digits[i] = hex[value & 15];
  out.append(digits.data(), digits.size());
}

void append_id(std::string& out, const Ulid& id) {
  out += '"';
  append_text(out, id);
  out += '"';
}

bool ascending(std::span<const EventId> ids) {
  return std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
}

// ---- reading ----

Error bad_event(std::string what, std::string where, std::string hint = "") {
  return Error{Code::bad_event, std::move(what), std::move(where), std::move(hint)};
}

constexpr std::array<std::string_view, 7> members{"collection", "entity",  "id",  "operations",
                                                  "origin",     "parents", "salt"};

Status check_members(const Json& json) {
  if (!json.is_object()) return bad_event("an event is a JSON object", "");
  for (const auto& [key, value] : json.as_object()) {
    if (std::find(members.begin(), members.end(), key) == members.end()) {
      std::string text;
      append_json_string(text, key);
      return bad_event("an event has no member " + text, pointer_below("", key),
                       "its members are collection, entity, id, operations, origin, parents, salt");
    }
  }
  for (std::string_view needed : {"collection", "id", "operations", "origin", "parents"}) {
    if (json.find(needed) == nullptr) {
      return bad_event("an event has a member " + std::string(needed), pointer_below("", needed));
    }
  }
  return ok;
}

Result<Ulid> read_id(const Json& json, std::string where) {
  if (!json.is_string()) return bad_event("an id is a string", std::move(where));
  auto id = parse_ulid(json.as_string());
  if (id) return id;
  Error error = id.error();
  error.what += ", at " + error.where;
  error.where = std::move(where);
  return error;
}

Result<std::vector<EventId>> read_parents(const Json& json) {
  if (!json.is_array()) return bad_event("parents are an array of ids", "/parents");
  std::vector<EventId> parents;
  for (const Json& parent : json.as_array()) {
    auto id = read_id(parent, pointer_below("/parents", parents.size()));
    if (!id) return id.error();
    parents.push_back(EventId(*id));
  }
  std::sort(parents.begin(), parents.end());
  parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
  return parents;
}

Result<std::uint64_t> read_salt(const Json& json) {
  const Error error = bad_event("a salt is 16 lower-case hexadecimal digits", "/salt");
  if (!json.is_string() || json.as_string().size() != 16) return error;
  std::uint64_t salt = 0;
  for (char c : json.as_string()) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return error;
    salt = salt << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return salt;
}

// What an event of its kind must have.
Status check_kind(const Event& event, const Operations& operations) {
  if (event.collection.empty()) return bad_event("a collection has a name", "/collection");
  if (event.is_genesis()) {
    if (operations.creates) return ok;
    return bad_event("an event without parents creates its entity", "/operations/create",
                     "send \"create\": true, or the entity's head as parents");
  }
  if (event.entity) return ok;
  return bad_event("an event with parents names its entity", "/entity",
                   "only a genesis may leave the entity out");
}

}  // namespace

void append_canonical_form(std::string& out, std::string_view collection, const EntityId* entity,
                           std::span<const EventId> parents, std::string_view operations,
                           const NodeId& origin, Hlc hlc, std::uint64_t salt) {
  assert(ascending(parents));
  out += "{\"collection\":";
  append_json_string(out, collection);
  if (entity != nullptr) {
    out += ",\"entity\":";
    append_id(out, *entity);
  }
  out += ",\"hlc\":\"";
  append_hex(out, hlc);
  out += "\",\"operations\":";
  out += operations;
  out += ",\"origin\":";
  append_id(out, origin);
  out += ",\"parents\":[";
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (i > 0) out += ',';
    append_id(out, parents[i]);
  }
  out += "],\"salt\":\"";
  append_hex(out, salt);
  out += "\"}";
}

std::string canonical_form(const Event& event) {
  assert(event.salt);
  std::string out;
  append_canonical_form(out, event.collection, event.entity ? &*event.entity : nullptr,
                        event.parents, to_text(event.operations), event.origin, event.id.hlc(),
                        *event.salt);
  return out;
}

EventId id_of(std::string_view canonical_form, Hlc hlc) {
  return id_of(sha256(canonical_form), hlc);
}

EventId id_of(const Sha256Digest& digest, Hlc hlc) {
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) low = low << 8 | digest[i];
  return EventId(make_ulid(hlc, low));
}

void stamp(Event& event, Hlc hlc) {
  assert(event.parents.empty() || event.parents.back().hlc() < hlc);
  event.id = EventId(make_ulid(hlc, 0));
  event.id = id_of(canonical_form(event), hlc);
}

Status check_event(const Event& event) {
  for (const EventId& parent : event.parents) {
    if (parent.hlc() >= event.id.hlc()) {
      return Error{Code::id_not_after_parents,
                   "the event " + to_text(event.id) + " is stamped no later than its parent " +
                       to_text(parent),
                   "", "stamp it after its parents: the greater of now and their greatest hlc + 1"};
    }
  }
  if (!event.salt) return ok;
  const EventId id = id_of(canonical_form(event), event.id.hlc());
  if (id == event.id) return ok;
  return Error{Code::digest_mismatch,
               "the id " + to_text(event.id) + " is not this content's, which is " + to_text(id),
               "/id",
               "the event was altered on its way, or its author builds another canonical form: see "
               "docs/formats.md"};
}

Result<Event> read_event(const Json& json) {
  if (Status good = check_members(json); !good) return good.error();
  const Json& collection = *json.find("collection");
  if (!collection.is_string()) return bad_event("a collection's name is a string", "/collection");
  auto id = read_id(*json.find("id"), "/id");
  if (!id) return id.error();
  auto origin = read_id(*json.find("origin"), "/origin");
  if (!origin) return origin.error();
  auto parents = read_parents(*json.find("parents"));
  if (!parents) return parents.error();
  auto operations = read_operations(*json.find("operations"));
  if (!operations) return operations.error();

  Event event;
  event.id = EventId(*id);
  event.collection = collection.as_string();
  event.parents = std::move(*parents);
  event.operations = *json.find("operations");
  event.origin = NodeId(*origin);
  if (const Json* entity = json.find("entity")) {
    auto entity_id = read_id(*entity, "/entity");
    if (!entity_id) return entity_id.error();
    event.entity = EntityId(*entity_id);
  }
  if (const Json* digits = json.find("salt")) {
    auto salt = read_salt(*digits);
    if (!salt) return salt.error();
    event.salt = *salt;
  }
  if (Status good = check_kind(event, *operations); !good) return good.error();
  return event;
}

Json to_json(const Event& event) {
  Json parents = Json::array();
  for (const EventId& parent : event.parents) parents.push(Json::string(to_text(parent)));
  Json json = Json::object();
  json.set("collection", Json::string(event.collection));
  if (event.entity) json.set("entity", Json::string(to_text(*event.entity)));
  json.set("id", Json::string(to_text(event.id)));
  json.set("operations", event.operations);
  json.set("origin", Json::string(to_text(event.origin)));
  json.set("parents", std::move(parents));
  if (event.salt) {
    std::string digits;
    append_hex(digits, *event.salt);
    json.set("salt", Json::string(digits));
  }
  return json;
}

}  // namespace plait
