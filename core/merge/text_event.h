// core/merge/text_event.h: what an event does to one text, as the text engine sees it.
//
// Positions and lengths are code points. What these structs view belongs to the caller, and edits
// that the engine gives back view the `inserted` of the events that they came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

// Replaces `deleted` code points at `position`.
struct TextEdit {
  std::size_t position = 0;
  std::size_t deleted = 0;
  std::string_view inserted;  // REQUIRES: valid UTF-8

  bool operator==(const TextEdit&) const = default;
};

struct TextChange {
  enum class Kind : std::uint8_t {
    nothing,  // the event concerns other properties: it carries causality alone
    edit,
    set,  // deletes all that its author saw; a `set null` is a set to ""
  };
  Kind kind = Kind::nothing;
  std::span<const TextEdit> edits;  // one applied after the other to the text at the parents
  std::string_view text;            // of a set. REQUIRES: valid UTF-8
};

struct TextEvent {
  EventId id;
  std::span<const EventId> parents;
  TextChange change;
};

// As ==, which calls memcmp: by two loads each, for where it is done for every keystroke.
inline bool same_event(const EventId& a, const EventId& b) {
  std::uint64_t words_a[2], words_b[2];
  std::memcpy(words_a, a.bytes.data(), sizeof words_a);
  std::memcpy(words_b, b.bytes.data(), sizeof words_b);
  return ((words_a[0] ^ words_b[0]) | (words_a[1] ^ words_b[1])) == 0;
}

// Refuses bad_value unless these edits, one after the other, are within a text of that length;
// Error::where is a JSON pointer below the list. Where only the first `certain` code points are
// known to exist, what reaches past them is history_compacted.
Status check_ranges(std::span<const TextEdit> edits, std::size_t length);
Status check_ranges(std::span<const TextEdit> edits, std::size_t length, std::size_t certain);

}  // namespace plait
