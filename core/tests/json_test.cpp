// core/tests/json_test.cpp: the reader takes RFC 8259 and nothing else, the writer has one text a
// value.
#include "core/event/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "core/tests/random.h"
#include "core/tests/random_json.h"

namespace plait {
namespace {

std::string canonical(std::string_view text) {
  auto json = parse_json(text);
  return json ? to_text(*json) : "refused: " + json.error().what + " at " + json.error().where;
}

void expect_refused(std::string_view text, std::string_view where) {
  auto json = parse_json(text);
  ASSERT_FALSE(json) << text;
  EXPECT_EQ(json.error().code, Code::bad_value) << text;
  EXPECT_EQ(json.error().where, where) << text << ": " << json.error().what;
}

// ---- values ----

TEST(Json, MembersAreFoundSetAndErased) {
  Json json = Json::object();
  json.set("b", Json::integer(1)).set("a", Json::string("x")).set("b", Json::integer(2));
  EXPECT_EQ(to_text(json), R"({"a":"x","b":2})");
  ASSERT_NE(json.find("b"), nullptr);
  EXPECT_EQ(json.find("b")->as_number(), "2");
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(Json::string("a").find("a"), nullptr);
  json.erase("a");
  json.erase("nobody");
  EXPECT_EQ(to_text(json), R"({"b":2})");
}

TEST(Json, IntegersOfAllWidths) {
  EXPECT_EQ(to_text(Json::integer(0)), "0");
  EXPECT_EQ(to_text(Json::integer(-42)), "-42");
  EXPECT_EQ(to_text(Json::integer(9'007'199'254'740'992)), "9007199254740992");
  EXPECT_EQ(to_text(Json::integer(9'007'199'254'740'993)), "9007199254740993e0");
  EXPECT_EQ(to_text(Json::integer(INT64_MIN)), "-9223372036854775808e0");
}

// ---- the reader ----

TEST(Json, WhatIsNoJsonIsRefusedWithItsPlace) {
  expect_refused("", "byte 0");
  expect_refused("  ", "byte 2");
  expect_refused("nul", "byte 0");
  expect_refused("True", "byte 0");
  expect_refused("1 2", "byte 2");
  expect_refused("{} x", "byte 3");
  expect_refused("[1,]", "byte 3");
  expect_refused("[1 2]", "byte 3");
  expect_refused("[1", "byte 2");
  expect_refused("{\"a\" 1}", "byte 5");
  expect_refused("{\"a\":1,}", "byte 7");
  expect_refused("{a:1}", "byte 1");
  expect_refused("{1:1}", "byte 1");
  expect_refused("{", "byte 1");
  expect_refused("]", "byte 0");
  expect_refused("'a'", "byte 0");
  expect_refused("// c\n1", "byte 0");
  expect_refused("\xef\xbb\xbf{}", "byte 0");  // a byte order mark
  expect_refused("\"a", "byte 2");
  expect_refused("\f1", "byte 0");
  expect_refused(std::string("1\0", 2), "byte 1");
  expect_refused(std::string("\0", 1), "byte 0");
}

TEST(Json, ADoubleKeyIsRefused) {
  expect_refused(R"({"a":1,"a":2})", "byte 0");
  expect_refused(R"([{"b":1,"a":1,"b":1}])", "byte 1");
  expect_refused(R"({"a":1,"\u0061":2})", "byte 0");  // the same key in other letters
  EXPECT_EQ(canonical(R"({"a":1,"A":2,"b":{"a":1}})"), R"({"A":2,"a":1,"b":{"a":1}})");
}

TEST(Json, NoSurrogateStandsAlone) {
  EXPECT_EQ(canonical(R"("\ud83d\ude00")"), "\"\U0001f600\"");
  EXPECT_EQ(canonical(R"("\uD800\uDC00")"), "\"\U00010000\"");
  EXPECT_EQ(canonical(R"("\uDBFF\uDFFF")"), "\"\U0010ffff\"");
  expect_refused(R"("\ud83d")", "byte 1");
  expect_refused(R"("a\ude00")", "byte 2");
  expect_refused(R"("\ud83d\ud83d")", "byte 1");
  expect_refused(R"("\ud83dx")", "byte 1");
  expect_refused(R"("\ud83d\n")", "byte 1");
  expect_refused(R"("\ud83d\u12")", "byte 1");
}

TEST(Json, EscapesAreThoseOfTheStandard) {
  EXPECT_EQ(canonical(R"("\"\\\/\b\f\n\r\t\u0041\u00e9")"), "\"\\\"\\\\/\\b\\f\\n\\r\\tA\u00e9\"");
  expect_refused(R"("\u0000")", "byte 1");
  expect_refused(R"("\x41")", "byte 1");
  expect_refused(R"("\U00e9")", "byte 1");
  expect_refused(R"("\u00g0")", "byte 1");
  expect_refused(R"("\u12")", "byte 1");
  expect_refused("\"\\", "byte 1");
  expect_refused("\"\n\"", "byte 1");
  expect_refused("\"\x1f\"", "byte 1");
  expect_refused(std::string("\"\0\"", 3), "byte 1");
}

TEST(Json, OnlyWellFormedUtf8IsRead) {
  for (std::string_view good :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    const std::string text = "\"" + std::string(good) + "\"";
    EXPECT_EQ(canonical(text), text);
  }
  for (std::string_view bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf",          // overlong, 2 bytes
        "\xc2", "\xc2\xc2", "\xe0\x9f\xbf",              // overlong, 3
        "\xed\xa0\x80", "\xed\xbf\xbf",                  // surrogates
        "\xe2\x82", "\xe2\x82\x41", "\xf0\x8f\xbf\xbf",  // overlong, 4
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",          // above U+10FFFF
        "\xf0\x9f\x98", "\xf0\x9f\x98\x22", "\xf8\x88\x80\x80\x80", "\xff", "\xfe"}) {
    expect_refused("\"" + std::string(bad) + "\"", "byte 1");
  }
}

TEST(Json, DepthIsBounded) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(64)));
  expect_refused(nested(65), "byte 64");
  EXPECT_TRUE(parse_json(nested(3), {.depth_max = 3}));
  EXPECT_FALSE(parse_json(nested(4), {.depth_max = 3}));
  EXPECT_FALSE(parse_json(std::string(10'000'000, '[')));
  EXPECT_FALSE(parse_json(R"({"a":{"a":{"a":1}}})", {.depth_max = 2}));
  EXPECT_TRUE(parse_json("1", {.depth_max = 0}));
  EXPECT_TRUE(parse_json("[[],[],[]]", {.depth_max = 2}));  // depth, not count
}

TEST(Json, WhatIsWrittenReadsBackEqual) {
  for_each_seed(3'000, [](Random& random) {
    const Json json = random_json(random);
    auto again = parse_json(to_text(json));
    ASSERT_TRUE(again) << to_text(json) << again.error().what << again.error().where;
    EXPECT_EQ(*again, json);
    EXPECT_EQ(to_text(*again), to_text(json));
  });
}

TEST(Json, EverySpellingOfAValueHasOneCanonicalForm) {
  for_each_seed(3'000, [](Random& random) {
    const Json json = random_json(random);
    const std::string spelled = spelled_otherwise(random, json);
    EXPECT_EQ(canonical(spelled), to_text(json)) << spelled;
  });
}

TEST(Json, NoInputBreaksTheReader) {  // damaged texts: refused, or a value with a stable text
  for_each_seed(20'000, [](Random& random) {
    constexpr std::string_view bytes = "{}[]\",:\\u0123eE+-.tfn \x01\x80\xbf\xc2\xed\xf0\xff";
    const Json json = random_json(random);
    std::string text = spelled_otherwise(random, json);
    for (std::size_t left = 1 + random.below(4); left > 0 && !text.empty(); --left) {
      const std::size_t at = random.below(text.size());
      const char byte = random.pick(bytes);
      if (random.chance(40)) {
        text[at] = byte;
      } else if (random.chance(50)) {
        text.insert(at, 1, byte);
      } else {
        text.erase(at, 1 + random.below(3));
      }
    }
    auto read = parse_json(text);
    if (read) {
      EXPECT_EQ(canonical(to_text(*read)), to_text(*read));
    } else {
      EXPECT_EQ(read.error().where.substr(0, 5), "byte ");
    }
  });
}

// ---- the writer ----

TEST(Json, TheRfcsExampleHasItsText) {  // RFC 8785, sections 3.2.2 and 3.2.3, with exact numbers
  EXPECT_EQ(canonical(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })"),
            "{\"literals\":[null,true,false],"
            "\"numbers\":[33333333333333329e-8,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(Json, KeysAreInTheOrderOfUtf16) {  // RFC 8785, section 3.2.3
  EXPECT_EQ(canonical(R"({
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis"
  })"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
            "\"\U0001f600\":\"Emoji: Grinning Face\","
            "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

// The text as UTF-16 code units, two bytes each.
std::u16string utf16(std::string_view utf8) {
  std::u16string units;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    const int length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t point = length == 1 ? first : first & (0xff >> (length + 1));
    for (int k = 1; k < length; ++k) {
      point = point << 6 | (static_cast<unsigned char>(utf8[i + static_cast<std::size_t>(k)]) & 63);
    }
    i += static_cast<std::size_t>(length);
    if (point < 0x10000) {
      units += static_cast<char16_t>(point);
    } else {
      units += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
      units += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return units;
}

TEST(Json, OrderOfKeysIsThatOfTheirCodeUnits) {
  for_each_seed(20'000, [](Random& random) {
    const std::string common = random_string(random);
    const std::string a = common + random_string(random);
    const std::string b = common + random_string(random);
    EXPECT_EQ(utf16_less(a, b), utf16(a) < utf16(b)) << a << " | " << b;
    EXPECT_EQ(utf16_less(b, a), utf16(b) < utf16(a));
    EXPECT_FALSE(utf16_less(a, a));
  });
}

TEST(Json, EveryCharacterIsEscapedWhereverItStands) {
  for (int code = 1; code < 0x80; ++code) {
    const std::string one(1, static_cast<char>(code));
    std::string escaped = one;
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", code);
    if (code < 0x20) escaped = buffer;
    for (auto [c, text] : {std::pair{'\b', "\\b"},
                           {'\t', "\\t"},
                           {'\n', "\\n"},
                           {'\f', "\\f"},
                           {'\r', "\\r"},
                           {'"', "\\\""},
                           {'\\', "\\\\"}}) {
      if (code == c) escaped = text;
    }
    for (std::size_t before = 0; before < 18; ++before) {
      for (std::string_view filling : {"x", "\xc2\x80", "\x7f"}) {
        std::string run;
        for (std::size_t i = 0; i < before; ++i) run += filling;
        std::string out = "=";
        append_json_string(out, run + one + run);
        ASSERT_EQ(out, "=\"" + run + escaped + run + "\"");
      }
    }
  }
}

}  // namespace
}  // namespace plait
