// core/query/moment.cpp: ISO 8601 as Postgres writes it.

#include "core/query/moment.h"

namespace plait::query {

namespace {

constexpr std::int64_t second = 1'000'000;  // microseconds
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year_max = 5'874'897;  // date's last one
constexpr std::int64_t zone_hours_max = 15;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes pieces off the front of a text; what does not fit leaves `failed`.
struct Reader {
  std::string_view rest;
  bool failed = false;

  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void need(char c) { failed |= !take(c); }

  // `least` to `most` digits, at most `limit`.
  std::int64_t number(std::size_t least, std::size_t most, std::int64_t limit) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < most && digits < rest.size() && is_digit(rest[digits]); ++digits) {
      value = value * 10 + (rest[digits] - '0');
    }
    rest.remove_prefix(digits);
    failed |= digits < least || value > limit;
    return value;
  }

  // .5 → 500,000 microseconds; without a point none.
  std::int64_t fraction() {
    if (!take('.')) return 0;
    std::size_t before = rest.size();
    std::int64_t value = number(1, 6, 999'999);
    for (std::size_t digits = before - rest.size(); digits < 6; ++digits) value *= 10;
    return value;
  }
};

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t days_of_month(std::int64_t year, std::int64_t month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant's days_from_civil); the year
// before 1 is 0.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day_of_month) {
  year -= month <= 2;
  std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  std::int64_t year_of_era = year - era * 400;
  std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
  std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

std::int64_t read_date(Reader& reader, bool before_christ) {
  std::int64_t year = reader.number(4, 7, year_max);
  reader.need('-');
  std::int64_t month = reader.number(2, 2, 12);
  reader.need('-');
  std::int64_t day_of_month = reader.number(2, 2, 31);
  reader.failed |= year == 0 || month == 0 || day_of_month == 0;
  if (before_christ) year = 1 - year;
  if (reader.failed || day_of_month > days_of_month(year, month)) {
    reader.failed = true;
    return 0;
  }
  return days_from_civil(year, month, day_of_month);
}

std::int64_t read_time(Reader& reader) {
  std::int64_t hours = reader.number(2, 2, 24);
  reader.need(':');
  std::int64_t time = hours * hour + reader.number(2, 2, 59) * minute;
  if (reader.take(':')) {
    time += reader.number(2, 2, 59) * second;
    time += reader.fraction();
  }
  reader.failed |= time > day;
  return time;
}

// Microseconds east of UTC.
std::int64_t read_zone(Reader& reader) {
  if (reader.take('Z')) return 0;
  bool west = reader.take('-');
  if (!west) reader.need('+');
  std::int64_t zone = reader.number(2, 2, zone_hours_max) * hour;
  if (reader.take(':')) zone += reader.number(2, 2, 59) * minute;
  if (reader.take(':')) zone += reader.number(2, 2, 59) * second;
  return west ? -zone : zone;
}

std::optional<std::int64_t> parse_infinity(std::string_view text) {
  if (text == "infinity") return infinite_future;
  if (text == "-infinity") return infinite_past;
  return std::nullopt;
}

bool take_before_christ(std::string_view& text) {
  if (!text.ends_with(" BC")) return false;
  text.remove_suffix(3);
  return true;
}

std::optional<std::int64_t> parse_instant(std::string_view text, bool with_zone) {
  if (auto infinity = parse_infinity(text)) return infinity;
  bool before_christ = take_before_christ(text);
  Reader reader{text};
  std::int64_t days = read_date(reader, before_christ);
  std::int64_t time = 0;
  if (reader.take('T') || reader.take(' ')) {
    time = read_time(reader);
    if (with_zone && !reader.rest.empty()) time -= read_zone(reader);
  }
  // A timestamp's microseconds end in the year 294276.
  constexpr std::int64_t days_max = infinite_future / day - 2;
  if (reader.failed || !reader.rest.empty() || days > days_max) return std::nullopt;
  return days * day + time;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (auto infinity = parse_infinity(text)) return infinity;
  bool before_christ = take_before_christ(text);
  Reader reader{text};
  std::int64_t days = read_date(reader, before_christ);
  if (reader.failed || !reader.rest.empty()) return std::nullopt;
  return days;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Reader reader{text};
  std::int64_t time = read_time(reader);
  if (reader.failed || !reader.rest.empty()) return std::nullopt;
  return time;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  return parse_instant(text, false);
}

std::optional<std::int64_t> parse_timestamptz(std::string_view text) {
  return parse_instant(text, true);
}

}  // namespace plait::query
