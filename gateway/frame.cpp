// gateway/frame.cpp: headers of 2, 4 or 10 bytes.

#include "gateway/frame.h"

namespace plait::gateway {

namespace {

constexpr char final_text = '\x81';
constexpr char final_close = '\x88';
constexpr char final_ping = '\x89';

void append_length(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

void append_text_frame(std::string& out, std::string_view text) {
  out += final_text;
  if (text.size() < 126) {
    out += static_cast<char>(text.size());
  } else if (text.size() <= 0xffff) {
    out += '\x7e';
    append_length(out, text.size(), 2);
  } else {
    out += '\x7f';
    append_length(out, text.size(), 8);
  }
  out += text;
}

void append_ping_frame(std::string& out) {
  // One byte, for libwebsockets does not tell of a pong without any.
  out += final_ping;
  out += '\1';
  out += 'p';
}

void append_close_frame(std::string& out, std::uint16_t code) {
  out += final_close;
  out += '\2';
  append_length(out, code, 2);
}

}  // namespace plait::gateway
