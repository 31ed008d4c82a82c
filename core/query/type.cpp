// core/query/type.cpp: SQL type names and Postgres' choice of comparison operators.

#include "core/query/type.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plait::query {

namespace {

constexpr std::pair<std::string_view, Family> family_names[] = {
    {"boolean", Family::boolean},
    {"bool", Family::boolean},
    {"smallint", Family::int2},
    {"int2", Family::int2},
    {"integer", Family::int4},
    {"int", Family::int4},
    {"int4", Family::int4},
    {"bigint", Family::int8},
    {"int8", Family::int8},
    {"numeric", Family::numeric},
    {"decimal", Family::numeric},
    {"real", Family::float4},
    {"float4", Family::float4},
    {"double precision", Family::float8},
    {"float8", Family::float8},
    {"text", Family::text},
    {"character varying", Family::varchar},
    {"varchar", Family::varchar},
    {"name", Family::name},
    {"character", Family::character},
    {"bpchar", Family::character},
    {"char", Family::character},
    {"uuid", Family::uuid},
    {"plait.ulid", Family::ulid},
    {"date", Family::date},
    {"time", Family::time},
    {"time without time zone", Family::time},
    {"timestamp", Family::timestamp},
    {"timestamp without time zone", Family::timestamp},
    {"timestamptz", Family::timestamptz},
    {"timestamp with time zone", Family::timestamptz},
    {"bytea", Family::bytea},
};

constexpr std::string_view network_names[] = {"inet", "cidr", "macaddr", "macaddr8"};

// timestamp(3) without time zone → timestamp without time zone
std::string without_modifier(std::string_view name) {
  std::size_t open = name.find('(');
  std::size_t close = name.find(')', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(name);
  return std::string(name.substr(0, open)).append(name.substr(close + 1));
}

}  // namespace

Family family_of(std::string_view name) {
  std::string plain = without_modifier(name);
  for (const auto& [known, family] : family_names) {
    if (known == plain) return family;
  }
  bool network = std::ranges::find(network_names, plain) != std::end(network_names);
  return network ? Family::network : Family::other;
}

std::string_view cast_name(Family family) {
  switch (family) {
    case Family::boolean:
      return "bool";
    case Family::int2:
      return "int2";
    case Family::int4:
      return "int4";
    case Family::int8:
      return "int8";
    case Family::numeric:
      return "numeric";
    case Family::float4:
      return "float4";
    case Family::float8:
      return "float8";
    case Family::text:
    case Family::varchar:
    case Family::name:
      return "text";
    case Family::character:
      return "bpchar";
    case Family::uuid:
      return "uuid";
    case Family::ulid:
      return "plait.ulid";
    case Family::date:
      return "date";
    case Family::time:
      return "time";
    case Family::timestamp:
      return "timestamp";
    case Family::timestamptz:
      return "timestamptz";
    case Family::bytea:
      return "bytea";
    case Family::enumeration:
    case Family::network:
    case Family::other:
      break;
  }
  return {};
}

bool is_integer(Family family) {
  return family == Family::int2 || family == Family::int4 || family == Family::int8;
}

bool is_float(Family family) { return family == Family::float4 || family == Family::float8; }

bool is_text(Family family) {
  return family == Family::text || family == Family::varchar || family == Family::name ||
         family == Family::character;
}

bool is_number(Family family) {
  return is_integer(family) || family == Family::numeric || is_float(family);
}

Domain domain_of(Family family) {
  switch (family) {
    case Family::boolean:
      return Domain::boolean;
    case Family::int2:
    case Family::int4:
    case Family::int8:
    case Family::numeric:
      return Domain::exact;
    case Family::float4:
      return Domain::float4;
    case Family::float8:
      return Domain::float8;
    case Family::text:
    case Family::varchar:
    case Family::name:
      return Domain::text;
    case Family::character:
      return Domain::character;
    case Family::date:
    case Family::time:
    case Family::timestamp:
    case Family::timestamptz:
      return Domain::moment;
    case Family::enumeration:
      return Domain::rank;
    case Family::uuid:
    case Family::ulid:
    case Family::bytea:
      return Domain::bytes;
    case Family::network:
    case Family::other:
      break;
  }
  return Domain::identity;
}

std::optional<Domain> meeting(Family left, Family right) {
  if (left == Family::other || right == Family::other) return std::nullopt;
  if (left == right) return domain_of(left);
  if (is_number(left) && is_number(right)) {
    if (!is_float(left) && !is_float(right)) return Domain::exact;
    // A numeric may be greater than any float: Postgres' cast would fail on that row.
    if (left == Family::numeric || right == Family::numeric) return std::nullopt;
    return Domain::float8;
  }
  if (is_text(left) && is_text(right)) {
    Family least = std::min(left, right);
    if (std::max(left, right) != Family::character || least == Family::text) return Domain::text;
    // varchar has no operators of its own, so char's are the nearest.
    if (least == Family::varchar) return Domain::character;
  }
  return std::nullopt;
}

}  // namespace plait::query
