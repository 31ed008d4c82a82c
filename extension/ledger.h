// extension/ledger.h: events and entities in their tables: what is newest, what a key names, and
// the writing of both in bulk.
//
// Everything here runs inside pg(). Writers look with SnapshotSelf: the row lock that they hold
// orders the writers of an entity, and its newest event is read as it is now, never through the
// statement's snapshot, which is stale after a lock wait. Readers give their own snapshot.
#pragma once

#include "extension/wall.h"

#include <span>
#include <string>
#include <string_view>

#include "core/dag/head.h"
#include "core/event/ulid.h"
#include "extension/catalogue.h"
#include "extension/last_entry.h"
#include "extension/table.h"

namespace plait {

struct NewestEvent {
  bool found;
  EventId id;
  std::uint64_t xid;
  ItemPointerData tid;
};

// A row of plait.entity; `head` points into memory of the current context.
struct EntityRow {
  bool found;
  EntityId entity;
  bool has_key;
  const EventId* head;  // NULL: the entity's newest event
  int head_width;
  ItemPointerData tid;
};

// One event on its way into plait.event. Views live until add() returns.
struct EventRow {
  EntityId entity;
  EventId id;
  std::uint64_t salt;
  int origin;
  int actor;
  std::int16_t era;
  std::span<const EventId> parents;
  Datum operations;  // jsonb
  Datum context;     // jsonb
};

class Ledger {
 public:
  // Opens the tables for a statement; an error inside Postgres closes them with its transaction.
  void open(Snapshot snapshot, LOCKMODE lock);
  void close();

  // Says that this writer holds the locks of all rows that it will ask about. What is not there at
  // one look will then not be there at a later one, unless this ledger writes it: so a run of new
  // keys costs a few looks, not one each.
  void hold_all_rows() { holds_all_rows_ = true; }

  NewestEvent newest(int collection, const EntityId& entity);
  EntityRow entity_by_id(int collection, const EntityId& entity);
  EntityRow entity_by_key(int collection, std::string_view key);

  // The head of an entity, ascending: of its row in plait.entity, else its newest event; empty when
  // it has no events.
  void head(int collection, const EntityId& entity, Head& out);

  // Adds an event; written at flush(), or when 500 or a MiB of them have gathered.
  void add(int collection, const EventRow& event);
  void flush();

  // Writes what plait.entity must say of an entity: nothing, if the rule says it by itself
  // (natural: its id follows from `key`; head NULL). `key` empty: it has none.
  void put_entity(int collection, const EntityId& entity, std::string_view key, bool natural,
                  std::span<const EventId> wide_head);

  // The same of an entity that plait.entity has no row of, without a look. `key` empty: it has
  // none.
  void add_entity(int collection, const EntityId& entity, std::string_view key,
                  std::span<const EventId> wide_head);

  // Locks the tuple of an event until the transaction ends: how a dead entity is locked.
  void lock_event(const ItemPointerData& tid);

 private:
  static constexpr int batch_max = 500;
  static constexpr std::size_t batch_bytes_max = 1 << 20;

  Table event_{};
  LastEntry last_;                 // for writers
  Probe newest_;                   // opened when first needed
  Relation exceptions_ = nullptr;  // plait.entity, to see whether it is empty
  Table entity_{};                 // the same, opened with its indexes when first needed
  Probe by_id_;
  Probe by_key_;
  TupleTableSlot** slots_ = nullptr;  // the first slot_count_ of batch_max are made
  int slot_count_ = 0;
  int gathered_ = 0;
  std::size_t gathered_bytes_ = 0;
  MemoryContext memory_ = nullptr;  // the ledger's own
  MemoryContext batch_ = nullptr;   // the gathered rows' values
  Snapshot snapshot_ = nullptr;
  LOCKMODE lock_ = NoLock;

  // Entities of a collection between two others, of which none has events.
  struct Gap {
    bool known;
    int collection;
    EntityId after;
    bool has_end;
    EntityId end;
  };
  static constexpr int ascending_min = 4;  // looks in a row that make another one's order likely

  bool holds_all_rows_ = false;
  bool saw_no_exceptions_ = false;
  Gap gap_{};
  EntityId looked_for_{};  // last, in vain
  int ascending_ = 0;      // how many looks in vain each were for a greater entity
  Probe successor_;        // opened when first needed

  void open_entities();
  EntityRow read_entity(Probe& probe);
  bool no_exceptions();
  TupleTableSlot* newest_row(const Datum* keys);
  bool in_gap(int collection, const EntityId& entity) const;
  void note_absence(int collection, const EntityId& entity);
  void find_gap(int collection, const EntityId& entity);
};

}  // namespace plait
