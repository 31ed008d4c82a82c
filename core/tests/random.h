// core/tests/random.h: seeded randomness for property tests; what fails prints its SEED.
//
//   TEST(Json, WhatIsWrittenReadsBackEqual) {
//     for_each_seed(2'000, [](Random& random) { … EXPECT_EQ(…); });
//   }
//
//   SEED=17 build/core_tests --gtest_filter=Json.WhatIsWrittenReadsBackEqual
//
// The same seed gives the same numbers on every machine and compiler (no std:: distribution).
#pragma once

#include <gtest/gtest.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace plait {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // 64 random bits (SplitMix64).
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // 0 … count - 1. REQUIRES: count > 0.
  std::size_t below(std::size_t count) {
    assert(count > 0);
    return static_cast<std::size_t>(next() % count);
  }

  // low … high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    assert(low <= high);
    std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    std::uint64_t step = span == 0 ? next() : next() % span;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

  // One of the items. REQUIRES: there is one.
  template <typename Items>
  const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

// Calls f(Random&) for the seeds 1 … count, or only for the one in the environment's SEED; stops at
// the first seed that fails. SEEDS_FROM=n takes n … n + count - 1 instead (make fuzz: other seeds
// each run).
template <typename F>
void for_each_seed(std::uint64_t count, F&& f) {
  std::uint64_t first = 1;
  if (const char* from = std::getenv("SEEDS_FROM")) first = std::strtoull(from, nullptr, 10);
  std::uint64_t last = first + count - 1;
  if (const char* seed = std::getenv("SEED")) first = last = std::strtoull(seed, nullptr, 10);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed));
    Random random(seed);
    f(random);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace plait
