// core/query/type.h: what queries know of SQL types, and in which domain two of them are compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plait::query {

enum class Family : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  numeric,
  float4,
  float8,
  text,
  varchar,
  name,
  character,  // char(n): trailing blanks do not count
  uuid,
  ulid,
  date,
  time,
  timestamp,
  timestamptz,
  bytea,
  enumeration,  // with known labels
  network,      // inet, cidr, macaddr, macaddr8: equality alone
  other         // IS [NOT] NULL alone
};

// How values are compared, once both sides have been brought to it.
enum class Domain : std::uint8_t {
  boolean,  // false < true
  exact,    // decimals of any size; NaN is equal to itself and the greatest
  float4,   // NaN is equal to itself and the greatest, -0 = 0
  float8,
  text,       // bytes of UTF-8
  character,  // bytes of UTF-8 without trailing blanks
  moment,     // a number of days or microseconds
  rank,       // of an enum's label
  bytes,      // canonical text whose order is the type's: uuid, ulid, bytea
  identity    // canonical text that has no order here
};

// `name`: as format_type gives it, modifiers included: integer, character varying(20), plait.ulid.
Family family_of(std::string_view name);

// The name that a cast to the family is written with (int4); empty: none is (enums, other).
std::string_view cast_name(Family family);

bool is_integer(Family family);
bool is_number(Family family);  // integers, numeric, floats
bool is_float(Family family);
bool is_text(Family family);  // character too

Domain domain_of(Family family);  // REQUIRES: not other

// The domain in which Postgres' operators compare the two, nothing where it has none or where it
// could fail on a value (numeric against float).
std::optional<Domain> meeting(Family left, Family right);

}  // namespace plait::query
