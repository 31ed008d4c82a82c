// core/tests/vectors_test.cpp: core agrees with vectors/vectors.json on ids, JSON and events.
#include <gtest/gtest.h>

#include <string>

#include "core/event/event.h"
#include "core/event/sha256.h"
#include "core/tests/vectors.h"

namespace plait {
namespace {

template <typename Bytes>
std::string hex(const Bytes& bytes) {
  std::string text;
  for (std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

template <typename T>
void expect_refused(const Result<T>& result, const Json& vector, std::string_view code) {
  ASSERT_FALSE(result);
  EXPECT_EQ(name(result.error().code), code);
  if (vector.find("where") != nullptr) {
    EXPECT_EQ(result.error().where, text_of(vector, "where")) << result.error().what;
  }
}

TEST(Vectors, Ulids) {
  for_each_vector("ulid", [](const Json& vector) {
    auto id = parse_ulid(text_of(vector, "text"));
    if (vector.find("refused")) return expect_refused(id, vector, text_of(vector, "refused"));
    ASSERT_TRUE(id);
    EXPECT_EQ(hex(id->bytes), text_of(vector, "hex"));
    EXPECT_EQ(to_text(*id), text_of(vector, "canonical"));
  });
}

TEST(Vectors, Numbers) {
  for_each_vector("json_numbers", [](const Json& vector) {
    auto token = canonical_number(text_of(vector, "token"));
    if (vector.find("refused")) return expect_refused(token, vector, text_of(vector, "refused"));
    ASSERT_TRUE(token);
    EXPECT_EQ(*token, text_of(vector, "canonical"));
  });
}

TEST(Vectors, CanonicalTexts) {
  for_each_vector("json_canonical", [](const Json& vector) {
    auto json = parse_json(text_of(vector, "text"));
    if (vector.find("refused")) return expect_refused(json, vector, text_of(vector, "refused"));
    ASSERT_TRUE(json) << json.error().what << json.error().where;
    EXPECT_EQ(to_text(*json), text_of(vector, "canonical"));
  });
}

TEST(Vectors, Events) {
  for_each_vector("events", [](const Json& vector) {
    auto event = read_event(*parse_json(text_of(vector, "event")));
    ASSERT_TRUE(event) << event.error().what << event.error().where;
    EXPECT_EQ(canonical_form(*event), text_of(vector, "canonical"));
    EXPECT_EQ(hex(sha256(canonical_form(*event))), text_of(vector, "sha256"));
    EXPECT_EQ(to_text(event->id), text_of(vector, "id"));
    EXPECT_EQ(to_text(event->entity_id()), text_of(vector, "entity"));
    EXPECT_TRUE(check_event(*event));
    const EventId id = event->id;
    stamp(*event, id.hlc());
    EXPECT_EQ(event->id, id);
  });
}

TEST(Vectors, RefusedEvents) {
  for_each_vector("refused_events", [](const Json& vector) {
    auto event = read_event(*parse_json(text_of(vector, "event")));
    if (!event) return expect_refused(event, vector, text_of(vector, "code"));
    expect_refused(check_event(*event), vector, text_of(vector, "code"));
  });
}

TEST(Vectors, EveryEventOfADagOrAMergeIsSound) {
  for (std::string_view section : {"dag", "merge"}) {
    for_each_vector(section, [](const Json& vector) {
      for (const Json& json : vector.find("events")->as_array()) {
        auto event = read_event(json);
        ASSERT_TRUE(event) << event.error().what << event.error().where;
        Status sound = check_event(*event);
        EXPECT_TRUE(sound) << sound.error().what;
      }
    });
  }
}

}  // namespace
}  // namespace plait
