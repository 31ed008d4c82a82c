// extension/key_note.cpp: what a command may do to a collection's key: each row's entity is noted
// when it begins, and when it ends the key is what the table's primary key is.

#include "extension/key_note.h"

#include <algorithm>
#include <vector>

#include "extension/partition.h"
#include "extension/rekey.h"
#include "extension/track.h"

namespace plait {

namespace {

struct Note {
  SubTransactionId subtransaction;
  bool stops_synchronized_scans;
  CollectionRef before;
  RowEntities rows;
};

// Of this transaction's present command; one that failed may have left some, of a subtransaction
// that is over.
std::vector<Note>& notes() {
  static auto* all = new std::vector<Note>;
  return *all;
}

bool is_present(const Note& note) {
  return note.subtransaction == pg([] { return GetCurrentSubTransactionId(); });
}

void on_transaction_end(XactEvent, void*) {
  if (!notes().empty()) notes() = {};
}

void set_synchronized_scans(const char* value) {
  pg([&] {
    set_config_option("synchronize_seqscans", value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                      true, 0, false);
  });
}

const Note* find_note(int collection) {
  auto found = std::ranges::find_if(notes(), [&](const Note& note) {
    return note.before->number == collection && is_present(note);
  });
  return found == notes().end() ? nullptr : &*found;
}

void expect_primary_key(const Collection& collection) {
  bool has_one = pg([&] {
    Oid constraint;
    get_primary_key_attnos(collection.relation, true, &constraint);
    return OidIsValid(constraint);
  });
  if (!has_one)
    refuse(Code::key_changed, "collection " + collection.name + " would have no primary key",
           collection.name,
           "Drop the old key and add the new one in one ALTER TABLE, or plait.untrack the table "
           "first.");
  TableFacts facts = pg([&] { return read_facts(collection.relation); });
  if (facts.refusal != nullptr)
    refuse(Code::not_trackable,
           "collection " + collection.name + " cannot have this primary key: " + facts.refusal,
           collection.name, facts.hint);
}

// Of other access methods nobody knows whether a rewrite keeps the order of the rows.
void expect_heap(const Collection& collection) {
  const char* other = pg([&]() -> const char* {
    ListCell* cell;
    foreach (cell, tables_under(collection.relation, NoLock)) {
      Relation table = relation_open(lfirst_oid(cell), NoLock);
      Oid method = table->rd_rel->relam;
      relation_close(table, NoLock);
      if (OidIsValid(method) && method != HEAP_TABLE_AM_OID) return get_am_name(method);
    }
    return nullptr;
  });
  if (other != nullptr)
    refuse(Code::key_changed,
           "collection " + collection.name + " has rows in a table of access method " + other +
               ", which may put them into another order while their key changes",
           collection.name, "plait.untrack the table, change it and plait.track it again.");
}

}  // namespace

void note_key(const CollectionRef& collection) {
  std::erase_if(notes(), [&](const Note& note) {
    return !is_present(note) || note.before->number == collection->number;
  });
  // A rewrite that began in the middle of the table would give the rows another order.
  bool stops = synchronize_seqscans;
  if (stops) set_synchronized_scans("off");
  notes().push_back({pg([] { return GetCurrentSubTransactionId(); }), stops, collection,
                     entities_of_rows(*collection)});
}

bool follow_key(int collection, bool values_changed) {
  const Note* note = find_note(collection);
  CollectionRef now = collection_numbered(collection);
  bool has_same_columns = has_columns_of_key(*now);
  if (note == nullptr && has_same_columns && packs_as_before(*now, *now)) return false;
  expect_primary_key(*now);
  if (note == nullptr)
    refuse(
        Code::key_changed,
        "the primary key of collection " + now->name + " cannot change by this command", now->name,
        "Change it by ALTER TABLE, or plait.untrack the table, change it and plait.track again.");
  if (has_same_columns && names_as_before(*note->before, *now, note->rows)) return false;
  expect_heap(*now);
  rekey(*note->before, note->rows, values_changed);
  return true;
}

void forget_notes() {
  bool stopped = std::ranges::any_of(
      notes(), [](const Note& note) { return is_present(note) && note.stops_synchronized_scans; });
  if (stopped) set_synchronized_scans("on");
  notes().clear();
}

void watch_keys() { RegisterXactCallback(on_transaction_end, nullptr); }

}  // namespace plait
