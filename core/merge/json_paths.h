// core/merge/json_paths.h: documents whose paths are registers of their own.
//
//   {"patch": {"layout": [[["a", "b"], 2], [["c"]]]}}     a.b = 2, and c is taken away
//
// A value replaces what is at its path and under it; an array is a scalar; a path through a scalar,
// or through what is not there, makes objects of it; taking away what is not there does nothing,
// and an object that it empties stays {}.
#pragma once

#include <string_view>

#include "core/event/operations.h"

namespace plait {

inline constexpr std::string_view json_verbs[] = {"patch", "set"};

// The value is as on the wire: null is SQL NULL, {"$json": v} the document v where v is null or has
// "$json" as its only member. What a patch carries lies inside a document and is as it is. A value
// put into NULL makes a document, taking away leaves NULL.
void apply_json(Json& value, const Operations::Change& change);

}  // namespace plait
