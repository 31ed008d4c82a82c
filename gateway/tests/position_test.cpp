// gateway/tests/position_test.cpp: which transactions a snapshot shows as finished.

#include "gateway/position.h"

#include <gtest/gtest.h>

namespace plait::gateway {
namespace {

Finished finished(std::string_view text) { return Finished::parse(text).value(); }

TEST(Finished, HasWhatEndedBeforeIt) {
  Finished snapshot = finished("10:20:12,15");
  for (std::uint64_t xid : {1, 9, 10, 11, 13, 14, 16, 19}) EXPECT_TRUE(snapshot.has(xid)) << xid;
  for (std::uint64_t xid : {12, 15, 20, 21}) EXPECT_FALSE(snapshot.has(xid)) << xid;
}

TEST(Finished, ALaterSnapshotHasAllOfAnEarlierOne) {
  Finished early = finished("10:20:10,15");
  EXPECT_TRUE(early.has_all_of(early));
  EXPECT_TRUE(finished("15:20:15").has_all_of(early));        // 10 has ended
  EXPECT_TRUE(finished("10:30:10,15,25").has_all_of(early));  // 25 began later
  EXPECT_FALSE(finished("10:20:10,15,17").has_all_of(early));
  EXPECT_FALSE(finished("10:15:10").has_all_of(early));
  EXPECT_TRUE(early.has_all_of(Finished()));
}

TEST(Finished, TextThatIsNoSnapshotIsNoSnapshot) {
  for (const char* text : {"", "10", "10:", "20:10:", "10:20:x", "10:20:12;15", "a:20:"}) {
    EXPECT_FALSE(Finished::parse(text)) << text;
  }
}

}  // namespace
}  // namespace plait::gateway
