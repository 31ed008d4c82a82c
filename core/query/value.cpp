// core/query/value.cpp: wire values, read and compared.

#include "core/query/value.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/query/literal.h"
#include "core/query/moment.h"

namespace plait::query {

namespace {

std::optional<Value> from(std::optional<std::int64_t> number) {
  if (!number) return std::nullopt;
  return Value(*number);
}

std::optional<Value> read_float_wire(const Json& wire, Domain domain) {
  std::optional<double> number;
  if (wire.is_number()) {
    number = nearest_float(wire.as_number(), domain);
    if (std::isinf(*number)) return std::nullopt;
  } else if (wire.is_string()) {
    number = read_float(wire.as_string(), domain);
  }
  if (!number) return std::nullopt;
  return Value(*number);
}

// Integers and numeric come as JSON numbers or as strings.
std::optional<Value> read_exact(const Json& wire, bool whole) {
  if (!wire.is_number() && !wire.is_string()) return std::nullopt;
  const std::string& text = wire.is_number() ? wire.as_number() : wire.as_string();
  if (whole) {
    std::int64_t number = 0;
    const char* last = text.data() + text.size();
    auto [end, error] = std::from_chars(text.data(), last, number);
    if (error == std::errc() && end == last) return Value(number);
  }
  auto decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  if (whole) return from(to_int64(*decimal));
  return Value(std::move(*decimal));
}

std::optional<Value> read_rank(const std::string& label, const std::vector<std::string>& labels) {
  auto found = std::ranges::find(labels, label);
  if (found == labels.end()) return std::nullopt;
  return Value(static_cast<std::int64_t>(found - labels.begin()));
}

// NaN is equal to itself and the greatest, -0 is 0.
std::weak_ordering compare_floats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  if (a == b) return std::weak_ordering::equivalent;
  return a < b ? std::weak_ordering::less : std::weak_ordering::greater;
}

std::string_view text_of(const Value& value) {
  if (const auto* owned = std::get_if<std::string>(&value)) return *owned;
  const auto* view = std::get_if<std::string_view>(&value);
  assert(view != nullptr);
  return *view;
}

Decimal decimal_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return to_decimal(*number);
  const auto* decimal = std::get_if<Decimal>(&value);
  assert(decimal != nullptr);
  return *decimal;
}

}  // namespace

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::optional<Value> read_wire(const Json& wire, Family family,
                               const std::vector<std::string>& labels) {
  if (wire.is_null()) return Value();
  if (family == Family::boolean) {
    if (!wire.is_boolean()) return std::nullopt;
    return Value(wire.as_boolean());
  }
  if (is_float(family)) return read_float_wire(wire, domain_of(family));
  if (is_number(family)) return read_exact(wire, is_integer(family));
  if (!wire.is_string()) return std::nullopt;
  const std::string& text = wire.as_string();
  switch (family) {
    case Family::character:
      return Value(without_trailing_blanks(text));
    case Family::date:
      return from(parse_date(text));
    case Family::time:
      return from(parse_time(text));
    case Family::timestamp:
      return from(parse_timestamp(text));
    case Family::timestamptz:
      return from(parse_timestamptz(text));
    case Family::enumeration:
      return read_rank(text, labels);
    default:
      return Value(std::string_view(text));
  }
}

Value to_domain(Value value, Domain domain) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text != nullptr && domain == Domain::character) return without_trailing_blanks(*text);
  if (domain != Domain::float4 && domain != Domain::float8) return value;
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return value;
  if (domain == Domain::float4) return static_cast<double>(static_cast<float>(*number));
  return static_cast<double>(*number);
}

std::weak_ordering compare(const Value& a, const Value& b) {
  assert(!is_null(a) && !is_null(b));
  if (const auto* truth = std::get_if<bool>(&a)) {
    const auto* other = std::get_if<bool>(&b);
    assert(other != nullptr);
    return *truth <=> *other;
  }
  if (const auto* number = std::get_if<double>(&a)) {
    const auto* other = std::get_if<double>(&b);
    assert(other != nullptr);
    return compare_floats(*number, *other);
  }
  const auto* whole = std::get_if<std::int64_t>(&a);
  const auto* other = std::get_if<std::int64_t>(&b);
  if (whole != nullptr && other != nullptr) return *whole <=> *other;
  if (whole != nullptr || other != nullptr || std::holds_alternative<Decimal>(a)) {
    return decimal_of(a) <=> decimal_of(b);
  }
  // char_traits compares as unsigned bytes, which is the order of code points.
  return text_of(a) <=> text_of(b);
}

}  // namespace plait::query
