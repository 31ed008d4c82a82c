// client-sdk/cpp/backoff.h: how long to wait before the next attempt: doubling, capped, half of it
// random.
#pragma once

#include <algorithm>
#include <cstdint>

namespace plait::client {

class Backoff {
 public:
  static constexpr std::int64_t first_ms = 100;
  static constexpr std::int64_t last_ms = 10'000;

  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  // The delay before the next attempt: between half and the whole of 100 ms, 200 ms, … 10 s, so
  // that a thousand clients of a gateway that restarted do not come back at one moment.
  std::int64_t next_ms() {
    std::int64_t whole = next_;
    next_ = std::min(last_ms, next_ * 2);
    random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return whole / 2 +
           static_cast<std::int64_t>((random_ >> 33) % static_cast<std::uint64_t>(whole / 2 + 1));
  }
  void reset() { next_ = first_ms; }

 private:
  std::int64_t next_ = first_ms;
  std::uint64_t random_;
};

}  // namespace plait::client
