// core/error.cpp: the table of errors.

#include "core/error.h"

#include <algorithm>

namespace plait {

const std::array<ErrorRow, static_cast<std::size_t>(Code::internal) + 1> error_table{{
    {Code::missing_parents, "missing_parents", "PL001", true},
    {Code::id_not_after_parents, "id_not_after_parents", "PL002", false},
    {Code::clock_drift, "clock_drift", "PL003", true},
    {Code::digest_mismatch, "digest_mismatch", "PL004", false},
    {Code::id_conflict, "id_conflict", "PL005", false},
    {Code::entity_exists, "entity_exists", "PL006", false},
    {Code::bad_entity, "bad_entity", "PL007", false},
    {Code::bad_event, "bad_event", "PL008", false},
    {Code::bad_value, "bad_value", "PL009", false},
    {Code::head_moved, "head_moved", "PL010", true},
    {Code::head_too_wide, "head_too_wide", "PL011", true},
    {Code::history_compacted, "history_compacted", "PL012", true},
    {Code::restore_incomplete, "restore_incomplete", "PL013", false},
    {Code::too_large, "too_large", "PL014", false},
    {Code::not_found, "not_found", "PL020", false},
    {Code::permission_denied, "permission_denied", "PL021", false},
    {Code::constraint_violation, "constraint_violation", "PL022", false},
    {Code::write_refused, "write_refused", "PL023", false},
    {Code::database_error, "database_error", "PL024", false},
    {Code::serialization_failure, "serialization_failure", "PL025", true},
    {Code::unavailable, "unavailable", "PL026", true},
    {Code::unknown_collection, "unknown_collection", "PL030", false},
    {Code::unknown_property, "unknown_property", "PL031", false},
    {Code::collection_exists, "collection_exists", "PL032", false},
    {Code::not_trackable, "not_trackable", "PL033", false},
    {Code::key_changed, "key_changed", "PL034", false},
    {Code::being_tracked, "being_tracked", "PL035", true},
    {Code::history_exists, "history_exists", "PL036", false},
    {Code::bad_cursor, "bad_cursor", "PL040", false},
    {Code::cursor_unknown, "cursor_unknown", "PL041", false},
    {Code::budget_exceeded, "budget_exceeded", "PL042", true},
    {Code::bad_query, "bad_query", "PL043", false},
    {Code::bad_message, "bad_message", "PL050", false},
    {Code::hello_first, "hello_first", "PL051", false},
    {Code::version_unsupported, "version_unsupported", "PL052", false},
    {Code::too_many_queries, "too_many_queries", "PL053", false},
    {Code::unknown_query, "unknown_query", "PL054", false},
    {Code::too_slow, "too_slow", "PL055", true},
    {Code::unauthenticated, "unauthenticated", "PL056", false},
    {Code::not_supported, "not_supported", "PL057", false},
    {Code::internal, "internal", "PL099", false},
}};

namespace {

constexpr std::size_t row_of(Code code) { return static_cast<std::size_t>(code); }

}  // namespace

std::string_view name(Code code) { return error_table[row_of(code)].name; }
std::string_view sqlstate(Code code) { return error_table[row_of(code)].sqlstate; }

Code code_of_sqlstate(std::string_view sqlstate) {
  auto own = std::ranges::find(error_table, sqlstate, &ErrorRow::sqlstate);
  if (own != error_table.end()) return own->code;
  if (sqlstate == "40001" || sqlstate == "40P01") return Code::serialization_failure;
  if (sqlstate == "42501") return Code::permission_denied;
  if (sqlstate.starts_with("22")) return Code::bad_value;
  if (sqlstate.starts_with("23")) return Code::constraint_violation;
  // Connections, shutdown, too many clients, no space: later it may do.
  if (sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P") ||
      sqlstate.starts_with("53")) {
    return Code::unavailable;
  }
  return Code::database_error;
}

bool worth_retry(Code code) { return error_table[row_of(code)].retry; }

}  // namespace plait
