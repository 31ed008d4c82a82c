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

// The state before the first block, and what each round adds.
inline constexpr Sha256State sha256_begin{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
alignas(16) inline constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

Sha256Digest sha256(std::string_view bytes);

class Sha256 {
 public:
  void add(std::string_view bytes);
  // The digest of all that was added. REQUIRES: called once.
  Sha256Digest finish();

 private:
  Sha256State state_ = sha256_begin;
  std::array<std::uint8_t, 64> block_{};
  std::uint64_t length_ = 0;  // bytes added so far
};

// The compression of `count` blocks of 64 bytes, in plain C++; and by the CPU's SHA instructions,
// which answers false, having done nothing, where there are none. The class above takes what there
// is; both stand here so that a test can hold one to the other.
void sha256_blocks_portable(Sha256State& state, const std::uint8_t* blocks, std::size_t count);
bool sha256_blocks_by_cpu(Sha256State& state, const std::uint8_t* blocks, std::size_t count);

}  // namespace plait
