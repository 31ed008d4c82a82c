// core/tests/text_history_test.cpp: a text's history gives one text, in any order of delivery: that
// of the naive model (invariant 7).

#include "core/merge/text_history.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>

#include "core/merge/live_text.h"
#include "core/tests/drawn_text.h"

namespace plait {
namespace {

std::string replayed(std::vector<TextEvent> events) {
  Rope text;
  Status done = replay(text, events);
  return done ? text.to_string() : "error: " + done.error().what;
}

// One by one; what the text needs to know of the past it is given.
std::string taken(const std::vector<TextEvent>& arrival, Random& random) {
  TextStore store;
  LiveText text;
  auto take = [&](const TextEvent& event) -> std::string {
    auto took = text.take(event);
    if (took && *took == LiveText::Took::needs_history) {
      std::vector<TextEvent> since = store.since({&event, 1});
      random.shuffle(since);
      took = text.take(event, since);
    }
    if (!took) return "error: " + took.error().what;
    bool known = *took == LiveText::Took::known;
    EXPECT_EQ(known, store.has(event.id));
    store.store(event);
    EXPECT_EQ(text.head(), store.head());
    return "";
  };
  for (std::size_t i = 0; i < arrival.size(); ++i) {
    if (std::string error = take(arrival[i]); !error.empty()) return error;
    if (!random.chance(10)) continue;
    if (std::string error = take(arrival[random.below(i + 1)]); !error.empty()) return error;
  }
  return text.text().to_string();
}

// In batches, of which each is brought to the text and then stored.
std::string brought(const std::vector<TextEvent>& arrival, Random& random) {
  TextStore store;
  Rope text;
  std::size_t batch_max = 1 + random.below(8);
  for (std::size_t i = 0; i < arrival.size();) {
    std::vector<TextEvent> batch;
    for (std::size_t n = 1 + random.below(batch_max); n > 0 && i < arrival.size(); --n, ++i) {
      batch.push_back(arrival[i]);
    }
    std::vector<TextEvent> fresh = batch;
    if (random.chance(10)) fresh.push_back(random.pick(batch));
    random.shuffle(fresh);
    std::vector<TextEvent> since = store.since(batch);
    random.shuffle(since);
    auto edits = late_edits(text.size(), since, fresh);
    if (!edits) return "error: " + edits.error().what;
    text.apply(*edits);
    for (const TextEvent& event : batch) store.store(event);
  }
  return text.to_string();
}

void expect_one_text(Random& random, const Writing& writing) {
  DrawnTexts texts;
  NaiveText naive;
  write_at_random(random, writing, texts, naive);
  const std::string expected = naive.text(naive.all());

  std::vector<TextEvent> shuffled(texts.events().begin(), texts.events().end());
  EXPECT_EQ(replayed(texts.arrival(random)), expected) << texts.drawing();
  shuffled.push_back(random.pick(texts.events()));
  random.shuffle(shuffled);
  EXPECT_EQ(replayed(shuffled), expected) << texts.drawing();
  EXPECT_EQ(taken(texts.arrival(random), random), expected) << texts.drawing();
  EXPECT_EQ(brought(texts.arrival(random), random), expected) << texts.drawing();
}

TEST(TextHistory, AnyDeliveryGivesTheTextOfTheNaiveModel) {
  for_each_seed(10'000, [](Random& random) {
    Writing writing;
    writing.events = 2 + random.below(random.chance(80) ? 12 : 40);
    writing.replicas = 1 + random.below(8);
    writing.sync_percent = static_cast<int>(random.below(70));
    writing.set_percent = 0;
    writing.near_percent = static_cast<int>(random.below(100));
    expect_one_text(random, writing);
  });
}

TEST(TextHistory, LongHistoriesGiveTheTextOfTheNaiveModel) {
  for_each_seed(6, [](Random& random) {
    Writing writing;
    writing.events = 700;
    writing.replicas = 2 + random.below(4);
    writing.sync_percent = 5 + static_cast<int>(random.below(40));
    writing.set_percent = 0;
    writing.inserted_max = 2;
    expect_one_text(random, writing);
  });
}

// A set hides how long the text was before it. What then cannot be told is refused, and replaying
// from the beginning knows it.
TEST(TextHistory, SetsLeaveWhatTheirAuthorsDidNotSee) {
  std::size_t refused = 0;
  for_each_seed(5'000, [&](Random& random) {
    Writing writing;
    writing.events = 2 + random.below(14);
    writing.replicas = 1 + random.below(5);
    writing.sync_percent = static_cast<int>(random.below(70));
    writing.set_percent = 25;
    DrawnTexts texts;
    NaiveText naive;
    write_at_random(random, writing, texts, naive);
    const std::string expected = naive.text(naive.all());
    std::vector<TextEvent> events(texts.events().begin(), texts.events().end());
    random.shuffle(events);
    EXPECT_EQ(replayed(events), expected) << texts.drawing();
    for (auto deliver : {taken, brought}) {
      std::string text = deliver(texts.arrival(random), random);
      if (text.find("is unknown") != std::string::npos) {
        ++refused;
      } else {
        EXPECT_EQ(text, expected) << texts.drawing();
      }
    }
  });
  EXPECT_LT(refused, 5'000U);
}

// Late by 10,000 events, one or a whole branch of them: what it costs is printed.
TEST(TextHistory, ALateBranchMerges) {
  Random random(1);
  for (std::size_t late : {1, 10'000}) {
    DrawnTexts texts;
    std::vector<EventId> parents;
    auto write = [&](std::size_t count, std::uint64_t from, std::size_t length) {
      for (std::size_t i = 0; i < count; ++i) {
        EventId id(make_ulid(from + i, random.next()));
        bool deletes = length > 0 && random.chance(30);
        std::size_t position = random.below(length + !deletes);
        texts.edit(id, parents, {{position, deletes ? 1U : 0U, deletes ? "" : "é"}});
        length += deletes ? 0 : 1;
        length -= deletes ? 1 : 0;
        parents = {id};
      }
      return length;
    };
    std::size_t base = write(1, 1, 0);
    std::vector<EventId> fork = parents;
    std::size_t present = write(10'000, 10, base);
    parents = fork;
    write(late, 11, base);
    std::vector<TextEvent> all(texts.events().begin(), texts.events().end());
    std::vector<TextEvent> known(all.begin(), all.begin() + 10'001);
    std::vector<TextEvent> fresh(all.begin() + 10'001, all.end());
    Rope text;
    ASSERT_TRUE(replay(text, known));
    ASSERT_EQ(text.size(), present);
    std::clock_t start = std::clock();
    auto edits = late_edits(present, std::span(known).subspan(1), fresh);
    double ms = static_cast<double>(std::clock() - start) * 1e3 / CLOCKS_PER_SEC;
    ASSERT_TRUE(edits) << edits.error().what;
    std::printf("%zu late by 10,000 events: %.1f ms\n", late, ms);
    text.apply(*edits);
    EXPECT_EQ(replayed(all), text.to_string());
  }
}

}  // namespace
}  // namespace plait
