// core/merge/text_event.cpp: are edits within their text?

#include "core/merge/text_event.h"

#include <string>

#include "core/event/json.h"
#include "core/merge/code_points.h"

namespace plait {
namespace {

std::string member(std::size_t edit, std::size_t at) {
  return pointer_below(pointer_below("", edit), at);
}

std::string of_length(std::size_t length) {
  return "a text of " + std::to_string(length) + " code points";
}

}  // namespace

Status check_ranges(std::span<const TextEdit> edits, std::size_t length) {
  return check_ranges(edits, length, length);
}

Status check_ranges(std::span<const TextEdit> edits, std::size_t length, std::size_t certain) {
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const TextEdit& edit = edits[i];
    if (edit.position > length) {
      return Error{Code::bad_value,
                   std::to_string(edit.position) + " is no position in " + of_length(length),
                   member(i, 0), "count code points of the text at the event's parents"};
    }
    if (edit.deleted > length - edit.position) {
      return Error{Code::bad_value,
                   std::to_string(edit.deleted) + " cannot be deleted at " +
                       std::to_string(edit.position) + " in " + of_length(length),
                   member(i, 1), "count code points of the text at the event's parents"};
    }
    if (edit.position + edit.deleted > certain) {
      return Error{Code::history_compacted, "the length of the text at the parents is unknown",
                   member(i, 0), "replay from an earlier version, whose text is known"};
    }
    std::size_t inserted = code_points(edit.inserted);
    length += inserted - edit.deleted;
    certain += inserted - edit.deleted;
  }
  return ok;
}

}  // namespace plait
