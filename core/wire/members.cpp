// core/wire/members.cpp: members by kind; what does not fit becomes bad_message with its place.

#include "core/wire/members.h"

#include <charconv>

namespace plait::wire {

namespace {

std::string_view kind(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_boolean()) return "a boolean";
  if (json.is_number()) return "a number";
  if (json.is_string()) return "a string";
  return json.is_array() ? "an array" : "an object";
}

}  // namespace

void Members::expected(std::string_view shape, const std::string& where, const Json* found) {
  if (wrong_) return;
  std::string what = "expected " + std::string(shape) + ", found ";
  what += found == nullptr ? "nothing" : kind(*found);
  wrong_ = Error{Code::bad_message, what, where, "docs/protocol.md describes every message"};
}

std::optional<std::string> Members::text_or_nothing(std::string_view name, bool required) {
  const Json* member = find(name);
  if (member != nullptr && member->is_string()) return member->as_string();
  if (member != nullptr || required) expected("a string", place(name), member);
  return std::nullopt;
}

std::optional<std::int64_t> Members::integer_or_nothing(std::string_view name, bool required) {
  const Json* member = find(name);
  if (member == nullptr && !required) return std::nullopt;
  if (member != nullptr && member->is_number()) {
    const std::string& token = member->as_number();
    std::int64_t value = 0;
    auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (failed == std::errc() && end == token.data() + token.size()) return value;
  }
  expected("an integer of 64 bits", place(name), member);
  return std::nullopt;
}

bool Members::boolean(std::string_view name) {
  const Json* member = find(name);
  if (member == nullptr) return false;
  if (member->is_boolean()) return member->as_boolean();
  expected("true or false", place(name), member);
  return false;
}

const Json& Members::object(std::string_view name) {
  static const Json empty = Json::object();
  const Json* member = find(name);
  if (member != nullptr && member->is_object()) return *member;
  expected("an object", place(name), member);
  return empty;
}

const Json& Members::object_or_empty(std::string_view name) {
  static const Json empty = Json::object();
  return find(name) == nullptr ? empty : object(name);
}

const Json& Members::array(std::string_view name) {
  static const Json empty = Json::array();
  const Json* member = find(name);
  if (member != nullptr && member->is_array()) return *member;
  expected("an array", place(name), member);
  return empty;
}

const Json& Members::array_or_empty(std::string_view name) {
  static const Json empty = Json::array();
  return find(name) == nullptr ? empty : array(name);
}

Hlc Members::time(std::string_view name) {
  constexpr std::size_t digits = 16;
  const Json* member = find(name);
  if (member != nullptr && member->is_string() && member->as_string().size() == digits) {
    const std::string& text = member->as_string();
    Hlc value = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (failed == std::errc() && end == text.data() + text.size()) return value;
  }
  expected("a time of 16 hex digits", place(name), member);
  return 0;
}

std::vector<std::pair<std::string, EventId>> Members::won() {
  std::vector<std::pair<std::string, EventId>> winners;
  const Json& list = object_or_empty("won");
  for (const auto& [property, event] : list.as_object()) {
    winners.emplace_back(property, id_of<EventId>(&event, place("won") + "/" + property));
  }
  return winners;
}

}  // namespace plait::wire
