// core/event/decimal.h: a number of any size, compared and added exactly: Postgres' numeric.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plait {

// sign * 0.digits * 10^exponent. `digits` has neither leading nor trailing zeros; zero has none.
struct Decimal {
  enum class Kind : std::uint8_t { minus_infinity, finite, infinity, not_a_number };
  Kind kind = Kind::finite;
  bool negative = false;  // never for zero
  std::int64_t exponent = 0;
  std::string digits;

  bool is_zero() const { return kind == Kind::finite && digits.empty(); }
};

// NaN is equal to itself and greater than Infinity.
std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
bool operator==(const Decimal& a, const Decimal& b);

// What numeric's input accepts: blanks around it, a sign, digits with a point, an exponent; NaN,
// inf, infinity in any case. Nothing: it is no number, or has more digits than numeric can hold
// (131,072 before the point, 16,383 behind it).
std::optional<Decimal> parse_decimal(std::string_view text);
// Digits with a point and without an exponent, "-0.05"; NaN, Infinity, -Infinity. parse_decimal()
// reads it back, but where a sum has outgrown numeric.
std::string to_text(const Decimal& decimal);
Decimal to_decimal(std::int64_t value);

// Exact, whatever the size. NaN with anything is NaN, and so is Infinity with -Infinity.
Decimal operator+(const Decimal& a, const Decimal& b);

// The whole number, if it is one that fits.
std::optional<std::int64_t> to_int64(const Decimal& decimal);

}  // namespace plait
