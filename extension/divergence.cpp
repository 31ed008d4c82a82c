// extension/divergence.cpp: whether a row's value is what its entity's events say.

#include "extension/divergence.h"

#include <optional>

#include "extension/datum.h"
#include "extension/subtransaction.h"

namespace plait {

namespace {

// A folded value as its column's present type writes it. Nothing: the type does not take it.
std::optional<std::string> through_type(WireType& type, const Json& value) {
  std::string text;
  try {
    in_subtransaction([&] {
      pg([&] {
        bool is_null;
        Datum datum = read_wire(type, value, &is_null);
        if (is_null)
          text = "null";
        else
          append_wire(text, type, datum);
      });
      return true;
    });
    return text;
  } catch (const PgError& error) {
    if (error.data().sqlerrcode == ERRCODE_QUERY_CANCELED) throw;
    return std::nullopt;
  }
}

}  // namespace

void append_row_value(std::string& out, const TrackedProperty& property, TupleTableSlot* row) {
  bool is_null;
  Datum value = slot_getattr(row, property.attribute, &is_null);
  if (is_null)
    out += "null";
  else
    append_wire(out, *property.type, value);
}

bool agrees(const TrackedProperty& property, std::string_view row_value, const Json* folded) {
  if (row_value == (folded == nullptr ? "null" : to_text(*folded))) return true;
  return folded != nullptr && through_type(*property.type, *folded) == row_value;
}

}  // namespace plait
