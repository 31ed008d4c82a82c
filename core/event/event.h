// core/event/event.h: one immutable change of one entity, its canonical form and its id.
//
// The canonical form is RFC 8785 JSON of exactly: collection, entity (absent only in a genesis
// whose own id becomes the entity's id), hlc, operations, origin, parents, salt. The id's first 64
// bits are the hlc, its last 64 the first 8 bytes of the SHA-256 of the canonical form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/hlc.h"
#include "core/event/json.h"
#include "core/event/sha256.h"
#include "core/event/ulid.h"

namespace plait {

struct Event {
  EventId id;
  std::string collection;
  std::optional<EntityId> entity;  // absent: the event is a genesis and its id is the entity's
  std::vector<EventId> parents;    // ascending, distinct; empty in a genesis
  Json operations = Json::object();
  NodeId origin;
  std::optional<std::uint64_t> salt;  // absent: erased, the digest cannot be checked

  EntityId entity_id() const { return entity ? *entity : EntityId(id); }
  bool is_genesis() const { return parents.empty(); }
};

// The canonical form from its parts, appended to `out`; `operations` is canonical JSON. This is
// what capture calls a hundred thousand times a statement.
void append_canonical_form(std::string& out, std::string_view collection, const EntityId* entity,
                           std::span<const EventId> parents, std::string_view operations,
                           const NodeId& origin, Hlc hlc, std::uint64_t salt);
std::string canonical_form(const Event& event);  // REQUIRES: a salt

// The id of a canonical form that was built with this hlc; and from its digest.
EventId id_of(std::string_view canonical_form, Hlc hlc);
EventId id_of(const Sha256Digest& digest, Hlc hlc);

// Gives the event its id. REQUIRES: a salt; parents ascending and all with a smaller hlc.
void stamp(Event& event, Hlc hlc);

// Refuses digest_mismatch unless the id is the content's, id_not_after_parents unless its hlc is
// greater than every parent's. An erased event passes the former.
Status check_event(const Event& event);

// An event as a message carries it: {"id", "collection", "entity"?, "parents", "operations",
// "origin", "salt"?}; ids as text, salt as 16 lower-case hex digits. Parents may come in any order
// and repeated; they are sorted. Unknown members are refused; so are a genesis that does not
// create, and an event with parents that names no entity. Operations have the shape that
// operations.h asks for. Refuses bad_event, bad_value with a JSON pointer in Error::where.
Result<Event> read_event(const Json& json);
Json to_json(const Event& event);

}  // namespace plait
