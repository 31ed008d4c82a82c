// core/event/sha256_lanes.h: several SHA-256 digests at once, one in each lane of the vector unit.
#pragma once

#include <span>
#include <string_view>

#include "core/event/sha256.h"

namespace plait {

constexpr std::size_t sha256_lanes = 8;

// The digests of `texts`, which cost least when they come in eights of much the same length: where
// the CPU has AVX2 and no SHA instructions a quarter of what they cost one by one, elsewhere the
// same. REQUIRES: as many digests as texts.
void sha256_each(std::span<const std::string_view> texts, std::span<Sha256Digest> digests);

// By vectors; false, having done nothing, where there are none. For a test to hold it to sha256().
// REQUIRES: at most sha256_lanes texts.
bool sha256_by_lanes(std::span<const std::string_view> texts, std::span<Sha256Digest> digests);

}  // namespace plait
