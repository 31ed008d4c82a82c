// core/tests/decimal_test.cpp: exact sums.

#include "core/event/decimal.h"

#include <gtest/gtest.h>

#include "core/tests/random.h"

namespace plait {
namespace {

Decimal decimal(const std::string& text) {
  auto parsed = parse_decimal(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Decimal());
}

std::string scaled(std::int64_t value, int places) {
  return std::to_string(value) + "e" + std::to_string(-places);
}

TEST(Decimal, SumsAreThoseOfWholeNumbers) {
  for_each_seed(20'000, [](Random& random) {
    int digits = static_cast<int>(random.below(17));
    std::int64_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    std::int64_t a = random.between(-bound, bound);
    std::int64_t b = random.chance(10) ? -a : random.between(-bound, bound);
    int places = static_cast<int>(random.below(30)) - 5;
    Decimal sum = decimal(scaled(a, places)) + decimal(scaled(b, places));
    EXPECT_EQ(sum, decimal(scaled(a + b, places))) << a << " + " << b << " / 10^" << places;
    EXPECT_EQ(decimal(to_text(sum)), sum) << to_text(sum);
  });
}

TEST(Decimal, AddsAcrossDistances) {
  EXPECT_EQ(to_text(decimal("1e20") + decimal("1e-20")),
            "100000000000000000000.00000000000000000001");
  EXPECT_EQ(to_text(decimal("1") + decimal("-0.001")), "0.999");
  EXPECT_EQ(to_text(decimal("-1000") + decimal("1")), "-999");
  EXPECT_EQ(to_text(decimal("999.99") + decimal("0.01")), "1000");
  EXPECT_EQ(to_text(decimal("-5") + decimal("5")), "0");
}

TEST(Decimal, WhatIsNotFiniteAddsAsNumericDoes) {
  EXPECT_EQ(to_text(decimal("Infinity") + decimal("-Infinity")), "NaN");
  EXPECT_EQ(to_text(decimal("Infinity") + decimal("Infinity")), "Infinity");
  EXPECT_EQ(to_text(decimal("-Infinity") + decimal("7")), "-Infinity");
  EXPECT_EQ(to_text(decimal("7") + decimal("NaN")), "NaN");
}

TEST(Decimal, TextHasNoExponent) {
  EXPECT_EQ(to_text(decimal("1.50e3")), "1500");
  EXPECT_EQ(to_text(decimal("-25e-4")), "-0.0025");
  EXPECT_EQ(to_text(decimal("12.30")), "12.3");
  EXPECT_EQ(to_text(decimal("-0")), "0");
}

}  // namespace
}  // namespace plait
