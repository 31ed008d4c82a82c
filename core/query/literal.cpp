// core/query/literal.cpp: Postgres' input functions, as far as a query needs them.

#include "core/query/literal.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "core/event/ulid.h"
#include "core/query/moment.h"

namespace plait::query {

namespace {

using Read = std::variant<ReadLiteral, NoSuchValue, AskTheDatabase>;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Any beginning of true, false, yes, no; on, off or of; 1, 0.
Read read_boolean(std::string_view text) {
  std::string word = lower_case(trimmed(text));
  if (word.empty()) return NoSuchValue{};
  auto begins = [&](std::string_view whole) { return whole.starts_with(word); };
  if (begins("true") || begins("yes") || word == "on" || word == "1") {
    return ReadLiteral{true, "true"};
  }
  if (begins("false") || begins("no") || word == "off" || word == "of" || word == "0") {
    return ReadLiteral{false, "false"};
  }
  return NoSuchValue{};
}

Read read_integer(std::string_view text, Family family) {
  std::string_view digits = trimmed(text);
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return NoSuchValue{};
  }
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return NoSuchValue{};
  std::int64_t max = family == Family::int2   ? std::numeric_limits<std::int16_t>::max()
                     : family == Family::int4 ? std::numeric_limits<std::int32_t>::max()
                                              : std::numeric_limits<std::int64_t>::max();
  if (value > max || value < -max - 1) return NoSuchValue{};
  return ReadLiteral{value, std::to_string(value)};
}

Read read_numeric(std::string_view text) {
  auto decimal = parse_decimal(text);
  if (!decimal) return NoSuchValue{};
  return ReadLiteral{std::move(*decimal), std::string(trimmed(text))};
}

Read read_floating(std::string_view text, Family family) {
  auto number = read_float(text, domain_of(family));
  if (!number) return NoSuchValue{};
  return ReadLiteral{*number, std::string(trimmed(text))};
}

// 32 hex digits, a hyphen allowed behind every fourth, braces around it allowed.
Read read_uuid(std::string_view text) {
  bool braces = text.starts_with('{');
  if (braces) text.remove_prefix(1);
  std::string canonical;
  for (int digits = 0; digits < 32; ++digits) {
    if (digits > 0 && digits % 4 == 0 && text.starts_with('-')) text.remove_prefix(1);
    if (text.empty() || !std::isxdigit(static_cast<unsigned char>(text[0]))) return NoSuchValue{};
    if (digits == 8 || digits == 12 || digits == 16 || digits == 20) canonical += '-';
    canonical += text[0];
    text.remove_prefix(1);
  }
  if (text != (braces ? "}" : "")) return NoSuchValue{};
  canonical = lower_case(canonical);
  return ReadLiteral{canonical, canonical};
}

Read read_ulid(std::string_view text) {
  auto ulid = parse_ulid(text);
  if (!ulid) return NoSuchValue{};
  std::string canonical = to_text(*ulid);
  return ReadLiteral{canonical, canonical};
}

// \x and hex digits; the escape format is the database's business.
Read read_bytea(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return AskTheDatabase{};
  auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  if (!std::ranges::all_of(text.substr(2), is_hex)) return AskTheDatabase{};
  std::string canonical = lower_case(text);
  return ReadLiteral{canonical, canonical};
}

Read read_label(std::string_view text, const std::vector<std::string>& labels) {
  auto found = std::ranges::find(labels, text);
  if (found == labels.end()) return NoSuchValue{};
  return ReadLiteral{static_cast<std::int64_t>(found - labels.begin()), *found};
}

// Four digits of a year are beyond doubt under every DateStyle; of other years Postgres may know
// less.
bool is_plain_year(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' &&
         std::all_of(text.begin(), text.begin() + 4, is_digit);
}

std::optional<std::int64_t> parse_moment(std::string_view text, Family family) {
  if (family == Family::time) return parse_time(text);
  if (family == Family::date) return parse_date(text);
  return family == Family::timestamp ? parse_timestamp(text) : parse_timestamptz(text);
}

Read read_moment(std::string_view text, Family family) {
  bool infinite = text == "infinity" || text == "-infinity";
  bool certain = infinite || family == Family::time || is_plain_year(text);
  auto moment = certain ? parse_moment(text, family) : std::nullopt;
  if (!moment) return AskTheDatabase{};
  std::string bound(text);
  if (family == Family::timestamptz && !infinite) {
    // The session's TimeZone must not decide: what names no zone is UTC.
    bool before_christ = bound.ends_with(" BC");
    if (before_christ) bound.resize(bound.size() - 3);
    bool has_time = bound.find(':') != std::string::npos;
    if (!has_time) bound += " 00:00";
    if (bound.find_first_of("Z+-", 10) == std::string::npos) bound += "+00";
    if (before_christ) bound += " BC";
  }
  return ReadLiteral{*moment, std::move(bound)};
}

// Takes elements off the front of an array's text; what does not fit leaves `failed`.
struct ArrayReader {
  std::string_view rest;
  bool failed = false;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (!rest.empty() && is_blank(rest[0])) rest.remove_prefix(1);
  }

