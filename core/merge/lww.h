// core/merge/lww.h: last writer wins: the set with the greatest id holds.
#pragma once

#include <string_view>

#include "core/event/operations.h"
#include "core/event/ulid.h"
#include "core/merge/state.h"

namespace plait {

inline constexpr std::string_view lww_verbs[] = {"set"};

void apply_lww(Register& before, const Operations::Change& change, const EventId& event);

}  // namespace plait
