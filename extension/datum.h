// extension/datum.h: values of Postgres types and their form on the wire (design: docs/sql.md,
// "Values").
//
// Every function here runs inside pg(): Postgres' conversion functions may raise errors, and they
// run as the caller. Text that depends on settings is made under pinned ones (PinnedSettings).
#pragma once

#include "extension/wall.h"

#include <string>

#include "core/event/json.h"

namespace plait {

enum class WireKind : std::uint8_t {
  boolean,
  small_integer,  // int2, int4: JSON number
  real4,
  real8,    // JSON number; NaN, Infinity, -Infinity and -0 as strings
  decimal,  // int8, numeric: string
  jsonb,    // nested; {"$json": v} where v would be taken for SQL NULL or for this wrapper
  json,     // a string, as it was written
  array,    // nested arrays; Postgres' text when a lower bound is not 1, or when several dimensions
            // could not be told from elements that are JSON arrays themselves
  bytea,    // \x and hex
  datetime,  // date, timestamp, timestamptz: ISO 8601, UTC
  text,      // all else: the type's output function
};

// How one type is converted; lives in the memory context that it was made in.
struct WireType {
  Oid type;
  int32 typmod;
  Oid base;  // of a domain, else the type itself
  WireKind kind;
  bool depends_on_settings;  // its text form, or an element's
  int16 length;
  bool by_value;
  char align;
  FmgrInfo output;
  FmgrInfo input;
  Oid input_parameter;
  WireType* element;  // of an array, else NULL
};

// The conversions of a type, allocated in `context`.
WireType* wire_type(Oid type, int32 typmod, MemoryContext context);

// Appends the canonical JSON of a value that is not NULL.
void append_wire(std::string& out, WireType& type, Datum value);

// The value of a JSON value on the wire; JSON null gives *is_null. Raises what the type's input
// function raises, and 22P02 for a JSON value of another shape.
Datum read_wire(WireType& type, const Json& value, bool* is_null);

// The same for a value that was of the type when it was stored: what a domain asks of it is not
// asked again, for its CHECK may call a function of whoever owns the domain, and this value may be
// none for its eyes. The value is of type `base`.
Datum read_stored(WireType& type, const Json& value, bool* is_null);

// Whether two values have the same bytes once detoasted: what *changed* means, not `=`.
bool same_image(const WireType& type, Datum a, Datum b);

// All settings that text depends on: DateStyle ISO, IntervalStyle postgres, TimeZone UTC,
// extra_float_digits 1, bytea_output hex, lc_monetary C, xmloption content, quote_all_identifiers
// off, array_nulls on, search_path pg_catalog, from pin_settings() to unpin_settings(). An error in
// between restores them with its transaction.
int pin_settings();
void unpin_settings(int level);

}  // namespace plait
