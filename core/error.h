// core/error.h: every error that Plait knows: its name everywhere, its SQLSTATE, whether a retry
// helps.
//
// One table serves SQL, the gateway, the command line and the SDKs. A code's name and SQLSTATE
// never change once released. The SQLSTATE class is our own: not `PT`, which PostgREST reads as an
// HTTP status.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plait {

enum class Code : std::uint8_t {
  // An event that cannot be taken.
  missing_parents,       // a parent is unknown, or is an event of another entity
  id_not_after_parents,  // an id must be greater than every parent's
  clock_drift,           // the author's clock is too far ahead
  digest_mismatch,       // the id is not the id of this content
  id_conflict,           // the id is taken by an event with other content
  entity_exists,         // a second genesis
  bad_entity,            // a genesis that names its entity as it must not
  bad_event,             // the shape of an event
  bad_value,             // a value, a verb or a property that does not fit
  head_moved,            // expect_head, and the parents are not the head
  head_too_wide,         // the head would pass its greatest width
  history_compacted,     // what the merge needs is no longer kept, or past the budget
  restore_incomplete,    // this restore must name every property
  too_large,             // more than a limit allows; `what` names limit and actual
  // What the database decides.
  not_found,              // no such entity, or none that the caller may see
  permission_denied,      // a right is missing
  constraint_violation,   // CHECK, foreign key, unique, not null, exclusion
  write_refused,          // a trigger let no row through
  database_error,         // any other error of Postgres; its SQLSTATE comes along
  serialization_failure,  // 40001, 40P01: the same again will do
  unavailable,            // the database cannot be reached at the moment
  // Collections.
  unknown_collection,
  unknown_property,
  collection_exists,  // the name belongs to another table, now or before
  not_trackable,      // a table that Plait does not take; the hint says why
  key_changed,        // tracked again with another key whose old columns are gone
  being_tracked,      // plait.track_concurrently has not come to its end
  history_exists,     // DROP EXTENSION without CASCADE, and there are events
  // Reading.
  bad_cursor,       // text that is no cursor
  cursor_unknown,   // no such tick in this life of the database: reconcile
  budget_exceeded,  // a walk went past what it was allowed
  bad_query,        // the query language; `where` is the position
  // The wire.
  bad_message,
  hello_first,
  version_unsupported,
  too_many_queries,
  unknown_query,
  too_slow,
  unauthenticated,
  not_supported,
  internal,  // our mistake: please report
};

struct ErrorRow {
  Code code;
  std::string_view name;      // in SQL's DETAIL, on the wire, in C++ and TypeScript
  std::string_view sqlstate;  // five characters
  bool retry;                 // the same again, later or after what the hint says, may succeed
};

// A row a code, in the order of the codes.
extern const std::array<ErrorRow, static_cast<std::size_t>(Code::internal) + 1> error_table;

std::string_view name(Code code);
std::string_view sqlstate(Code code);
// The code of an error that a database reports: our own SQLSTATEs, and those of Postgres that have
// a meaning here (PostgreSQL manual, appendix A). Empty: the connection is gone.
Code code_of_sqlstate(std::string_view sqlstate);
bool worth_retry(Code code);

// What was wrong, where, and how to mend it. An `assert` is for our mistakes, an Error for
// everybody else's.
struct Error {
  Code code = Code::internal;
  std::string what;   // year is "MMI"
  std::string where;  // a JSON pointer (/operations/set/year), a position, an index; may be empty
  std::string hint;   // send a number; may be empty
};

}  // namespace plait
