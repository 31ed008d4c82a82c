// extension/random.h: salts, nonces and the wall clock.
#pragma once

#include "extension/wall.h"

#include "core/event/hlc.h"

namespace plait {

// 64 random bits from Postgres' strong source, drawn 4 KiB at a time.
std::uint64_t random_word();

// The wall clock as an hlc, with its fraction of a millisecond.
Hlc now_hlc();

}  // namespace plait
