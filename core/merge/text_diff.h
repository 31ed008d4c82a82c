// core/merge/text_diff.h: what was edited, from the text before and the text after: SQL's
// UPDATE … SET body = ….
//
// What both have in common at the beginning and at the end is set aside, the middle is compared by
// code points (Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1986), so
// that as few as possible are deleted and inserted. Where too much differs for that in a few
// milliseconds, the whole middle is one replacement.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/merge/text_event.h"

namespace plait {

// Past this many deleted and inserted code points the middle is replaced as a whole.
inline constexpr std::size_t text_differences_max = 1'000;

// Edits that make `after` of `before`, one applied after the other, by ascending position; they
// view `after`. Equal texts: none. REQUIRES: valid UTF-8.
std::vector<TextEdit> text_diff(std::string_view before, std::string_view after);

}  // namespace plait
