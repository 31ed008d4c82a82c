// core/tests/ulid_test.cpp: ids keep their 128 bits as text, and every order of them is the same
// one.
#include "core/event/ulid.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <type_traits>
#include <unordered_set>

#include "core/tests/random.h"

namespace plait {
namespace {

Ulid random_ulid(Random& random) {
  // Half of them differ in few bits, so that neighbours and carries are met.
  if (random.chance(50)) return make_ulid(random.next(), random.next());
  return make_ulid(random.below(3), std::uint64_t{1} << random.below(64));
}

void expect_refused(std::string_view text, std::string_view where) {
  auto id = parse_ulid(text);
  ASSERT_FALSE(id) << text;
  EXPECT_EQ(id.error().code, Code::bad_value) << text;
  EXPECT_EQ(id.error().where, where) << text;
  EXPECT_FALSE(id.error().hint.empty());
}

TEST(Ulid, TextRoundTrips) {
  for_each_seed(5'000, [](Random& random) {
    const Ulid id = random_ulid(random);
    const std::string text = to_text(id);
    EXPECT_EQ(text.size(), 26u);
    auto again = parse_ulid(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, id);
  });
}

TEST(Ulid, OrderOfBytesOfTextAndOfNumbersIsOne) {
  for_each_seed(5'000, [](Random& random) {
    const Ulid a = random_ulid(random);
    const Ulid b = random_ulid(random);
    EXPECT_EQ(a < b, std::memcmp(a.bytes.data(), b.bytes.data(), 16) < 0);
    EXPECT_EQ(a < b, to_text(a) < to_text(b));
    EXPECT_EQ(a < b, std::pair(a.hlc(), a.low()) < std::pair(b.hlc(), b.low()));
    EXPECT_EQ(a == b, to_text(a) == to_text(b));
  });
}

TEST(Ulid, TheEndsOfTheRange) {
  EXPECT_EQ(to_text(Ulid{}), "00000000000000000000000000");
  EXPECT_EQ(to_text(make_ulid(~0ull, ~0ull)), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(to_text(make_ulid(0, 42)), "0000000000000000000000001A");
  EXPECT_EQ(to_text(make_ulid(1, 0)), "0000000000000G000000000000");  // bit 64 crosses the halves
  EXPECT_EQ(make_ulid(7, 9).hlc(), 7u);
  EXPECT_EQ(make_ulid(7, 9).low(), 9u);
}

TEST(Ulid, LowerCaseAndLookAlikesAreRead) {
  const Ulid id = *parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV");  // the specification's example
  EXPECT_EQ(*parse_ulid("01arz3ndektsv4rrffq69g5fav"), id);
  EXPECT_EQ(*parse_ulid("oiARZ3NDEKTSV4RRFFQ69G5FAV"), id);
  EXPECT_EQ(*parse_ulid("OLARZ3NDEKTSV4RRFFQ69G5FAV"), id);
  EXPECT_EQ(to_text(id), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

TEST(Ulid, WhatIsNoIdIsRefusedWithItsPlace) {
  expect_refused("", "byte 0");
  expect_refused("01ARZ3NDEKTSV4RRFFQ69G5FA", "byte 25");
  expect_refused("01ARZ3NDEKTSV4RRFFQ69G5FAVX", "byte 26");
  expect_refused("01ARZ3NDEKTSV4RRFFQ69G5FAU", "byte 25");  // Crockford leaves U out
  expect_refused("01ARZ3NDEK-SV4RRFFQ69G5FAV", "byte 10");
  expect_refused(" 1ARZ3NDEKTSV4RRFFQ69G5FAV", "byte 0");
  expect_refused("80000000000000000000000000", "byte 0");  // 129 bits
  expect_refused("ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "byte 0");
  expect_refused(std::string("01ARZ3NDEKTSV4RRFFQ69G5FA\0", 26), "byte 25");
  expect_refused("01ARZ3NDEKTSV4RRFFQ69G5FA\xc3", "byte 25");
}

TEST(Ulid, IdsOfDifferentMeaningDoNotMix) {
  static_assert(!std::is_convertible_v<EventId, EntityId>);
  static_assert(!std::is_convertible_v<Ulid, EventId>);
  static_assert(std::is_constructible_v<EntityId, EventId>, "a genesis names its entity");
  std::unordered_set<EventId> ids{EventId(make_ulid(1, 2)), EventId(make_ulid(1, 2)),
                                  EventId(make_ulid(1, 3))};
  EXPECT_EQ(ids.size(), 2u);
}

}  // namespace
}  // namespace plait
