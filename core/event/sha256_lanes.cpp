// core/event/sha256_lanes.cpp: several SHA-256 digests at once, one in each lane of the vector
// unit.
//
// FIPS 180-4 has no use for vectors inside one message, for each round needs the one before it; but
// eight messages go through the same rounds. Lanes whose message has ended keep their state.

#include "core/event/sha256_lanes.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace plait {

#if defined(__x86_64__)

namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t lanes = sha256_lanes;

using Lanes = std::uint32_t __attribute__((vector_size(4 * lanes)));
using LaneWords = std::uint32_t[lanes];

// A message's blocks, the last one or two of them with its padding.
struct Message {
  const std::uint8_t* bytes;
  std::size_t whole;   // blocks that need no padding
  std::size_t blocks;  // all
  std::uint8_t end[2 * block_bytes];

  void begin(std::string_view text) {
    bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    whole = text.size() / block_bytes;
    std::size_t rest = text.size() % block_bytes;
    std::size_t ends = rest + 1 + 8 <= block_bytes ? 1 : 2;
    blocks = whole + ends;
    std::memset(end, 0, sizeof(end));
    if (rest > 0) std::memcpy(end, bytes + whole * block_bytes, rest);
    end[rest] = 0x80;
    std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
    for (std::size_t i = 0; i < 8; ++i)
      end[ends * block_bytes - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }

  const std::uint8_t* block(std::size_t i) const {
    if (i < whole) return bytes + i * block_bytes;
    return end + (i < blocks ? i - whole : 0) * block_bytes;
  }
};

__attribute__((target("avx2"), always_inline)) inline Lanes rotated(Lanes x, int bits) {
  return (x >> bits) | (x << (32 - bits));
}

// One block of each lane.
__attribute__((target("avx2"))) void compress(Lanes (&state)[8], const LaneWords (&words)[16],
                                              const Lanes& active) {
  Lanes w[16];
  for (int i = 0; i < 16; ++i) std::memcpy(&w[i], words[i], sizeof(Lanes));
  Lanes a = state[0], b = state[1], c = state[2], d = state[3];
  Lanes e = state[4], f = state[5], g = state[6], h = state[7];
  for (std::size_t i = 0; i < 64; ++i) {
    Lanes& now = w[i % 16];
    if (i >= 16) {
      Lanes x = w[(i + 1) % 16];
      Lanes y = w[(i + 14) % 16];
      now += (rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)) + w[(i + 9) % 16] +
             (rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10));
    }
    Lanes sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    Lanes first = h + sum1 + (g ^ (e & (f ^ g))) + now + sha256_constants[i];
    Lanes sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    Lanes second = sum0 + ((a & b) | (c & (a | b)));
    h = g, g = f, f = e, e = d + first;
    d = c, c = b, b = a, a = first + second;
  }
  const Lanes sums[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i) state[i] += sums[i] & active;
}

__attribute__((target("avx2"))) void digest(std::span<const std::string_view> texts,
                                            std::span<Sha256Digest> digests) {
  Message messages[lanes];
  std::size_t blocks_max = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    messages[lane].begin(lane < texts.size() ? texts[lane] : std::string_view());
    blocks_max = std::max(blocks_max, messages[lane].blocks);
  }
  Lanes state[8];
  for (int i = 0; i < 8; ++i) state[i] = Lanes{} + sha256_begin[static_cast<std::size_t>(i)];
  for (std::size_t i = 0; i < blocks_max; ++i) {
    alignas(32) LaneWords words[16];
    Lanes active;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::uint8_t* block = messages[lane].block(i);
      active[lane] = i < messages[lane].blocks ? ~0u : 0u;
      for (std::size_t t = 0; t < 16; ++t) {
        std::uint32_t word;
        std::memcpy(&word, block + 4 * t, 4);
        words[t][lane] = __builtin_bswap32(word);
      }
    }
    compress(state, words, active);
  }
  for (std::size_t lane = 0; lane < texts.size(); ++lane)
    for (std::size_t i = 0; i < 32; ++i)
      digests[lane][i] = static_cast<std::uint8_t>(state[i / 4][lane] >> (24 - 8 * (i % 4)));
}

}  // namespace

bool sha256_by_lanes(std::span<const std::string_view> texts, std::span<Sha256Digest> digests) {
  assert(texts.size() <= lanes && texts.size() == digests.size());
  static const bool available = __builtin_cpu_supports("avx2");
  if (available) digest(texts, digests);
  return available;
}

#else

bool sha256_by_lanes(std::span<const std::string_view>, std::span<Sha256Digest>) { return false; }

#endif

void sha256_each(std::span<const std::string_view> texts, std::span<Sha256Digest> digests) {
  constexpr std::size_t worth_it = 3;  // texts below which one by one is quicker
  static const bool cpu_has_sha = [] {
    Sha256State probe{};
    return sha256_blocks_by_cpu(probe, nullptr, 0);
  }();
  for (std::size_t from = 0; from < texts.size(); from += sha256_lanes) {
    std::size_t count = std::min(sha256_lanes, texts.size() - from);
    bool quick = count >= worth_it && !cpu_has_sha &&
                 sha256_by_lanes(texts.subspan(from, count), digests.subspan(from, count));
    for (std::size_t i = from; !quick && i < from + count; ++i) digests[i] = sha256(texts[i]);
  }
}

}  // namespace plait
