// core/tests/random_json.h: random JSON values, and the same value written in other ways.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event/json.h"
#include "core/tests/random.h"

namespace plait {

// Characters that are told apart by some rule: escapes, the ends of UTF-8's lengths, both sides of
// the surrogates.
inline constexpr std::string_view json_characters[] = {
    "a",      "Z",      "0",      " ",      "\"",     "\\",         "/",          "\b",
    "\f",     "\n",     "\r",     "\t",     "\x01",   "\x1f",       "\x7f",       "\u0080",
    "\u00f6", "\u07ff", "\u0800", "\u20ac", "\ud7ff", "\ue000",     "\ufb33",     "\uffff",
    "e",      "$",      "\u4f60", "u",      "{",      "\U00010000", "\U0001f600", "\U0010ffff"};

inline std::string random_string(Random& random) {
  std::string text;
  for (std::size_t left = random.below(12); left > 0; --left) text += random.pick(json_characters);
  return text;
}

inline std::string random_number_token(Random& random) {
  std::string token = random.chance(40) ? "-" : "";
  if (random.chance(30)) {
    token += "0";
  } else {
    token += static_cast<char>('1' + random.below(9));
    const std::size_t digits = random.below(random.chance(80) ? 20 : 400);
    for (std::size_t i = 0; i < digits; ++i) {
      token += static_cast<char>('0' + (random.chance(40) ? 0 : random.below(10)));
    }
  }
  if (random.chance(50)) {
    token += '.';
    const std::size_t digits = 1 + random.below(random.chance(80) ? 18 : 400);
    for (std::size_t i = 0; i < digits; ++i) {
      token += static_cast<char>('0' + (random.chance(50) ? 0 : random.below(10)));
    }
  }
  if (random.chance(40)) {
    constexpr std::string_view signs[] = {"", "+", "-"};
    token += random.chance(50) ? "e" : "E";
    token += random.pick(signs);
    if (random.chance(20)) token += "00";
    token += std::to_string(random.below(random.chance(80) ? 30 : 500));
  }
  return token;
}

inline Json random_json(Random& random, int depth = 4) {
  switch (random.below(depth > 0 ? 6 : 4)) {
    case 0:
      return Json::null();
    case 1:
      return Json::boolean(random.chance(50));
    case 2:
      return Json::number(*canonical_number(random_number_token(random)));
    case 3:
      return Json::string(random_string(random));
    case 4: {
      Json array = Json::array();
      for (std::size_t left = random.below(5); left > 0; --left) {
        array.push(random_json(random, depth - 1));
      }
      return array;
    }
    default: {
      Json object = Json::object();
      for (std::size_t left = random.below(5); left > 0; --left) {
        object.set(random_string(random), random_json(random, depth - 1));
      }
      return object;
    }
  }
}

inline std::string random_space(Random& random) {
  constexpr std::string_view spaces[] = {"", "", " ", "\n", "\t\r "};
  return std::string(random.pick(spaces));
}

// A string with \u where the canonical form has none.
inline std::string random_spelling(Random& random, std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (byte < 0x20 || c == '"' || c == '\\' || random.chance(20))) {
      constexpr std::string_view digits = "0123456789abcdef";
      constexpr std::string_view upper = "0123456789ABCDEF";
      const std::string_view hex = random.chance(50) ? digits : upper;
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// The value with other spacing, other escapes and its members in another order.
inline std::string spelled_otherwise(Random& random, const Json& value) {
  std::string out = random_space(random);
  if (value.is_string()) {
    out += random_spelling(random, value.as_string());
  } else if (value.is_array()) {
    out += '[';
    const Json::Array& items = value.as_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ',';
      out += spelled_otherwise(random, items[i]);
    }
    if (items.empty()) out += random_space(random);
    out += ']';
  } else if (value.is_object()) {
    std::vector<const Json::Member*> members;
    for (const Json::Member& member : value.as_object()) members.push_back(&member);
    random.shuffle(members);
    out += '{' + random_space(random);
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += "," + random_space(random);
      out += random_spelling(random, members[i]->first) + random_space(random) + ":";
      out += spelled_otherwise(random, members[i]->second);
    }
    out += '}';
  } else {
    out += to_text(value);
  }
  return out + random_space(random);
}

}  // namespace plait
