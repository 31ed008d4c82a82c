// core/merge/lww.h: last writer wins: the set with the greatest id holds.
#pragma once

#include <string_view>

#include "core/event/operations.h"

namespace plait {

inline constexpr std::string_view lww_verbs[] = {"set"};

void apply_lww(Json& value, const Operations::Change& change);

}  // namespace plait
