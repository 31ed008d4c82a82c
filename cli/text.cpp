// cli/text.cpp: values, rows and errors as lines to read.

#include "cli/text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace plait::cli {

namespace {

bool is_control(std::string_view text, std::size_t at) {
  unsigned char byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return true;
  // U+0080 to U+009F are c2 80 to c2 9f in UTF-8.
  return byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

// What JSON leaves as it is and a terminal does not.
std::string without_controls(std::string_view json) {
  std::string text;
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (!is_control(json, at)) {
      text += json[at];
      continue;
    }
    unsigned code = static_cast<unsigned char>(json[at]);
    if (code == 0xc2) code = static_cast<unsigned char>(json[++at]);
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", code);
    text += escaped;
  }
  return text;
}

bool is_plain(std::string_view text) {
  if (text.empty() || text == "null" || text == "true" || text == "false") return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control(text, at) || text[at] == ' ' || text[at] == '"' || text[at] == '\\')
      return false;
  }
  return text[0] != '{' && text[0] != '[';
}

void append_member(std::string& text, std::string_view name, const Json& value) {
  if (!text.empty()) text += "  ";
  text += name;
  text += '=';
  text += value_text(value);
}

}  // namespace

std::string value_text(const Json& value) {
  if (value.is_string() && is_plain(value.as_string())) return value.as_string();
  return without_controls(to_text(value));
}

std::string members_text(const Json& object, const std::vector<std::string>& properties) {
  std::string text;
  for (const std::string& property : properties) {
    if (const Json* value = object.find(property)) append_member(text, property, *value);
  }
  for (const auto& [name, value] : object.as_object()) {
    if (std::ranges::find(properties, name) == properties.end()) append_member(text, name, value);
  }
  return text;
}

std::string operations_text(const Json& operations, const std::vector<std::string>& properties) {
  std::string text;
  auto append = [&](const std::string& part) { text += (text.empty() ? "" : "  ") + part; };
  if (operations.find("create") != nullptr) append("create");
  if (operations.find("delete") != nullptr) append("delete");
  for (const auto& [verb, what] : operations.as_object()) {
    if (verb == "create" || verb == "delete") continue;
    if (!what.is_object()) continue;
    std::string members = members_text(what, properties);
    // A create says what it sets; there `set` needs no word.
    append(verb == "set" && !text.empty() ? members
           : members.empty()              ? verb
                                          : verb + ' ' + members);
  }
  return text.empty() ? "joins" : text;
}

std::string error_text(const Error& error) {
  std::string text = "plait: " + without_controls(error.what);
  if (!error.where.empty()) text += " (" + without_controls(error.where) + ')';
  text += " [" + std::string(name(error.code)) + "]\n";
  if (!error.hint.empty()) text += "  " + without_controls(error.hint) + '\n';
  return text;
}

std::string marked_query(std::string_view query, const Error& error) {
  constexpr std::string_view prefix = "position ";
  std::string_view where = error.where;
  std::size_t position = 0;
  if (!where.starts_with(prefix)) return {};
  where.remove_prefix(prefix.size());
  if (std::from_chars(where.data(), where.data() + where.size(), position).ec != std::errc())
    return {};
  bool one_line = query.find_first_of("\n\r\t") == std::string_view::npos;
  if (position == 0 || !one_line) return {};
  return "  " + without_controls(query) + "\n  " + std::string(position - 1, ' ') + "^\n";
}

}  // namespace plait::cli
