// extension/divergence.h: whether a row's value is what its entity's events say.
#pragma once

#include "extension/wall.h"

#include <string>

#include "core/event/json.h"
#include "extension/catalogue.h"

namespace plait {

// A value of a row as it stands on the wire; "null". Inside pg(), under pinned settings.
void append_row_value(std::string& out, const TrackedProperty& property, TupleTableSlot* row);

// Whether a wire value of a row is what the fold says (NULL: nothing), read through the column's
// present type: 5 and "5" are one int8. Outside pg().
bool agrees(const TrackedProperty& property, std::string_view row_value, const Json* folded);

}  // namespace plait
