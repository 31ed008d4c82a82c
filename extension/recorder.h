// extension/recorder.h: pairs of row images become events in the ledger, one an entity.
//
//   before  after
//   -       row     genesis, or a restore where the key had an entity
//   row     row     set what differs; a changed key moves with its entity
//   row     -       delete
#pragma once

#include "extension/wall.h"

#include <string>
#include <vector>

#include "extension/author.h"
#include "extension/catalogue.h"
#include "extension/identity.h"
#include "extension/key.h"
#include "extension/ledger.h"
#include "extension/row_now.h"
#include "extension/under_way.h"

namespace plait {

class Recorder {
 public:
  // `written`: told of every event, by close() of all; NULL: nobody asks. Outside pg(); the rest
  // inside.
  explicit Recorder(const Collection& collection, std::vector<Author::Written>* written = nullptr);

  void open(Relation relation);
  // Either may be NULL, not both. Slots stay the caller's.
  void record(TupleTableSlot* before, TupleTableSlot* after);
  // For a row that a commit has just written and whose entity has this key already: what differs
  // from what the commit's events say, on top of them.
  void record_on_top(TupleTableSlot* expected, TupleTableSlot* row);
  // Whether the entity of a row that was there before its table was tracked has events by now.
  bool is_recorded(TupleTableSlot* row);
  void close();

 private:
  struct Move {
    EntityId entity;
    bool has_natural_id;
    EntityId natural;  // of the new key
    std::string key;
  };

  void record_insert(TupleTableSlot* after);
  void record_update(TupleTableSlot* before, TupleTableSlot* after);
  void record_delete(TupleTableSlot* before);

  void write_genesis(const Identity& identity, TupleTableSlot* row);
  // The head of a known entity, into parents_; locks its newest event first if it is dead.
  void read_head(const Identity& identity);
  // Writes the described operations on the head in parents_, which becomes one event wide.
  void write_event(const Identity& identity);
  // Everything gathered is where the next look finds it.
  void flush();
  Identity expect_entity(TupleTableSlot* row);
  void settle_moves();

  const Collection& collection_;
  Author author_;
  Ledger ledger_;
  Relation relation_ = nullptr;
  MemoryContext row_context_ = nullptr;  // reset after each row
  int settings_level_ = -1;
  std::string key_;
  std::string other_key_;
  Head parents_;
  std::vector<Move> moves_;
};

// Compares the earliest image of each changed row with the row as it is now: the net effect of
// everything that was under way. Outside pg().
void record_net_changes(const Collection& collection, Relation relation,
                        const std::vector<NetChange>& changes);

}  // namespace plait
