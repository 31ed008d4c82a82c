// core/merge/code_points.h: UTF-8 counted by code points. REQUIRES everywhere: valid UTF-8.
#pragma once

#include <cassert>
#include <cstddef>
#include <string_view>

namespace plait {

// Is this byte within a code point, not its first?
inline bool continues_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

inline std::size_t code_points(std::string_view utf8) {
  if (utf8.size() <= 1) return utf8.size();  // a keystroke
  std::size_t count = 0;
  for (char byte : utf8) count += !continues_code_point(byte);
  return count;
}

// The byte at which a code point begins; the text's size for the one past the last.
inline std::size_t byte_of(std::string_view utf8, std::size_t code_point) {
  std::size_t byte = 0;
  for (; code_point > 0; --code_point) {
    assert(byte < utf8.size());
    for (++byte; byte < utf8.size() && continues_code_point(utf8[byte]);) ++byte;
  }
  return byte;
}

// Where to cut so that the first part has at most `bytes` bytes and no code point is split.
inline std::size_t cut_at(std::string_view utf8, std::size_t bytes) {
  if (bytes >= utf8.size()) return utf8.size();
  while (bytes > 0 && continues_code_point(utf8[bytes])) --bytes;
  return bytes;
}

}  // namespace plait