  // A character behind a backslash is itself.
  void append_next(std::string& element) {
    take('\\');
    failed |= rest.empty();
    if (failed) return;
    element += rest[0];
    rest.remove_prefix(1);
  }

  std::optional<std::string> quoted() {
    std::string element;
    take('"');
    while (!failed && !take('"')) append_next(element);
    return element;
  }

  std::optional<std::string> plain() {
    std::string element;
    std::size_t last = 0;  // behind the last character that is no bare blank
    bool escaped = false;
    while (!failed && !rest.empty() && rest[0] != ',' && rest[0] != '}') {
      bool bare_blank = is_blank(rest[0]);
      failed |= rest[0] == '"' || rest[0] == '{';
      escaped |= rest[0] == '\\';
      append_next(element);
      if (!bare_blank) last = element.size();
    }
    element.resize(last);
    failed |= element.empty();
    if (!escaped && lower_case(element) == "null") return std::nullopt;
    return element;
  }
};

}  // namespace

Read read_literal(std::string_view text, Family family, const std::vector<std::string>& labels) {
  switch (family) {
    case Family::boolean:
      return read_boolean(text);
    case Family::int2:
    case Family::int4:
    case Family::int8:
      return read_integer(text, family);
    case Family::numeric:
      return read_numeric(text);
    case Family::float4:
    case Family::float8:
      return read_floating(text, family);
    case Family::text:
    case Family::varchar:
    case Family::name:
      return ReadLiteral{std::string(text), std::string(text)};
    case Family::character:
      return ReadLiteral{std::string(without_trailing_blanks(text)), std::string(text)};
    case Family::uuid:
      return read_uuid(text);
    case Family::ulid:
      return read_ulid(text);
    case Family::date:
    case Family::time:
    case Family::timestamp:
    case Family::timestamptz:
      return read_moment(text, family);
    case Family::bytea:
      return read_bytea(text);
    case Family::enumeration:
      return read_label(text, labels);
    case Family::network:
    case Family::other:
      break;
  }
  return AskTheDatabase{};
}

std::optional<ReadLiteral> read_answer(std::string_view text, Family family) {
  if (domain_of(family) != Domain::moment) return ReadLiteral{std::string(text), std::string(text)};
  auto moment = parse_moment(text, family);
  if (!moment) return std::nullopt;
  return ReadLiteral{*moment, std::string(text)};
}

std::optional<double> read_float(std::string_view text, Domain domain) {
  auto decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  switch (decimal->kind) {
    case Decimal::Kind::not_a_number:
      return std::numeric_limits<double>::quiet_NaN();
    case Decimal::Kind::infinity:
      return std::numeric_limits<double>::infinity();
    case Decimal::Kind::minus_infinity:
      return -std::numeric_limits<double>::infinity();
    case Decimal::Kind::finite:
      break;
  }
  double nearest = nearest_float(std::string(trimmed(text)), domain);
  if (std::isinf(nearest) || (nearest == 0 && !decimal->is_zero())) return std::nullopt;
  return nearest;
}

double nearest_float(const std::string& number, Domain domain) {
  // Not through double: rounding twice is not rounding once.
  if (domain == Domain::float4) return static_cast<double>(std::strtof(number.c_str(), nullptr));
  return std::strtod(number.c_str(), nullptr);
}

std::optional<std::vector<std::optional<std::string>>> read_array(std::string_view text) {
  ArrayReader reader{trimmed(text)};
  std::vector<std::optional<std::string>> elements;
  if (!reader.take('{')) return std::nullopt;
  reader.skip_blanks();
  if (reader.take('}')) return reader.rest.empty() ? std::optional(elements) : std::nullopt;
  do {
    reader.skip_blanks();
    elements.push_back(reader.rest.starts_with('"') ? reader.quoted() : reader.plain());
    reader.skip_blanks();
  } while (reader.take(','));
  if (!reader.take('}') || !reader.rest.empty() || reader.failed) return std::nullopt;
  return elements;
}

}  // namespace plait::query
