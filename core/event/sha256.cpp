// core/event/sha256.cpp: SHA-256 (FIPS 180-4) in plain C++ and by the SHA instructions of x86-64.

#include "core/event/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace plait {
namespace {

constexpr std::size_t block_bytes = 64;

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

// One round; the caller turns the eight variables round instead of moving them.
inline void round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d,
                  std::uint32_t e, std::uint32_t f, std::uint32_t g, std::uint32_t& h,
                  std::uint32_t word_and_constant) {
  std::uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
  std::uint32_t choice = g ^ (e & (f ^ g));
  std::uint32_t first = h + sum1 + choice + word_and_constant;
  std::uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
  std::uint32_t majority = (a & b) | (c & (a | b));
  d += first;
  h = first + sum0 + majority;
}

void compress_portable(Sha256State& state, const std::uint8_t* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(block + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) {
    std::uint32_t x = w[i - 15];
    std::uint32_t y = w[i - 2];
    std::uint32_t sigma0 = std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3);
    std::uint32_t sigma1 = std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10);
    w[i] = w[i - 16] + sigma0 + w[i - 7] + sigma1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; i += 8) {
    const std::uint32_t* k = &sha256_constants[i];
    round(a, b, c, d, e, f, g, h, w[i] + k[0]);
    round(h, a, b, c, d, e, f, g, w[i + 1] + k[1]);
    round(g, h, a, b, c, d, e, f, w[i + 2] + k[2]);
    round(f, g, h, a, b, c, d, e, w[i + 3] + k[3]);
    round(e, f, g, h, a, b, c, d, w[i + 4] + k[4]);
    round(d, e, f, g, h, a, b, c, w[i + 5] + k[5]);
    round(c, d, e, f, g, h, a, b, w[i + 6] + k[6]);
    round(b, c, d, e, f, g, h, a, w[i + 7] + k[7]);
  }
  const std::array<std::uint32_t, 8> sums{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += sums[i];
}

#if defined(__x86_64__)

bool cpu_has_sha() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned ssse3_and_sse41 = 1u << 9 | 1u << 19;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & ssse3_and_sse41) != ssse3_and_sse41) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

// The instructions want the state as two vectors, (a, b, e, f) and (c, d, g, h), and do four rounds
// with the four words w[i] … w[i + 3] that `words` holds.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_by_cpu(Sha256State& state,
                                                                 const std::uint8_t* blocks,
                                                                 std::size_t count) {
  const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&state[0]));
  __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&state[4]));
  __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
  __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; count > 0; --count, blocks += block_bytes) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i words[4];  // the last sixteen words of the schedule, oldest group at i % 4
    for (int i = 0; i < 16; ++i) {
      __m128i& now = words[i % 4];
      if (i < 4) {
        now = _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks + 16 * i));
        now = _mm_shuffle_epi8(now, byte_order);
      } else {
        const __m128i& last = words[(i + 3) % 4];
        __m128i seven_back = _mm_alignr_epi8(last, words[(i + 2) % 4], 4);
        now = _mm_sha256msg1_epu32(now, words[(i + 1) % 4]);
        now = _mm_sha256msg2_epu32(_mm_add_epi32(now, seven_back), last);
      }
      const auto* constants = reinterpret_cast<const __m128i*>(&sha256_constants[4 * i]);
      __m128i sum = _mm_add_epi32(now, _mm_load_si128(constants));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[0]), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

#endif

void compress(Sha256State& state, const std::uint8_t* blocks, std::size_t count) {
  if (!sha256_blocks_by_cpu(state, blocks, count)) sha256_blocks_portable(state, blocks, count);
}

}  // namespace

void sha256_blocks_portable(Sha256State& state, const std::uint8_t* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += block_bytes) compress_portable(state, blocks);
}

bool sha256_blocks_by_cpu([[maybe_unused]] Sha256State& state,
                          [[maybe_unused]] const std::uint8_t* blocks,
                          [[maybe_unused]] std::size_t count) {
#if defined(__x86_64__)
  static const bool available = cpu_has_sha();
  if (available) compress_by_cpu(state, blocks, count);
  return available;
#else
  return false;
#endif
}

void Sha256::add(std::string_view bytes) {
  const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  std::size_t held = length_ % block_bytes;
  length_ += left;
  if (held > 0) {
    std::size_t taken = std::min(left, block_bytes - held);
    if (taken > 0) std::memcpy(block_.data() + held, next, taken);
    if (held + taken < block_bytes) return;
    compress(state_, block_.data(), 1);
    next += taken;
    left -= taken;
  }
  if (left >= block_bytes) compress(state_, next, left / block_bytes);
  std::size_t rest = left % block_bytes;
  if (rest > 0) std::memcpy(block_.data(), next + (left - rest), rest);
}

Sha256Digest Sha256::finish() {
  const std::uint64_t bits = length_ * 8;
  std::array<std::uint8_t, 2 * block_bytes> last{};
  std::size_t held = length_ % block_bytes;
  std::memcpy(last.data(), block_.data(), held);
  last[held] = 0x80;
  std::size_t blocks = held + 1 + 8 <= block_bytes ? 1 : 2;
  for (std::size_t i = 0; i < 8; ++i) {
    last[blocks * block_bytes - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  compress(state_, last.data(), blocks);
  Sha256Digest digest;
  for (std::size_t i = 0; i < 32; ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

}  // namespace plait
