// core/event/decimal.cpp: exact decimals.

#include "core/event/decimal.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace plait {

namespace {

// What numeric holds at most; it counts in groups of four digits.
constexpr std::int64_t digits_before_point_max = 131'072;
constexpr std::int64_t digits_behind_point_max = 16'383;
constexpr std::int64_t written_exponent_max = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool equal_in_any_case(std::string_view text, std::string_view lower) {
  auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::ranges::equal(text, lower, same);
}

// NaN has no sign; infinities may.
std::optional<Decimal> parse_special(std::string_view text) {
  Decimal special;
  if (equal_in_any_case(text, "nan")) {
    special.kind = Decimal::Kind::not_a_number;
    return special;
  }
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!equal_in_any_case(text, "infinity") && !equal_in_any_case(text, "inf")) return std::nullopt;
  special.kind = negative ? Decimal::Kind::minus_infinity : Decimal::Kind::infinity;
  return special;
}

// The digits behind e; nothing: no number.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t exponent = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (exponent > written_exponent_max || exponent < -written_exponent_max) return std::nullopt;
  return exponent;
}

// ---- digit by digit, the last one first ----

Decimal special_sum(const Decimal& a, const Decimal& b) {
  bool a_is_finite = a.kind == Decimal::Kind::finite;
  if (a_is_finite || b.kind == Decimal::Kind::finite) return a_is_finite ? b : a;
  if (a.kind == b.kind) return a;
  Decimal nothing;
  nothing.kind = Decimal::Kind::not_a_number;
  return nothing;
}

// Of its last digit, as a power of ten.
std::int64_t last_place(const Decimal& decimal) {
  return decimal.exponent - static_cast<std::int64_t>(decimal.digits.size());
}

std::string digits_from_last(const Decimal& decimal, std::int64_t unit) {
  std::string digits(static_cast<std::size_t>(last_place(decimal) - unit), '0');
  digits.append(decimal.digits.rbegin(), decimal.digits.rend());
  return digits;
}

bool is_smaller(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

std::string sum(std::string a, const std::string& b) {
  if (a.size() < b.size()) a.resize(b.size(), '0');
  int carry = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (carry == 0 && i >= b.size()) break;
    int digit = a[i] - '0' + (i < b.size() ? b[i] - '0' : 0) + carry;
    carry = digit / 10;
    a[i] = static_cast<char>('0' + digit % 10);
  }
  if (carry != 0) a += '1';
  return a;
}

// REQUIRES: a is not smaller than b.
std::string difference(std::string a, const std::string& b) {
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (borrow == 0 && i >= b.size()) break;
    int digit = a[i] - '0' - (i < b.size() ? b[i] - '0' : 0) - borrow;
    borrow = digit < 0 ? 1 : 0;
    a[i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return a;
}

Decimal from_last(std::string_view digits, std::int64_t unit, bool negative) {
  Decimal decimal;
  std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits = digits.substr(zeros, digits.find_last_not_of('0') + 1 - zeros);
  if (digits.empty()) return decimal;
  decimal.negative = negative;
  decimal.digits.assign(digits.rbegin(), digits.rend());
  decimal.exponent =
      unit + static_cast<std::int64_t>(zeros) + static_cast<std::int64_t>(digits.size());
  return decimal;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  text = trimmed(text);
  if (auto special = parse_special(text)) return special;
  Decimal decimal;
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);

  std::string digits;
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) digits += text[at++];
  std::int64_t point = static_cast<std::int64_t>(digits.size());
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) digits += text[at++];
  }
  if (digits.empty()) return std::nullopt;
  std::int64_t behind = static_cast<std::int64_t>(digits.size()) - point;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    auto exponent = parse_exponent(text.substr(at + 1));
    if (!exponent) return std::nullopt;
    point += *exponent;
    behind -= *exponent;
  }
  if (behind > digits_behind_point_max) return std::nullopt;

  std::size_t leading = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, leading);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.empty()) return decimal;
  decimal.exponent = point - static_cast<std::int64_t>(leading);
  if (decimal.exponent > digits_before_point_max) return std::nullopt;
  decimal.negative = negative;
  decimal.digits = std::move(digits);
  return decimal;
}

std::string to_text(const Decimal& decimal) {
  switch (decimal.kind) {
    case Decimal::Kind::not_a_number:
      return "NaN";
    case Decimal::Kind::infinity:
      return "Infinity";
    case Decimal::Kind::minus_infinity:
      return "-Infinity";
    case Decimal::Kind::finite:
      break;
  }
  if (decimal.is_zero()) return "0";
  std::string text = decimal.negative ? "-" : "";
  const std::string& digits = decimal.digits;
  if (decimal.exponent <= 0)
    return text + "0." + std::string(static_cast<std::size_t>(-decimal.exponent), '0') + digits;
  auto whole = static_cast<std::size_t>(decimal.exponent);
  if (whole >= digits.size()) return text + digits + std::string(whole - digits.size(), '0');
  return text + digits.substr(0, whole) + "." + digits.substr(whole);
}

Decimal to_decimal(std::int64_t value) {
  Decimal decimal;
  if (value == 0) return decimal;
  std::string digits = std::to_string(value);
  decimal.negative = digits[0] == '-';
  if (decimal.negative) digits.erase(0, 1);
  decimal.exponent = static_cast<std::int64_t>(digits.size());
  digits.erase(digits.find_last_not_of('0') + 1);
  decimal.digits = std::move(digits);
  return decimal;
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  if (a.kind != Decimal::Kind::finite || b.kind != Decimal::Kind::finite) return special_sum(a, b);
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  // Both as whole numbers of the same unit, the digits from the last to the first.
  std::int64_t unit = std::min(last_place(a), last_place(b));
  std::string one = digits_from_last(a, unit);
  std::string other = digits_from_last(b, unit);
  bool negative = a.negative;
  if (a.negative == b.negative) {
    one = sum(std::move(one), other);
  } else {
    if (is_smaller(one, other)) {
      std::swap(one, other);
      negative = b.negative;
    }
    one = difference(std::move(one), other);
  }
  return from_last(one, unit, negative);
}

std::optional<std::int64_t> to_int64(const Decimal& decimal) {
  if (decimal.kind != Decimal::Kind::finite) return std::nullopt;
  if (decimal.is_zero()) return 0;
  std::int64_t width = static_cast<std::int64_t>(decimal.digits.size());
  if (decimal.exponent < width || decimal.exponent > 19) return std::nullopt;
  std::string text = decimal.negative ? "-" : "";
  text += decimal.digits;
  text.append(static_cast<std::size_t>(decimal.exponent - width), '0');
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.kind != b.kind) return a.kind <=> b.kind;
  if (a.kind != Decimal::Kind::finite) return std::strong_ordering::equal;
  auto sign = [](const Decimal& d) { return d.is_zero() ? 0 : d.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  if (a.is_zero()) return std::strong_ordering::equal;
  const Decimal& first = a.negative ? b : a;  // of two negatives the longer is the smaller
  const Decimal& second = a.negative ? a : b;
  if (a.exponent != b.exponent) return first.exponent <=> second.exponent;
  return first.digits <=> second.digits;
}

bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

}  // namespace plait
