// extension/catalogue.h: collections and their properties as a backend knows them.
//
// plait.collection and plait.property are the truth; a Collection is what one statement needs of
// them, cached by table and dropped when the table's relcache entry is (every change of the
// catalogue invalidates it). Of a partitioned table the root is tracked; its leaves are known by
// it.
#pragma once

#include "extension/wall.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "extension/datum.h"

namespace plait {

// How a key names its entity (design 3).
enum class Naming : std::uint8_t {
  ulid,     // a uuid or ulid key is the id
  integer,  // integer keys of at most 8 bytes together, packed into the low 64 bits
  genesis,  // the id of the entity's first genesis; plait.entity maps the key
};

struct TrackedProperty {
  std::string name;    // fixed for life
  std::string member;  // "name": as an object of JSON has it
  std::string column;  // the present name
  AttrNumber attribute = 0;
  std::string merge;    // lww
  std::string initial;  // canonical JSON of the value before any event sets it; empty: SQL NULL
  int key_position = -1;
  bool derived = false;  // GENERATED … STORED: in state, never in operations
  bool not_null = false;
  WireType* type = nullptr;
};

struct Collection {
  int number = 0;
  std::string name;
  Oid relation = InvalidOid;
  Naming naming = Naming::genesis;
  std::vector<int> key_widths;              // bytes a key column, for Naming::integer
  std::vector<TrackedProperty> properties;  // in canonical order of their names
  // Positions in `properties`, in key order; empty: a column of it is gone.
  std::vector<int> key;
  std::vector<TrackedProperty> former;  // whose column is gone; history still names them
  TupleDesc columns = nullptr;          // the table's layout; NULL: the table is gone
  bool depends_on_settings = false;     // some property's text form does
  bool tracked = false;
  bool being_backfilled = false;  // plait.track_concurrently has not come to its end

  Collection() = default;
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;
  ~Collection();

  const TrackedProperty* property(std::string_view property_name) const;
  const TrackedProperty* column(std::string_view column_name) const;

  MemoryContext context = nullptr;  // of the WireTypes and `columns`
};

using CollectionRef = std::shared_ptr<const Collection>;

// The collection of a table, or of a partition's root, tracked now or before; empty if it never
// was.
CollectionRef collection_of(Oid relation);
// By the collection's own name; empty if there is none.
CollectionRef collection_named(std::string_view name);
CollectionRef collection_numbered(int number);
// Refuses unknown_collection (also one that is no longer tracked, unless `also_untracked`).
CollectionRef expect_collection(std::string_view name, bool also_untracked = false);
// Opens all their tables, so it waits for who has locked one.
std::vector<CollectionRef> all_collections();
// The name of the collection, if one is tracked, whose own table this is. Opens no table.
std::optional<std::string> tracked_as(Oid table);

// The text of plait.collection.naming: ulid, integer:4,4, genesis.
std::string naming_text(Naming naming, const std::vector<int>& key_widths);

// Called by _PG_init.
void watch_catalogue();

}  // namespace plait
