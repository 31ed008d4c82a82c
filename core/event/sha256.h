// core/event/sha256.h: SHA-256 (FIPS 180-4), in one call or piece by piece.
//
// Uses the CPU's SHA instructions where there are any (x86-64, found at run time).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plait {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha256State = std::array<std::uint32_t, 8>;

Sha256Digest sha256(std::string_view bytes);

class Sha256 {
 public:
  void add(std::string_view bytes);
  // The digest of all that was added. REQUIRES: called once.
  Sha256Digest finish();

 private:
  Sha256State state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::uint64_t length_ = 0;  // bytes added so far
};

// The compression of `count` blocks of 64 bytes, in plain C++; and by the CPU's SHA instructions,
// which answers false, having done nothing, where there are none. The class above takes what there
// is; both stand here so that a test can hold one to the other.
void sha256_blocks_portable(Sha256State& state, const std::uint8_t* blocks, std::size_t count);
bool sha256_blocks_by_cpu(Sha256State& state, const std::uint8_t* blocks, std::size_t count);

}  // namespace plait
