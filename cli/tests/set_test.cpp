// cli/tests/set_test.cpp: what plait set makes of its words: values by type, an event, an origin's
// clock.

#include "cli/set.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/assignment.h"
#include "cli/collection.h"

namespace plait::cli {
namespace {

Json json(std::string_view text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json();
}

const Json schema = json(R"json({"collections":[
  {"name":"album","key":["id"],"readable":true,"properties":[
    {"name":"id","type":"integer"},{"name":"title","type":"text"},{"name":"live","type":"boolean"},
    {"name":"plays","type":"bigint"},{"name":"price","type":"numeric(10,2)"
},{"name":"score","type":"double precision"},
    {"name":"layout","type":"jsonb"},{"name":"tags","type":"text[]"},{"name":"at","type":"timestamp with time zone"}]
},
  {"name":"Track","key":["album id","n"],"readable":true,"properties":[]},
  {"name":"secret","key":["id"],"readable":"row level security","properties":[]}]
})json");

Collection album() {
  auto found = find_collection(schema, "album");
  EXPECT_TRUE(found);
  return *found;
}

std::string assigned(std::string property, std::string value, bool is_json = false) {
  auto values = read_assignments(album(), {{std::move(property), std::move(value), is_json}});
  return values ? to_text(*values) : values.error().what;
}

TEST(Assignment, AValueIsReadByTheTypeOfItsProperty) {
  const struct {
    std::string property, value, wire;
  } rows[] = {
      {"id", "5", R"({"id":5})"},
      {"id", " +5 ", R"({"id":5})"},
      {"title", "Origin of Symmetry", R"({"title":"Origin of Symmetry"})"},
      {"title", "5", R"({"title":"5"})"},
      {"title", "null", R"({"title":"null"})"},
      {"title", "", R"({"title":""})"},
      {"live", "yes", R"({"live":true})"},
      {"live", "f", R"({"live":false})"},
      {"plays", "9007199254740993", R"({"plays":"9007199254740993"})"},
      {"price", "12.50", R"({"price":"12.50"})"},
      {"price", "NaN", R"({"price":"NaN"})"},
      {"score", "1.50", R"({"score":1.5})"},
      {"score", "Infinity", R"({"score":"Infinity"})"},
      {"score", "-0", R"({"score":"-0"})"},
      {"layout", R"({"a":1})", R"({"layout":{"a":1}})"},
      {"layout", "null", R"({"layout":{"$json":null}})"},
      {"layout", R"({"$json":1})", R"({"layout":{"$json":{"$json":1}}})"},
      {"tags", R"(["a","b"])", R"({"tags":["a","b"]})"},
      {"at", "2026-11-21 04:00Z", R"({"at":"2026-11-21 04:00Z"})"},
  };
  for (const auto& row : rows) EXPECT_EQ(assigned(row.property, row.value), row.wire);
  EXPECT_EQ(assigned("title", "null", true), R"({"title":null})");
}

TEST(Assignment, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(assigned("id", "MMI"), "id is of type integer, and \"MMI\" is none");
  EXPECT_EQ(assigned("id", "null"), "id is of type integer, and \"null\" is none");
  EXPECT_EQ(assigned("id", "3000000000"), "id is of type integer, and \"3000000000\" is none");
  EXPECT_EQ(assigned("live", "maybe"), "live is of type boolean, and \"maybe\" is none");
  EXPECT_EQ(assigned("tags", "a,b"), "tags is of type text[], and \"a,b\" is none");
  EXPECT_EQ(assigned("tags", R"({"a":1})"), "tags is of type text[], and \"{\"a\":1}\" is none");
  EXPECT_EQ(assigned("title", "x", true), "title is of type text, and \"x\" is none");
  EXPECT_EQ(assigned("yaer", "1"), "album has no property \"yaer\"");
}

