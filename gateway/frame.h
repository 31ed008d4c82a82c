// gateway/frame.h: WebSocket frames of a server (RFC 6455, section 5.2): whole, not masked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plait::gateway {

// Appends a text frame, so that many leave in one write.
void append_text_frame(std::string& out, std::string_view text);
void append_ping_frame(std::string& out);
void append_close_frame(std::string& out, std::uint16_t code);

}  // namespace plait::gateway
