// core/wire/cursor.h: the name of a tick, from which changes can be resumed.
//
// As text `seq.nonce`: the tick's number in decimal, a dot, 16 lower-case hex digits. The nonce is
// random, so a tick of another life of the database never passes for one of this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plait {

struct Cursor {
  std::int64_t seq = 0;  // the tick's number, from 1
  std::uint64_t nonce = 0;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

std::string to_text(const Cursor& cursor);

// Refuses bad_cursor: anything but the text that to_text gives.
Result<Cursor> parse_cursor(std::string_view text);

}  // namespace plait
