// core/event/hlc.h: the hybrid logical clock (Kulkarni et al. 2014) that ids begin with.
//
// One unsigned number of 64 bits: unix time in units of 1/65536 ms. A fresh stamp carries the
// fraction of its millisecond, so backends of one host rarely meet and share no memory; adding 1
// carries from the fraction into the milliseconds, so the counter never runs out.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace plait {

using Hlc = std::uint64_t;

inline constexpr Hlc hlc_per_ms = 65'536;
// How far after its greatest parent an event may be stamped however fast its author's clock is.
inline constexpr Hlc hlc_successor_max = 4'096;                          // 1/16 ms
inline constexpr std::int64_t hlc_ms_max = (std::int64_t{1} << 48) - 1;  // the year 10889

// Unix time in nanoseconds (0 to the year 2262) as an hlc.
constexpr Hlc hlc_from_unix_ns(std::uint64_t ns) {
  return ns / 1'000'000 * hlc_per_ms + ns % 1'000'000 * hlc_per_ms / 1'000'000;
}
constexpr std::int64_t hlc_unix_ms(Hlc hlc) { return static_cast<std::int64_t>(hlc >> 16); }

// The next stamp: max(now, seen + 1), where `seen` is the greatest of its parents' and its cause's
// stamps and of all that its author has seen (0: nothing).
constexpr Hlc next_hlc(Hlc now, Hlc seen) { return now > seen ? now : seen + 1; }

// Refuses clock_drift iff `stamp` is greater than now + drift_max_ms *and* greater than
// greatest_parent + hlc_successor_max: a successor of a fast event is legal, a climb on it is not.
Status check_drift(Hlc stamp, Hlc now, Hlc greatest_parent, std::int64_t drift_max_ms);

}  // namespace plait
