// core/tests/text_diff_test.cpp: a diff makes the new text, with as little as can be, and in time.

#include "core/merge/text_diff.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/merge/code_points.h"
#include "core/merge/rope.h"
#include "core/tests/drawn_text.h"

namespace plait {
namespace {

std::string applied(std::string_view before, const std::vector<TextEdit>& edits) {
  EXPECT_TRUE(check_ranges(edits, code_points(before)));
  Rope rope(before);
  rope.apply(edits);
  return rope.to_string();
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> all;
  for (char byte : text) {
    if (continues_code_point(byte)) {
      all.back() += byte;
    } else {
      all.emplace_back(1, byte);
    }
  }
  return all;
}

// Deleted and inserted code points that no diff can do without.
std::size_t fewest(std::string_view before, std::string_view after) {
  auto a = characters(before);
  auto b = characters(after);
  std::vector<std::vector<std::size_t>> common(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      common[i][j] = a[i - 1] == b[j - 1] ? common[i - 1][j - 1] + 1
                                          : std::max(common[i - 1][j], common[i][j - 1]);
    }
  }
  return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

std::size_t cost(const std::vector<TextEdit>& edits) {
  std::size_t sum = 0;
  for (const TextEdit& edit : edits) sum += edit.deleted + code_points(edit.inserted);
  return sum;
}

TEST(TextDiff, MakesTheNewTextByTheFewestCodePoints) {
  for_each_seed(20'000, [](Random& random) {
    std::string before = random_text(random, random.below(25));
    std::string after = random_text(random, random.below(25));
    if (random.chance(60)) {  // related texts
      Rope rope(before);
      for (std::size_t n = random.below(4); n > 0; --n) {
        std::size_t position = random.below(rope.size() + 1);
        std::string inserted = random_text(random, random.below(4));
        rope.apply({position, std::min(random.below(4), rope.size() - position), inserted});
      }
      after = rope.to_string();
    }
    std::vector<TextEdit> edits = text_diff(before, after);
    EXPECT_EQ(applied(before, edits), after);
    EXPECT_EQ(cost(edits), fewest(before, after)) << before << "\n->\n" << after;
  });
}

TEST(TextDiff, NeverSplitsACodePoint) {
  // These differ in their last byte, and in their first.
  EXPECT_EQ(text_diff("a😀b", "a😁b"), (std::vector<TextEdit>{{1, 1, "😁"}}));
  EXPECT_EQ(text_diff("é", "ɩ"), (std::vector<TextEdit>{{0, 1, "ɩ"}}));
  EXPECT_EQ(text_diff("e\u0301x", "ex"), (std::vector<TextEdit>{{1, 1, ""}}));
  EXPECT_TRUE(text_diff("same", "same").empty());
  EXPECT_EQ(text_diff("", "new"), (std::vector<TextEdit>{{0, 0, "new"}}));
  EXPECT_EQ(text_diff("old", ""), (std::vector<TextEdit>{{0, 3, ""}}));
}

// Bounded by what it compares: to the end these two would take it billions of steps.
TEST(TextDiff, LargeTextsThatDifferTooMuchAreReplaced) {
  Random random(1);
  std::string before, after;
  for (int i = 0; i < 1'000'000; ++i) before += static_cast<char>('a' + random.below(26));
  for (int i = 0; i < 1'000'000; ++i) after += static_cast<char>('a' + random.below(26));
  std::string edited = before;
  for (int i = 0; i < 100; ++i) edited[random.below(edited.size())] = '#';
  std::vector<TextEdit> edits = text_diff(before, after);
  EXPECT_EQ(edits.size(), 1U);
  EXPECT_EQ(applied(before, edits), after);

  edits = text_diff(before, edited);
  auto changed = static_cast<std::size_t>(std::ranges::count(edited, '#'));
  EXPECT_EQ(cost(edits), 2 * changed);
  EXPECT_EQ(applied(before, edits), edited);
}

}  // namespace
}  // namespace plait