TEST(Collection, ARowIsAskedForByItsKey) {
  auto query = row_query(album(), "42");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->query, R"("album" where "id" = $1)");
  EXPECT_EQ(to_text(query->params), R"(["42"])");

  auto track = find_collection(schema, "Track");
  ASSERT_TRUE(track);
  query = row_query(*track, R"(["1","42"])");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->query, R"("Track" where "album id" = $1 and "n" = $2)");
  EXPECT_EQ(to_text(query->params), R"(["1","42"])");
  for (std::string key : {"42", R"(["1"])", "[", R"({"a":1})"})
    EXPECT_FALSE(row_query(*track, key)) << key;
}

TEST(Collection, WhatCannotBeReadIsRefusedWithTheReason) {
  EXPECT_EQ(find_collection(schema, "secret").error().what,
            "secret cannot be read: row level security");
  EXPECT_EQ(find_collection(schema, "abum").error().code, Code::unknown_collection);
  EXPECT_EQ(find_collection(schema, "abum").error().hint, "there are album, Track, secret");
  EXPECT_NE(find_collection(Json::object(), "abum").error().hint.find("plait.track"),
            std::string::npos);
}

TEST(Set, TheEventIsTheRowsSuccessorAndItsIdIsItsContents) {
  EventId parent(make_ulid(1'000, 7)), other(make_ulid(2'000, 7));
  wire::Row row{EntityId(make_ulid(0, 254)), "254", {parent, other}, Json::object()};
  Stamp stamp{NodeId(make_ulid(5, 5)), 3'000};
  Event event = event_that_sets("album", row, json(R"({"stars":5})"), stamp, 77);
  EXPECT_TRUE(check_event(event));
  EXPECT_EQ(event.entity_id(), row.entity);
  EXPECT_EQ(event.parents, row.head);
  EXPECT_EQ(event.id.hlc(), 3'000u);
  EXPECT_EQ(to_text(event.operations), R"({"set":{"stars":5}})");
}

class Origin : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/plait-origin-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    folder = pattern;
    path = (folder / "state" / "plait" / "origin").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
  std::string path;
};

TEST_F(Origin, StaysAndItsClockOnlyGoesForward) {
  auto first = next_stamp(path, 1'000, 0);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(first->hlc, 1'000u);
  auto second = next_stamp(path, 900, 0);  // the machine's clock went back
  ASSERT_TRUE(second);
  EXPECT_EQ(second->origin, first->origin);
  EXPECT_EQ(second->hlc, 1'001u);
  EXPECT_EQ(next_stamp(path, 900, 5'000)->hlc, 5'001u) << "greater than what was seen";
  EXPECT_EQ(next_stamp(path, 900, 0)->hlc, 5'002u);
  EXPECT_EQ(next_stamp(path, 9'000, 0)->hlc, 9'000u);
}

TEST_F(Origin, NoTwoEventsHaveOneTimeHoweverManyCommandsRun) {
  std::vector<std::thread> threads;
  std::vector<std::vector<Hlc>> stamps(4);
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 25; ++n) stamps[i].push_back(next_stamp(path, 1'000, 0)->hlc);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Hlc> all;
  for (const auto& some : stamps) all.insert(all.end(), some.begin(), some.end());
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], 1'000 + i);
}

TEST_F(Origin, AFileOfSomethingElseIsLeftAloneAndNamed) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  for (std::string content :
       {"hello", "{}", R"({"hlc":"xyz","origin":"01KAJ0T7C6B5A4Z3Y2X1W0V9TS"})",
        R"({"hlc":"0199d2b4c8f07a21","origin":"no"})"}) {
    std::ofstream(path) << content;
    auto stamp = next_stamp(path, 1'000, 0);
    ASSERT_FALSE(stamp) << content;
    EXPECT_EQ(stamp.error().where, path);
    EXPECT_EQ(stamp.error().code, Code::bad_value);
    std::string kept;
    std::getline(std::ifstream(path), kept);
    EXPECT_EQ(kept, content);
  }
}

TEST_F(Origin, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder / "file") << "x";
  auto stamp = next_stamp((folder / "file" / "plait" / "origin").string(), 1'000, 0);
  ASSERT_FALSE(stamp);
  EXPECT_EQ(stamp.error().code, Code::internal);
}

}  // namespace
}  // namespace plait::cli
