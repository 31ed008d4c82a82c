// core/merge/counter.h: numbers that several may add to at once.
//
// Adds commute; a set stands for all that is older. The sum is exact and of any size, so that no
// order of replay overflows midway: only what a column is to hold has to fit it.
#pragma once

#include <string_view>

#include "core/error.h"
#include "core/event/operations.h"
#include "core/result.h"

namespace plait {

inline constexpr std::string_view counter_verbs[] = {"add", "set"};

// Refuses bad_value: no number, or one that numeric cannot hold; an add that is not finite.
// Error::where is below the change.
Status check_counter(const Operations::Change& change);

// An add to NULL counts from 0. The sum of two JSON numbers is one; else it is decimal text, as
// int8 and numeric have it on the wire. REQUIRES: check_counter().
void apply_counter(Json& value, const Operations::Change& change);

}  // namespace plait
