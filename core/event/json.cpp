// core/event/json.cpp: JSON values and their canonical text (RFC 8785); json_number.cpp has the
// numbers, json_read.cpp the reader.

#include "core/event/json.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>

namespace plait {
namespace {

auto member_before(const Json::Member& member, std::string_view key) {
  return utf16_less(member.first, key);
}

// ---- strings ----

constexpr std::uint64_t every_byte = 0x0101010101010101;

// Whether any of the eight bytes is below 0x20, a quote or a backslash. (A borrow may mark a byte
// above a true one as well, never one without it.)
constexpr bool any_to_escape(std::uint64_t bytes) {
  const std::uint64_t quote = bytes ^ every_byte * '"';
  const std::uint64_t backslash = bytes ^ every_byte * '\\';
  return ((((bytes - every_byte * 0x20) & ~bytes) | ((quote - every_byte) & ~quote) |
           ((backslash - every_byte) & ~backslash)) &
          every_byte * 0x80) != 0;
}

constexpr bool to_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// The first character at or after `from` that must be escaped, or the end.
std::size_t next_to_escape(std::string_view text, std::size_t from) {
  for (std::uint64_t bytes; text.size() - from >= sizeof bytes; from += sizeof bytes) {
    std::memcpy(&bytes, text.data() + from, sizeof bytes);
    if (any_to_escape(bytes)) break;
  }
  while (from < text.size() && !to_escape(text[from])) ++from;
  return from;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view letters = "btn?fr";  // 0x08 … 0x0d, all but 0x0b
  const auto code = static_cast<unsigned char>(c);
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else if (code >= 0x08 && code <= 0x0d && code != 0x0b) {
    out += letters[code - 0x08];
  } else {
    out.append("u00");
    out += hex[code >> 4];
    out += hex[code & 15];
  }
}

}  // namespace

// ---- values ----

Json Json::boolean(bool value) { return Json(value); }

Json Json::number(std::string canonical_token) { return Json(Number{std::move(canonical_token)}); }

Json Json::integer(std::int64_t value) {
  std::array<char, 24> text;
  auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  assert(error == std::errc());
  auto token = canonical_number({text.data(), static_cast<std::size_t>(end - text.data())});
  return Json(Number{std::move(*token)});
}

Json Json::string(std::string_view utf8) { return Json(std::string(utf8)); }
Json Json::array(Array items) { return Json(std::move(items)); }

bool Json::is_null() const { return std::holds_alternative<std::monostate>(held_); }
bool Json::is_boolean() const { return std::holds_alternative<bool>(held_); }
bool Json::is_number() const { return std::holds_alternative<Number>(held_); }
bool Json::is_string() const { return std::holds_alternative<std::string>(held_); }
bool Json::is_array() const { return std::holds_alternative<Array>(held_); }
bool Json::is_object() const { return std::holds_alternative<Object>(held_); }

bool Json::as_boolean() const {
  assert(is_boolean());
  return *std::get_if<bool>(&held_);
}
const std::string& Json::as_number() const {
  assert(is_number());
  return std::get_if<Number>(&held_)->token;
}
const std::string& Json::as_string() const {
  assert(is_string());
  return *std::get_if<std::string>(&held_);
}
const Json::Array& Json::as_array() const {
  assert(is_array());
  return *std::get_if<Array>(&held_);
}
Json::Array& Json::as_array() {
  assert(is_array());
  return *std::get_if<Array>(&held_);
}
const Json::Object& Json::as_object() const {
  assert(is_object());
  return *std::get_if<Object>(&held_);
}

const Json* Json::find(std::string_view key) const {
  const auto* members = std::get_if<Object>(&held_);
  if (members == nullptr) return nullptr;
  auto member = std::lower_bound(members->begin(), members->end(), key, member_before);
  return member != members->end() && member->first == key ? &member->second : nullptr;
}

Json* Json::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

Json& Json::set(std::string_view key, Json value) {
  assert(is_object());
  auto& members = *std::get_if<Object>(&held_);
  auto member = std::lower_bound(members.begin(), members.end(), key, member_before);
  if (member != members.end() && member->first == key) {
    member->second = std::move(value);
  } else {
    members.emplace(member, std::string(key), std::move(value));
  }
  return *this;
}

void Json::erase(std::string_view key) {
  assert(is_object());
  auto& members = *std::get_if<Object>(&held_);
  auto member = std::lower_bound(members.begin(), members.end(), key, member_before);
  if (member != members.end() && member->first == key) members.erase(member);
}

void Json::push(Json value) { as_array().push_back(std::move(value)); }

// ---- canonical text ----

std::string to_text(const Json& value) {
  std::string out;
  append_json(out, value);
  return out;
}

void append_json(std::string& out, const Json& value) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_boolean()) {
    out += value.as_boolean() ? "true" : "false";
  } else if (value.is_number()) {
    out += value.as_number();
  } else if (value.is_string()) {
    append_json_string(out, value.as_string());
  } else if (value.is_array()) {
    char before = '[';
    for (const Json& item : value.as_array()) {
      out += std::exchange(before, ',');
      append_json(out, item);
    }
    out += value.as_array().empty() ? "[]" : "]";
  } else {
    char before = '{';
    for (const auto& [key, member] : value.as_object()) {
      out += std::exchange(before, ',');
      append_json_string(out, key);
      out += ':';
      append_json(out, member);
    }
    out += value.as_object().empty() ? "{}" : "}";
  }
}

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t from = 0;
  while (true) {
    std::size_t to = next_to_escape(utf8, from);
    out.append(utf8, from, to - from);
    if (to == utf8.size()) break;
    append_escape(out, utf8[to]);
    from = to + 1;
  }
  out += '"';
}

std::string pointer_below(std::string pointer, std::string_view key) {
  pointer += '/';
  for (char c : key) {
    if (c == '~' || c == '/') {
      pointer += c == '~' ? "~0" : "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string pointer_below(std::string pointer, std::size_t index) {
  return std::move(pointer) + "/" + std::to_string(index);
}

// UTF-16 and UTF-8 order differ in one thing: a surrogate (0xd800 …) comes before U+E000 … U+FFFF,
// whose first byte, 0xee or 0xef, comes before the 0xf0 … 0xf4 of what needs surrogates. So these
// two first bytes are lifted above the others; no later byte of a character reaches them.
bool utf16_less(std::string_view a, std::string_view b) {
  auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (left == a.end() || right == b.end()) return right != b.end();
  auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x10 : +byte;
  };
  return rank(*left) < rank(*right);
}

}  // namespace plait
