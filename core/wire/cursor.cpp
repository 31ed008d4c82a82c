// core/wire/cursor.cpp: a cursor's text.

#include "core/wire/cursor.h"

#include <charconv>

namespace plait {

namespace {

constexpr std::size_t nonce_digits = 16;

Error bad_cursor(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  return {Code::bad_cursor, "\"" + std::string(text.substr(0, shown_max)) + "\" is no cursor", "",
          "send a cursor as it was received: a number, a dot, 16 hex digits"};
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string to_text(const Cursor& cursor) {
  char digits[nonce_digits + 1];
  auto end = std::to_chars(digits, digits + nonce_digits, cursor.nonce, 16).ptr;
  std::string nonce(digits, end);
  return std::to_string(cursor.seq) + "." + std::string(nonce_digits - nonce.size(), '0') + nonce;
}

Result<Cursor> parse_cursor(std::string_view text) {
  std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return bad_cursor(text);
  std::string_view seq = text.substr(0, dot);
  std::string_view nonce = text.substr(dot + 1);
  if (nonce.size() != nonce_digits || !is_lower_hex(nonce)) return bad_cursor(text);
  Cursor cursor;
  auto [end, failed] = std::from_chars(seq.data(), seq.data() + seq.size(), cursor.seq);
  if (failed != std::errc() || end != seq.data() + seq.size()) return bad_cursor(text);
  if (cursor.seq < 1 || seq.front() == '0') return bad_cursor(text);
  std::from_chars(nonce.data(), nonce.data() + nonce.size(), cursor.nonce, 16);
  return cursor;
}

}  // namespace plait
