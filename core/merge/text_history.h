// core/merge/text_history.h: a whole history of one text, replayed.
//
// A version is critical if every earlier event is its ancestor and every later one descends from
// it. Between critical versions nothing has to be known but the text: an event alone between two of
// them, as in a linear history nearly all are, goes straight to the text; more of them are a
// concurrent stretch, which is walked (core/merge/text_walk.h) and forgotten.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/merge/rope.h"
#include "core/merge/text_event.h"
#include "core/result.h"

namespace plait {

// Applies a history to the text that it begins with: the initial value, or the text of a critical
// version of which it is all that came later. Events come in any order, with any repeats; those
// that do not concern the text must be among them.
//
// Refuses, the text is then useless: bad_value for a range that is not in the text at the event's
// parents, with a JSON pointer below the change's value in Error::where and the event in
// Error::what; missing_parents if they do not all descend from one version; id_not_after_parents.
// Cost: n log n, linear if they come in the order of their ids.
Status replay(Rope& text, std::span<const TextEvent> events);

// Applies an event that descends from all others: its edits go straight to the text. Refuses
// bad_value.
Status apply_straight(Rope& text, const TextEvent& event);

// The error of an event, which then says which.
Error of_event(Error error, const EventId& event);

}  // namespace plait
