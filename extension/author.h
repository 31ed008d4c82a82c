// extension/author.h: changes of rows become events: operations, stamp, salt, id.
//
// One Author lives for one statement of capture, track or commit. It names the database's own node
// as origin. Events are gathered and get their ids several at once, which is much quicker than one
// by one. Its methods run inside pg(); it owns buffers, so it stands outside.
#pragma once

#include "extension/wall.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dag/head.h"
#include "core/event/event.h"
#include "core/event/sha256_lanes.h"
#include "extension/canonical_jsonb.h"
#include "extension/catalogue.h"
#include "extension/ledger.h"

namespace plait {

class Author {
 public:
  struct Written {
    EntityId entity;
    EventId event;
  };

  // Reads who writes, in which era and context. `written`: told of every event, at the latest with
  // flush(); NULL: nobody asks, and a statement of ten million rows need not remember them. Outside
  // pg().
  explicit Author(const Collection& collection, std::vector<Written>* written = nullptr);

  // {"create":true,"set":{…}} for a row that is new: what differs from the properties' initial
  // values. `all`: every property, nulls included, as a restore needs them. Key properties only
  // where the entity's id does not say them.
  void describe_create(TupleTableSlot* row, bool all, bool id_says_key);

  // Whether two images differ in a property, byte by byte.
  bool changes(TupleTableSlot* before, TupleTableSlot* after) const;
  // {"set":{…}} of what differs between two images.
  void describe_update(TupleTableSlot* before, TupleTableSlot* after);

  // Operations that were made elsewhere, canonical.
  void describe(std::string_view operations) { operations_ = operations; }
  void describe_delete() { operations_ = "{\"delete\":true}"; }

  // Stamps the described operations as an event of `entity`. The ledger gets it at the latest with
  // flush().
  void write(Ledger& ledger, const EntityId& entity, std::span<const EventId> parents);
  // The same as the genesis whose id becomes the entity's; returns that at once.
  EntityId write_genesis(Ledger& ledger);
  void flush(Ledger& ledger);
  // The latest event that flush() has named.
  const Written& last() const { return last_; }

 private:
  // From this size on an event waits for no other: eight such would fill memory.
  static constexpr std::size_t gathered_bytes_max = 1 << 17;

  // An event whose id is not known yet; its buffers are used again and again.
  struct Unnamed {
    EventRow row;
    Hlc hlc;
    bool names_entity;
    Head parents;
    CanonicalJsonb operations;
    std::string canonical;
  };

  void gather(Ledger& ledger, const EntityId* entity, std::span<const EventId> parents);

  const Collection& collection_;
  int origin_number_;
  NodeId origin_;
  std::int16_t era_;
  int actor_;
  Datum context_;
  std::string operations_;
  std::vector<Unnamed> unnamed_;  // made when first needed, never moved
  std::size_t gathered_ = 0;
  Written last_{};
  std::vector<Written>* written_;
};

}  // namespace plait
