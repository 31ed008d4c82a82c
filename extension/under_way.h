// extension/under_way.h: statements that have begun and not ended, and what was changed meanwhile.
//
// A user's AFTER ROW trigger that updates the same table is captured before the outer statement, so
// a capture alone would see half of the truth. While more than one statement on a table is under
// way, or a commit is, captures only note their changes here; whoever ends last takes them
// composed, one net change a row, and compares its earliest image with the row as it is then.
//
//   begin   BEFORE STATEMENT               end   AFTER STATEMENT: is anything else still under way?
//   note    before and after of one row    take  net changes, composed in the order of the
//   statements
//
// An outer statement never touches a row after an inner one did (Postgres refuses it: 27000), so
// the statement that began first holds a row's earliest image. Notes and statements belong to the
// subtransaction that made them and go with it.
#pragma once

#include "extension/wall.h"

#include <string>
#include <vector>

namespace plait {

// What became of one row. Tuples live until the transaction ends.
struct NetChange {
  HeapTuple before;        // NULL: there was none
  std::string key_before;  // key array; empty with `before`
  HeapTuple after_key;     // an image that holds its last key; NULL: another row has that key
  std::string key_after;   // empty: the row went, unless a row is there again
  std::string key_born;    // under which it came, with no `before`
};

void begin_statement(Oid relation, TriggerEvent event);

// Ends the latest statement of this kind on the table. Returns its place in the order of
// statements.
int end_statement(Oid relation, TriggerEvent event);

// Whether a capture on this table must note instead of write.
bool is_under_way(Oid relation);
bool has_notes(Oid relation);

// Copies both tuples (either may be NULL). Inside pg() too: it enters Postgres by a pg() of its
// own, so what it owns is destroyed whatever happens.
void note_change(Oid relation, int sequence, HeapTuple before, std::string key_before,
                 HeapTuple after, std::string key_after);

// How many changes are noted; and of those after the first `from`, what became of the row that had
// `key` (empty: of the row that was inserted): the key after the outermost statement's change of
// it.
std::size_t notes();
std::string key_noted_after(Oid relation, std::size_t from, const std::string& key);

std::vector<NetChange> take_changes(Oid relation);
// The tables that have notes.
std::vector<Oid> noted_relations();

// While a commit is under way every capture notes.
void begin_commit();
void end_commit();

void watch_transactions();  // called by _PG_init

}  // namespace plait
