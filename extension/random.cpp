// extension/random.cpp: salts, nonces and the wall clock.

#include "extension/random.h"

#include <array>
#include <ctime>

namespace plait {

std::uint64_t random_word() {
  static std::array<std::uint64_t, 512> drawn;
  static std::size_t next = drawn.size();
  static pid_t owner = 0;
  // A forked backend must not use its parent's words.
  if (next == drawn.size() || owner != MyProcPid) {
    if (!pg_strong_random(drawn.data(), sizeof(drawn)))
      ereport(ERROR,
              (errcode(ERRCODE_INTERNAL_ERROR), errmsg("no strong random numbers to be had")));
    next = 0;
    owner = MyProcPid;
  }
  return drawn[next++];
}

Hlc now_hlc() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return hlc_from_unix_ns(static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000ULL +
                          static_cast<std::uint64_t>(now.tv_nsec));
}

}  // namespace plait
