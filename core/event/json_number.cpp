// core/event/json_number.cpp: the one text of a decimal number: RFC 8785's, if that loses nothing.

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/event/json.h"

namespace plait {
namespace {

constexpr std::int64_t exponent_max = 1'000'000;
// A double holds every decimal of 15 digits apart from its neighbours, and 17 name each double.
constexpr std::size_t digits_always_exact = 15;
constexpr std::size_t digits_of_double_max = 17;

// ±0.d1d2d3… × 10^point; digits without leading or trailing zeros, empty for 0.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t point = 0;

  std::int64_t exponent() const { return point - static_cast<std::int64_t>(digits.size()); }
};

Error refusal(std::string_view what, std::size_t position) {
  return Error{Code::bad_value, std::string(what), "byte " + std::to_string(position),
               "numbers are written as in JSON: -12.5, 0.001, 6.02e23"};
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Where the parts of a token lie: -12.50e+3 has whole "12", fraction "50", exponent 3.
struct Token {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;  // saturated far above exponent_max
};

// RFC 8259's grammar.
Result<Token> split(std::string_view text) {
  Token token;
  std::size_t at = 0;
  token.negative = !text.empty() && text[0] == '-';
  if (token.negative) ++at;
  std::size_t end = skip_digits(text, at);
  if (end == at) return refusal("not a number", at);
  if (text[at] == '0' && end > at + 1) return refusal("a number with leading zeros", at);
  token.whole = text.substr(at, end - at);
  at = end;
  if (at < text.size() && text[at] == '.') {
    end = skip_digits(text, at + 1);
    if (end == at + 1) return refusal("a number without digits after its point", end);
    token.fraction = text.substr(at + 1, end - at - 1);
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool minus = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    end = skip_digits(text, at);
    if (end == at) return refusal("a number without digits in its exponent", end);
    for (char digit : text.substr(at, end - at)) {
      token.exponent =
          std::min<std::int64_t>(token.exponent * 10 + (digit - '0'), 1'000'000'000'000);
    }
    if (minus) token.exponent = -token.exponent;
    at = end;
  }
  if (at < text.size()) return refusal("not a number", at);
  return token;
}

Decimal normalised(const Token& token) {
  Decimal decimal;
  decimal.digits.reserve(token.whole.size() + token.fraction.size());
  decimal.digits.append(token.whole).append(token.fraction);
  std::size_t leading = decimal.digits.find_first_not_of('0');
  if (leading == std::string::npos) return Decimal{};
  decimal.negative = token.negative;
  decimal.point = static_cast<std::int64_t>(token.whole.size()) + token.exponent -
                  static_cast<std::int64_t>(leading);
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  decimal.digits.erase(0, leading);
  return decimal;
}

// Whether the shortest text of the nearest double has these very digits.
bool is_shortest_of_double(const Decimal& decimal) {
  const std::size_t count = decimal.digits.size();
  if (count > digits_of_double_max || decimal.point < -330 || decimal.point > 330) return false;
  if (count <= digits_always_exact && decimal.point > -307 && decimal.point < 308) return true;
  // Without a decimal point strtod reads the same in every locale.
  const std::string text = decimal.digits + "e" + std::to_string(decimal.exponent());
  const double nearest = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(nearest) || nearest == 0) return false;
  std::array<char, 32> shortest;  // d.ddde±dd
  auto [end, error] = std::to_chars(shortest.data(), shortest.data() + shortest.size(), nearest,
                                    std::chars_format::scientific);
  assert(error == std::errc());
  auto again = split({shortest.data(), static_cast<std::size_t>(end - shortest.data())});
  assert(again);
  const Decimal shown = normalised(*again);
  return shown.digits == decimal.digits && shown.point == decimal.point;
}

// ECMAScript's Number::toString, which RFC 8785 prescribes.
void append_ecmascript(std::string& out, const Decimal& decimal) {
  const std::string& digits = decimal.digits;
  const auto count = static_cast<std::int64_t>(digits.size());
  const std::int64_t point = decimal.point;
  if (count <= point && point <= 21) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".");
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
  }
}

}  // namespace

Result<std::string> canonical_number(std::string_view token) {
  auto parts = split(token);
  if (!parts) return parts.error();
  const Decimal decimal = normalised(*parts);
  if (decimal.digits.empty()) return std::string("0");
  if (std::abs(decimal.exponent()) > exponent_max) {
    return refusal("a number with a decimal exponent beyond 1,000,000", 0);
  }
  std::string out;
  if (decimal.negative) out += '-';
  if (is_shortest_of_double(decimal)) {
    append_ecmascript(out, decimal);
  } else {
    out.append(decimal.digits).append("e").append(std::to_string(decimal.exponent()));
  }
  return out;
}

}  // namespace plait
