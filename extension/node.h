// extension/node.h: who this database is, in which life, and the numbers of all who write.
//
// A database begins a new life, an era, where its cluster or its OID is another one: restore,
// template copy, pg_upgrade. Transaction ids, OIDs and attribute numbers of an earlier era mean
// nothing.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <string>

#include "core/event/ulid.h"

namespace plait {

struct OwnNode {
  int number;
  NodeId id;
  std::int16_t era;
};

// This life of the database; begins it when this is the first look in it, which writes.
OwnNode own_node();
// The same, without writing: empty in a life that has not begun, as on a standby of a fresh
// restore.
std::optional<OwnNode> known_own_node();
// Inside pg(): whether the greatest era is of this very cluster and database, so that cached OIDs
// hold.
bool life_is_present();

// The number of a client's node, given at its first event.
int node_number(const NodeId& id);
NodeId node_id(int number);

// The number of the present session user, current user and claimed subject (request.jwt.claims ->>
// sub).
int actor_number();
// {"session_user", "current_user", "subject"?} of a number.
std::string actor_json(int number);

void watch_nodes();  // called by _PG_init

}  // namespace plait
