// core/tests/json_number_test.cpp: a number has one text, RFC 8785's if that keeps its value.
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/event/json.h"
#include "core/tests/random.h"
#include "core/tests/random_json.h"

namespace plait {
namespace {

std::string number(std::string_view token) {
  auto canonical = canonical_number(token);
  return canonical ? *canonical : "refused";
}

TEST(JsonNumber, AppendixBOfRfc8785) {  // the double of each row, as the shortest text names it
  constexpr std::pair<std::uint64_t, std::string_view> rows[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : rows) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    char shortest[40];
    auto end =
        std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific)
            .ptr;
    EXPECT_EQ(number({shortest, static_cast<std::size_t>(end - shortest)}), text);
    EXPECT_EQ(number(text), text);
  }
  for (std::string_view token : {"NaN", "Infinity", "-Infinity", "nan", "inf"}) {
    EXPECT_EQ(number(token), "refused");
  }
}

TEST(JsonNumber, EqualValuesHaveEqualTexts) {
  EXPECT_EQ(number("1.0"), "1");
  EXPECT_EQ(number("1e2"), "100");
  EXPECT_EQ(number("100e-2"), "1");
  EXPECT_EQ(number("-0"), "0");
  EXPECT_EQ(number("-0.00"), "0");
  EXPECT_EQ(number("0e999999999999999999999"), "0");
  EXPECT_EQ(number("1.50"), "1.5");
  EXPECT_EQ(number("0.1"), "0.1");
  EXPECT_EQ(number("1E+0005"), "100000");
}

TEST(JsonNumber, NoValueIsLost) {
  EXPECT_EQ(number("9007199254740993"), "9007199254740993e0");
  EXPECT_EQ(number("9007199254740993e0"), "9007199254740993e0");
  EXPECT_EQ(number("1e400"), "1e400");
  EXPECT_EQ(number("-12.5e-400"), "-125e-401");
  EXPECT_EQ(number("2e-324"), "2e-324");  // rounds to 0
  EXPECT_EQ(number("3e-324"), "3e-324");  // rounds to 5e-324
  EXPECT_EQ(number("333333333.33333329"), "33333333333333329e-8");
  EXPECT_EQ(number("0.10000000000000001"), "10000000000000001e-17");
  EXPECT_EQ(number("1.7976931348623159e308"), "17976931348623159e292");
  EXPECT_EQ(number("123456789012345678901234567890"), "12345678901234567890123456789e1");
}

TEST(JsonNumber, WhatIsNoNumberIsRefused) {
  for (std::string_view token :
       {"",   "-",   "+1",    ".5",    "5.",       "01",    "-01", "00",
        "1e", "1e+", "1e-",   "1.e1",  "0x10",     "1_000", "1,5", " 1",
        "1 ", "--1", "1e1.5", "1e1e1", "\xd9\xa1", "1\n",   "e5",  "-e5"}) {
    EXPECT_EQ(number(token), "refused") << token;
  }
}

TEST(JsonNumber, TheExponentIsBounded) {
  EXPECT_EQ(number("1e1000000"), "1e1000000");
  EXPECT_EQ(number("1e-1000000"), "1e-1000000");
  EXPECT_EQ(number("0.1e1000001"), "1e1000000");
  EXPECT_EQ(number("1e1000001"), "refused");
  EXPECT_EQ(number("10e1000000"), "refused");
  EXPECT_EQ(number("1e-1000001"), "refused");
  EXPECT_EQ(number("1e99999999999999999999999999"), "refused");
  EXPECT_EQ(number("1e-99999999999999999999999999"), "refused");
}

TEST(JsonNumber, TheGreatestNumericOfPostgresIsRead) {  // 131,072 digits before, 16,383 after
  const std::string digits(131'072, '7');
  const std::string fraction(16'383, '3');
  EXPECT_EQ(number(digits), digits + "e0");
  EXPECT_EQ(number("-" + digits + "." + fraction), "-" + digits + fraction + "e-16383");
  EXPECT_EQ(number("1" + std::string(131'071, '0')), "1e131071");
  EXPECT_EQ(number("0." + std::string(16'382, '0') + "1"), "1e-16383");
  EXPECT_EQ(number("2." + std::string(16'383, '0')), "2");
}

// ±digits × 10^exponent, the digits without leading and trailing zeros.
std::string decimal(std::string_view token) {
  std::string digits;
  std::int64_t exponent = 0;
  bool point = false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    if (c == '.') point = true;
    if (c >= '0' && c <= '9') {
      digits += c;
      exponent -= point ? 1 : 0;
    }
    if (c == 'e' || c == 'E') {
      exponent += std::strtoll(std::string(token.substr(i + 1)).c_str(), nullptr, 10);
      break;
    }
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return "0";
  while (digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  return (token[0] == '-' ? "-" : "+") + digits + "e" + std::to_string(exponent);
}

TEST(JsonNumber, TheValueStaysToTheLastDigit) {
  for_each_seed(20'000, [](Random& random) {
    const std::string token = random_number_token(random);
    const std::string text = number(token);
    EXPECT_EQ(decimal(text), decimal(token)) << token;
    EXPECT_EQ(number(text), text);
  });
}

TEST(JsonNumber, TheShortestTextOfADoubleIsItsJcsText) {
  for_each_seed(50'000, [](Random& random) {
    const std::uint64_t bits = random.next();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (random.chance(30)) value = std::ldexp(static_cast<double>(bits >> 11), -60);
    if (!std::isfinite(value)) return;
    char shortest[40];
    auto end =
        std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific)
            .ptr;
    const std::string text = number({shortest, static_cast<std::size_t>(end - shortest)});
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value);
    // A bare token shows itself by an exponent without sign or by digits without a point before it.
    const std::size_t e = text.find('e');
    if (e == std::string::npos) return;
    EXPECT_TRUE(text[e + 1] == '+' || text[e + 1] == '-') << text;
    EXPECT_TRUE(e <= 2 || text.find('.') < e) << text;
  });
}

}  // namespace
}  // namespace plait
