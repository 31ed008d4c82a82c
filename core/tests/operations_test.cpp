// core/tests/operations_test.cpp: every verb has its shape, and a wrong one is told by its place.
#include "core/event/operations.h"

#include <gtest/gtest.h>

#include <string>

#include "core/tests/random.h"
#include "core/tests/random_json.h"

namespace plait {
namespace {

void expect_taken(std::string_view text) {
  auto json = parse_json(text);
  ASSERT_TRUE(json) << text;
  auto operations = read_operations(*json);
  EXPECT_TRUE(operations) << text << ": " << operations.error().what << operations.error().where;
}

void expect_refused(std::string_view text, std::string_view where) {
  auto json = parse_json(text);
  ASSERT_TRUE(json) << text;
  auto operations = read_operations(*json);
  ASSERT_FALSE(operations) << text;
  EXPECT_EQ(operations.error().code, Code::bad_value) << text;
  EXPECT_EQ(operations.error().where, where) << text << ": " << operations.error().what;
  EXPECT_FALSE(operations.error().what.empty());
}

TEST(Operations, AViewOfWhatIsThere) {
  const Json json = *parse_json(R"({"set": {"year": 2002, "name": null}, "add": {"plays": 3},
                                    "emit": {"type": "Played", "data": [1]}, "delete": true})");
  auto operations = read_operations(json);
  ASSERT_TRUE(operations);
  EXPECT_FALSE(operations->creates);
  EXPECT_TRUE(operations->deletes);
  ASSERT_NE(operations->emit, nullptr);
  EXPECT_EQ(operations->emit->find("type")->as_string(), "Played");
  std::string changes;  // by verb, then by property
  for (const auto& change : operations->changes) {
    changes += std::string(change.verb) + " " + std::string(change.property) + " " +
               to_text(*change.value) + "; ";
  }
  EXPECT_EQ(changes, "add plays 3; set name null; set year 2002; ");
  EXPECT_FALSE(operations->empty());
}

TEST(Operations, AJoiningEventHasNone) {
  auto operations = read_operations(Json::object());
  ASSERT_TRUE(operations);
  EXPECT_TRUE(operations->empty());
}

TEST(Operations, OnlyKnownVerbs) {
  expect_refused("null", "/operations");
  expect_refused("[]", "/operations");
  expect_refused(R"({"sett": {}})", "/operations/sett");
  expect_refused(R"({"Set": {}})", "/operations/Set");
  expect_refused(R"({"": {}})", "/operations/");
  expect_refused(R"({"a/b~c": {}})", "/operations/a~1b~0c");
  expect_refused(R"({"set": 1})", "/operations/set");
  expect_refused(R"({"set": ["a"]})", "/operations/set");
  expect_taken(R"({"set": {}})");
}

TEST(Operations, CreateAndDeleteAreTrueAndNotBoth) {
  expect_taken(R"({"create": true})");
  expect_taken(R"({"create": true, "set": {"a": 1}, "emit": {"type": "T"}})");
  expect_taken(R"({"delete": true})");
  expect_refused(R"({"create": false})", "/operations/create");
  expect_refused(R"({"create": 1})", "/operations/create");
  expect_refused(R"({"create": {}})", "/operations/create");
  expect_refused(R"({"delete": null})", "/operations/delete");
  expect_refused(R"({"create": true, "delete": true})", "/operations/delete");
  expect_refused(R"({"create": true, "add": {"n": 1}})", "/operations/add");
  expect_refused(R"({"create": true, "include": {"tags": ["a"]}})", "/operations/include");
}

TEST(Operations, OneVerbAProperty) {
  expect_taken(R"({"set": {"a": 1}, "add": {"b": 1}})");
  expect_refused(R"({"set": {"a": 1}, "add": {"a": 1}})", "/operations/set/a");
  expect_refused(R"({"edit": {"a": []}, "patch": {"a": []}})", "/operations/patch/a");
  expect_refused(R"({"edit": {"a": []}, "include": {"a": ["x"]}})", "/operations/include/a");
  expect_refused(R"({"set": {"b": 1}, "include": {"b": ["x"]}, "exclude": {"b": ["y"]}})",
                 "/operations/set/b");
}

TEST(Operations, AnElementIsIncludedOrExcludedOnce) {
  expect_taken(R"({"include": {"tags": ["a", 1]}, "exclude": {"tags": ["b", "1"]}})");
  expect_taken(R"({"include": {"tags": []}})");
  expect_refused(R"({"include": {"tags": ["a"]}, "exclude": {"tags": ["b", "a"]}})",
                 "/operations/include/tags");
  expect_refused(R"({"include": {"tags": ["a", "b", "a"]}})", "/operations/include/tags");
  expect_refused(R"({"exclude": {"tags": [1, 1.0]}})", "/operations/exclude/tags");
  expect_refused(R"({"include": {"tags": ["a", null]}})", "/operations/include/tags/1");
  expect_refused(R"({"include": {"tags": "a"}})", "/operations/include/tags");
}

TEST(Operations, AddTakesANumberOrItsText) {
  for (const char* value : {"3", "-1.5", "1e3", "\"3\"", "\"-1.50\"", "\"9007199254740993\""}) {
    expect_taken(std::string(R"({"add": {"n": )") + value + "}}");
  }
  for (const char* value : {"null", "true", "\"\"", "\"x\"", "\"NaN\"", "\" 3\"", "[3]", "{}"}) {
    expect_refused(std::string(R"({"add": {"n": )") + value + "}}", "/operations/add/n");
  }
}

TEST(Operations, EditIsAListOfPositionDeletedInserted) {
  expect_taken(R"({"edit": {"body": []}})");
  expect_taken(R"({"edit": {"body": [[0, 4, "New"], [3, 0, "er"], [2147483647, 0, ""]]}})");
  expect_refused(R"({"edit": {"body": "x"}})", "/operations/edit/body");
  expect_refused(R"({"edit": {"body": [1, 2, "x"]}})", "/operations/edit/body/0");
  for (const char* step :
       {"[0, 4]", "[0, 4, \"x\", 1]", "[-1, 0, \"x\"]", "[0, -1, \"x\"]", "[1.5, 0, \"x\"]",
        "[\"0\", 0, \"x\"]", "[0, 0, null]", "[0, 0, 1]", "[1e10, 0, \"x\"]", "{}"}) {
    expect_refused(std::string(R"({"edit": {"body": [[0, 0, "a"], )") + step + "]}}",
                   "/operations/edit/body/1");
  }
}

TEST(Operations, PatchIsAListOfPathValueAndPath) {
  expect_taken(R"({"patch": {"layout": [[["a", "b"], 2], [["c"]], [["d"], null]]}})");
  expect_taken(R"({"patch": {"layout": []}})");
  expect_refused(R"({"patch": {"layout": {}}})", "/operations/patch/layout");
  expect_refused(R"({"patch": {"layout": [["a"]]}})", "/operations/patch/layout/0");
  expect_refused(R"({"patch": {"layout": [[]]}})", "/operations/patch/layout/0");
  expect_refused(R"({"patch": {"layout": [[["a"], 1, 2]]}})", "/operations/patch/layout/0");
  expect_refused(R"({"patch": {"layout": [[["a"]], [["a", 0], 1]]}})",
                 "/operations/patch/layout/1/0");
  expect_refused(R"({"patch": {"layout": [[[], 1]]}})", "/operations/patch/layout/0/0");
}

TEST(Operations, EmitHasAType) {
  expect_taken(R"({"emit": {"type": "OrderPlaced"}})");
  expect_taken(R"({"emit": {"type": "OrderPlaced", "data": null}})");
  expect_refused(R"({"emit": "OrderPlaced"})", "/operations/emit");
  expect_refused(R"({"emit": {}})", "/operations/emit/type");
  expect_refused(R"({"emit": {"type": ""}})", "/operations/emit/type");
  expect_refused(R"({"emit": {"type": 1}})", "/operations/emit/type");
  expect_refused(R"({"emit": {"type": "T", "payload": 1}})", "/operations/emit/payload");
}

TEST(Operations, APlaceIsAJsonPointer) {  // RFC 6901
  expect_refused(R"({"add": {"a/b~c": "x"}})", "/operations/add/a~1b~0c");
  expect_refused(R"({"add": {"~1": "x"}})", "/operations/add/~01");
  expect_refused(R"({"add": {"": "x"}})", "/operations/add/");
}

TEST(Operations, NoJsonBreaksThem) {
  for_each_seed(5'000, [](Random& random) {
    constexpr std::string_view verbs[] = {"create", "delete", "emit",    "set",    "add",
                                          "edit",   "patch",  "include", "exclude"};
    Json json = Json::object();
    for (std::size_t left = random.below(4); left > 0; --left) {
      json.set(random.pick(verbs), random_json(random));
    }
    auto operations = read_operations(json);
    if (operations) return;
    EXPECT_EQ(operations.error().code, Code::bad_value);
    EXPECT_EQ(operations.error().where.substr(0, 11), "/operations");
  });
}

}  // namespace
}  // namespace plait
