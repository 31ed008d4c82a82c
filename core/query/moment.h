// core/query/moment.h: ISO 8601 dates and times as Postgres writes them, as numbers that compare.
//
// Read are: 2020-01-31, 0044-03-15 BC, 2020-01-31T12:30:00.5, 2020-01-31 12:30, …+02, …+05:30, …Z,
// infinity, -infinity. All else is nothing here; Postgres knows many spellings more.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace plait::query {

inline constexpr std::int64_t infinite_future = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t infinite_past = std::numeric_limits<std::int64_t>::min();

// Days since 1970-01-01.
std::optional<std::int64_t> parse_date(std::string_view text);

// Microseconds of the day; 24:00:00 is the greatest.
std::optional<std::int64_t> parse_time(std::string_view text);

// Microseconds since 1970-01-01 00:00, the time being midnight where it is missing. timestamptz
// without a zone is UTC, timestamp with one is nothing.
std::optional<std::int64_t> parse_timestamp(std::string_view text);
std::optional<std::int64_t> parse_timestamptz(std::string_view text);

}  // namespace plait::query
