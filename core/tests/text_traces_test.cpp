// core/tests/text_traces_test.cpp: recorded editing sessions replay to exactly the texts that their
// authors had; prints what that takes. Skips where ../shared/data is absent.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <optional>

#include "core/event/json.h"
#include "core/merge/live_text.h"
#include "core/merge/text_history.h"
#include "core/tests/drawn_text.h"

namespace plait {
namespace {

struct Trace {
  std::vector<std::vector<std::size_t>> parents;
  std::vector<std::vector<DrawnEdit>> edits;
  std::string end;
};

std::optional<Trace> read_trace(const std::string& name) {
  std::string path = PLAIT_ROOT "/../shared/data/traces/" + name + ".json.gz";
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return std::nullopt;
  std::fclose(file);
  std::FILE* pipe = popen(("gzip -dc '" + path + "'").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  char part[65'536];
  while (std::size_t size = std::fread(part, 1, sizeof part, pipe)) text.append(part, size);
  EXPECT_EQ(pclose(pipe), 0);
  auto json = parse_json(text);
  EXPECT_TRUE(json);
  Trace trace;
  auto number = [](const Json& token) { return std::stoul(token.as_number()); };
  for (const Json& written : json->find("txns")->as_array()) {
    std::size_t i = trace.parents.size();
    std::vector<std::size_t>& parents = trace.parents.emplace_back();
    if (const Json* given = written.find("parents")) {
      for (const Json& parent : given->as_array()) parents.push_back(number(parent));
    } else if (i > 0) {
      parents.push_back(i - 1);
    }
    std::vector<DrawnEdit>& edits = trace.edits.emplace_back();
    for (const Json& patch : written.find("patches")->as_array()) {
      const Json::Array& edit = patch.as_array();
      edits.push_back({number(edit[0]), number(edit[1]), edit[2].as_string()});
    }
  }
  trace.end = json->find("endContent")->as_string();
  return trace;
}

// The events of a trace, with ids in this order of its transactions.
void draw(const Trace& trace, const std::vector<std::size_t>& order, DrawnTexts& texts) {
  std::vector<EventId> ids(order.size());
  std::uint64_t clock = 0;
  for (std::size_t i : order) ids[i] = EventId(make_ulid(++clock, i * 0x9e37'79b9'7f4a'7c15ULL));
  for (std::size_t i : order) {
    std::vector<EventId> parents;
    for (std::size_t parent : trace.parents[i]) parents.push_back(ids[parent]);
    texts.edit(ids[i], std::move(parents), trace.edits[i]);
  }
}

void draw(const Trace& trace, DrawnTexts& texts) {
  std::vector<std::size_t> order(trace.parents.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  draw(trace, order, texts);
}

// Of this process: other programs run beside the tests.
double cpu_ms() { return static_cast<double>(std::clock()) * 1'000 / CLOCKS_PER_SEC; }

struct OneByOne {
  std::string text;
  double ms = 0;  // without what the store takes
  std::size_t memory = 0;
  std::size_t rebuilt = 0;
};

OneByOne one_by_one(const std::vector<TextEvent>& arrival) {
  OneByOne result;
  TextStore store;
  std::vector<const TextEvent*> unstored;
  LiveText text;
  bool linear = std::ranges::all_of(arrival, [&](const TextEvent& event) {
    return &event == &arrival[0] ||
           (event.parents.size() == 1 && event.parents[0] == (&event - 1)->id);
  });
  double start = cpu_ms();
  double store_time = 0;
  for (const TextEvent& event : arrival) {
    auto took = text.take(event);
    EXPECT_TRUE(took);
    if (*took == LiveText::Took::needs_history) {
      ++result.rebuilt;
      double asked = cpu_ms();
      for (const TextEvent* each : unstored) store.store(*each);
      unstored.clear();
      std::vector<TextEvent> since = store.since({&event, 1});
      result.memory = std::max(result.memory, text.memory());
      store_time += cpu_ms() - asked;
      took = text.take(event, since);
      EXPECT_TRUE(took);
    }
    if (!linear) unstored.push_back(&event);
  }
  result.ms = cpu_ms() - start - store_time;
  result.memory = std::max(result.memory, text.memory());
  result.text = text.text().to_string();
  return result;
}

double median_of_five(const std::function<double()>& run) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) times.push_back(run());
  std::ranges::sort(times);
  return times[2];
}

double bulk(const std::vector<TextEvent>& events, const std::string& expected) {
  double start = cpu_ms();
  Rope text;
  Status done = replay(text, events);
  double took = cpu_ms() - start;
  EXPECT_TRUE(done);
  EXPECT_EQ(text.to_string(), expected);
  return took;
}

class RecordedText : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedText, ReplayToTheirEnd) {
  std::optional<Trace> trace = read_trace(GetParam());
  if (!trace) GTEST_SKIP() << "../shared/data/traces is not here";
  DrawnTexts texts;
  draw(*trace, texts);
  std::vector<TextEvent> events(texts.events().begin(), texts.events().end());
  OneByOne single;
  double single_ms = median_of_five([&] {
    single = one_by_one(events);
    EXPECT_EQ(single.text, trace->end);
    return single.ms;
  });
  double bulk_ms = median_of_five([&] { return bulk(events, trace->end); });
  std::printf("%-20s one by one %.1f ms (%zu rebuilt, %zu KB above the text), in bulk %.1f ms\n",
              GetParam(), single_ms, single.rebuilt, single.memory / 1'024, bulk_ms);
}

INSTANTIATE_TEST_SUITE_P(Recorded, RecordedText,
                         ::testing::Values("automerge-paper", "friendsforever_flat",
                                           "friendsforever"));

TEST(TextTraces, ConcurrentInAnyOrderAndChunks) {
  std::optional<Trace> trace = read_trace("friendsforever");
  if (!trace) GTEST_SKIP() << "../shared/data/traces is not here";
  for_each_seed(2, [&](Random& random) {
    DrawnTexts in_file;
    draw(*trace, in_file);
    std::vector<std::size_t> order;
    for (const TextEvent& event : in_file.arrival(random)) order.push_back(event.id.hlc() - 1);
    DrawnTexts texts;  // ids in that order
    draw(*trace, order, texts);
    std::vector<TextEvent> events(texts.events().begin(), texts.events().end());
    bulk(events, trace->end);
    EXPECT_EQ(one_by_one(texts.arrival(random)).text, trace->end);

    std::vector<TextEvent> arrival = texts.arrival(random);
    TextStore store;
    Rope text;
    for (std::size_t i = 0; i < arrival.size();) {
      std::size_t count = std::min(1 + random.below(400), arrival.size() - i);
      std::vector<TextEvent> batch(arrival.begin() + static_cast<std::ptrdiff_t>(i),
                                   arrival.begin() + static_cast<std::ptrdiff_t>(i + count));
      auto edits = late_edits(text.size(), store.since(batch), batch);
      ASSERT_TRUE(edits);
      text.apply(*edits);
      for (const TextEvent& event : batch) store.store(event);
      i += count;
    }
    EXPECT_EQ(text.to_string(), trace->end);
  });
}

}  // namespace
}  // namespace plait
