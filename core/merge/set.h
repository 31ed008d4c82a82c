// core/merge/set.h: sets of elements that several may include and exclude at once.
//
// The last verb on each element decides, in the order of ids. Elements are one if their canonical
// texts are; their order is not part of the state.
#pragma once

#include <string_view>

#include "core/event/operations.h"
#include "core/result.h"

namespace plait {

inline constexpr std::string_view set_verbs[] = {"exclude", "include", "set"};

// Refuses bad_value: a set to what is no list, or has NULL or an element twice. Error::where is
// below the change.
Status check_set(const Operations::Change& change);

// The state's form of a list: sorted by canonical text. What is no list stays as it is.
Json normal_set(Json value);

// An include into NULL makes a set, an exclude leaves NULL. REQUIRES: `value` is normal,
// check_set().
void apply_set(Json& value, const Operations::Change& change);

}  // namespace plait
