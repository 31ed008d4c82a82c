// core/tests/hlc_test.cpp: stamps grow whatever the clock does, and a climb ahead of it is refused.
#include "core/event/hlc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/event/event.h"
#include "core/tests/random.h"

namespace plait {
namespace {

constexpr Hlc at_ms(std::uint64_t ms, Hlc counter = 0) { return ms * hlc_per_ms + counter; }

static_assert(hlc_from_unix_ns(0) == 0);
static_assert(hlc_from_unix_ns(1'000'000) == hlc_per_ms);
static_assert(hlc_from_unix_ns(999'999) == 65'535, "the fraction stays below a millisecond");
static_assert(hlc_unix_ms(hlc_from_unix_ns(1'767'225'600'000'000'000)) == 1'767'225'600'000);
// The last nanosecond that 64 bits can say neither overflows nor loses its millisecond.
static_assert(hlc_unix_ms(hlc_from_unix_ns(~std::uint64_t{0})) == 18'446'744'073'709);

TEST(Hlc, AFrozenClockStillGrows) {  // HLC-1
  Hlc last = 0;
  std::vector<Hlc> stamps;
  for (int i = 0; i < 3; ++i) stamps.push_back(last = next_hlc(at_ms(1000), last));
  EXPECT_EQ(stamps, (std::vector<Hlc>{at_ms(1000), at_ms(1000, 1), at_ms(1000, 2)}));
  EXPECT_EQ(next_hlc(at_ms(1005), last), at_ms(1005));
}

TEST(Hlc, WhatWasSeenIsOvertakenUntilTheClockPassesIt) {  // HLC-2, HLC-3
  EXPECT_EQ(next_hlc(at_ms(1000), at_ms(2000, 5)), at_ms(2000, 6));
  EXPECT_EQ(next_hlc(at_ms(1999), at_ms(2000, 6)), at_ms(2000, 7));
  EXPECT_EQ(next_hlc(at_ms(2001), at_ms(2000, 7)), at_ms(2001));
  EXPECT_GE(next_hlc(at_ms(1000), std::max(at_ms(1000, 3), at_ms(1000, 7))), at_ms(1000, 8));
}

TEST(Hlc, AClockThatJumpsBackDoesNotTurnStampsBack) {  // HLC-4
  Hlc last = next_hlc(at_ms(1'767'225'600'000), 0);
  for (std::uint64_t wall : {1'767'225'590'000, 1'735'689'600'000, 0L}) {
    Hlc next = next_hlc(at_ms(wall), last);
    EXPECT_EQ(next, last + 1);
    last = next;
  }
}

TEST(Hlc, AFullCounterCarriesIntoTheMilliseconds) {  // HLC-5
  EXPECT_EQ(next_hlc(at_ms(1000), at_ms(1000, 65'535)), at_ms(1001));
}

TEST(Hlc, SendsAmongNodesAreOrderedAsTheyWereCaused) {  // HLC-6
  for_each_seed(3, [](Random& random) {
    struct Node {
      std::int64_t skew_ms;
      Hlc seen = 0;
    };
    std::vector<Node> nodes{{random.between(-5000, 5000)}, {0}, {random.between(-50, 50)}};
    std::set<EventId> ids;
    std::int64_t wall_ms = 1'767'225'600'000;
    for (int i = 0; i < 10'000; ++i) {
      wall_ms += random.chance(30) ? 1 : 0;
      Node& from = nodes[random.below(3)];
      Node& to = nodes[random.below(3)];
      Event event;
      event.collection = "rec";
      event.salt = static_cast<std::uint64_t>(i);
      const Hlc seen = from.seen;
      stamp(event, next_hlc(at_ms(static_cast<std::uint64_t>(wall_ms + from.skew_ms)), seen));
      EXPECT_GT(event.id.hlc(), seen);
      EXPECT_TRUE(ids.insert(event.id).second);
      from.seen = event.id.hlc();
      to.seen = std::max(to.seen, event.id.hlc());
    }
  });
}

TEST(Hlc,
     TwoBackendsInOneMillisecondDiffer) {  // HLC-8: without shared memory the digest parts them
  Event one;
  one.collection = "rec";
  one.salt = 1;
  Event other = one;
  other.salt = 2;
  stamp(one, at_ms(1000));
  stamp(other, at_ms(1000));
  EXPECT_NE(one.id, other.id);
}

TEST(Hlc, OnlyAClimbAheadOfTheClockIsDrift) {
  constexpr Hlc now = at_ms(1'767'225'600'000);
  constexpr Hlc limit = now + at_ms(60'000);
  EXPECT_TRUE(check_drift(now, now, 0, 60'000));
  EXPECT_TRUE(check_drift(limit, now, 0, 60'000));
  EXPECT_FALSE(check_drift(limit + 1, now, 0, 60'000));
  // A successor of a fast event is legal, a climb on it is not.
  constexpr Hlc fast = limit + at_ms(3'600'000);
  EXPECT_TRUE(check_drift(fast + hlc_successor_max, now, fast, 60'000));
  EXPECT_FALSE(check_drift(fast + hlc_successor_max + 1, now, fast, 60'000));
  // A parent behind the limit does not lift it.
  EXPECT_FALSE(check_drift(limit + 1, now, now, 60'000));
}

TEST(Hlc, AStampInThePastIsNeverDrift) {  // HLC-7
  for_each_seed(1'000, [](Random& random) {
    const Hlc now = random.next();
    const Hlc stamp = now == 0 ? 0 : random.next() % now;
    EXPECT_TRUE(check_drift(stamp, now, 0, random.between(-1'000, 1'000)));
  });
}

TEST(Hlc, DriftAtTheEndOfTimeDoesNotWrap) {
  EXPECT_TRUE(check_drift(~Hlc{0}, ~Hlc{0} - 1, 0, 60'000));
  EXPECT_TRUE(check_drift(~Hlc{0}, 0, ~Hlc{0} - 1, 0));
  EXPECT_TRUE(check_drift(~Hlc{0}, 0, 0, INT64_MAX));
  EXPECT_FALSE(check_drift(~Hlc{0}, 0, 0, 60'000));
}

TEST(Hlc, DriftTellsTheServersTime) {
  Status status = check_drift(at_ms(1'767'229'200'000), at_ms(1'767'225'600'001), 0, 60'000);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::clock_drift);
  EXPECT_NE(status.error().what.find("2026-01-01T00:00:00.001Z"), std::string::npos);
  EXPECT_NE(status.error().what.find("3599999 ms ahead"), std::string::npos);
}

}  // namespace
}  // namespace plait
