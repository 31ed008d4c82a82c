// core/tests/rope_test.cpp: a rope is the text that its edits make, addressed by code points.

#include "core/merge/rope.h"

#include <gtest/gtest.h>

#include "core/merge/code_points.h"
#include "core/tests/drawn_text.h"

namespace plait {
namespace {

std::string joined(const std::vector<std::string>& characters, std::size_t from,
                   std::size_t count) {
  std::string text;
  for (std::size_t i = from; i < from + count; ++i) text += characters[i];
  return text;
}

TEST(Rope, IsAListOfCodePoints) {
  for_each_seed(300, [](Random& random) {
    std::vector<std::string> model;
    Rope rope;
    bool ascii = random.chance(30);
    std::size_t most = 1 + random.below(random.chance(20) ? 3'000 : 60);
    std::size_t near = 0;
    for (int step = 0; step < 200; ++step) {
      std::size_t at =
          random.chance(50) ? std::min(near, model.size()) : random.below(model.size() + 1);
      if (random.chance(60)) {
        std::size_t length = random.below(most);
        std::vector<std::string> inserted;
        for (std::size_t i = 0; i < length; ++i) {
          inserted.push_back(ascii ? "x" : random_text(random, 1));
        }
        rope.insert(at, joined(inserted, 0, length));
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), inserted.begin(),
                     inserted.end());
        near = at + length;
      } else {
        std::size_t count = std::min(model.size() - at, random.below(2 * most));
        rope.erase(at, count);
        auto first = model.begin() + static_cast<std::ptrdiff_t>(at);
        model.erase(first, first + static_cast<std::ptrdiff_t>(count));
        near = at;
      }
      ASSERT_EQ(rope.size(), model.size());
      std::size_t from = random.below(model.size() + 1);
      std::size_t count = random.below(model.size() - from + 1);
      ASSERT_EQ(rope.slice(from, count), joined(model, from, count));
    }
    std::string text = joined(model, 0, model.size());
    EXPECT_EQ(rope.to_string(), text);
    EXPECT_EQ(rope.bytes(), text.size());
    EXPECT_EQ(Rope(text).to_string(), text);
  });
}

TEST(Rope, InsertsAllOverAMegabyteStayWhereTheyWerePut) {
  for (const char* character : {"x", "界"}) {
    Random random(1);
    std::string text;
    while (text.size() < 1'000'000) text += character;
    Rope rope(text);
    std::size_t size = rope.size();
    for (std::size_t i = 0; i < 20'000; ++i) {
      std::size_t at = random.below(rope.size() + 1);
      rope.insert(at, "😀");
      ASSERT_EQ(rope.slice(at, 1), "😀");
      ASSERT_EQ(rope.size(), size + i + 1);
    }
    EXPECT_EQ(rope.bytes(), text.size() + 20'000 * std::string_view("😀").size());
  }
}

}  // namespace
}  // namespace plait
