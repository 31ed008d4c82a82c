// core/tests/merge_types_test.cpp: counters, sets and JSON, alone and side by side.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/merge/fold.h"
#include "core/tests/drawn_history.h"
#include "core/tests/naive_merge.h"
#include "core/tests/row_table.h"

namespace plait {
namespace {

const std::map<std::string, std::string> types{
    {"layout", "json"}, {"likes", "counter"}, {"tags", "set"}, {"title", "lww"}};

// Initial values, from which adds, includes and patches start.
Properties typed(const Row& initial) {
  std::vector<Property> properties;
  for (const auto& [name, type] : types)
    properties.push_back({name, find_merge_rule(type), json_of(initial.at(name))});
  return Properties(std::move(properties));
}

const Row nulls{{"layout", "null"}, {"likes", "null"}, {"tags", "null"}, {"title", "null"}};
const Row defaults{{"layout", R"({"a":{"b":1},"c":[1]})"},
                   {"likes", "7"},
                   {"tags", R"(["rock"])"},
                   {"title", R"("untitled")"}};

// ---- random histories ----

std::string random_list(Random& random) {
  std::string list;
  for (const char* element : {"\"a\"", "\"b\"", "\"c\"", "1"})
    if (random.chance(40)) list += (list.empty() ? "" : ",") + std::string(element);
  return "[" + list + "]";
}

std::string random_document(Random& random, int depth) {
  std::size_t kind = random.below(depth > 0 ? 8 : 4);
  if (kind < 2) return std::to_string(random.below(9));
  if (kind == 2) return "[1,2]";
  if (kind == 3) return "\"text\"";
  std::string members;
  for (const char* key : {"\"a\":", "\"b\":", "\"c\":"})
    if (random.chance(50))
      members +=
          (members.empty() ? "" : ",") + std::string(key) + random_document(random, depth - 1);
  return "{" + members + "}";
}

std::string random_patch(Random& random) {
  std::string steps;
  for (std::size_t i = 0; i <= random.below(3); ++i) {
    std::string path;
    for (std::size_t step = 0; step <= random.below(3); ++step)
      path += (path.empty() ? "" : ",") + std::string("\"") + "abc"[random.below(3)] + "\"";
    steps += (steps.empty() ? "[[" : ",[[") + path + "]";
    if (random.chance(60)) steps += "," + (random.chance(10) ? "null" : random_document(random, 2));
    steps += "]";
  }
  return "[" + steps + "]";
}

// {verb: {property: value}} for some properties. A create uses `set` alone.
void add_changes(Json& operations, Random& random, bool sets_alone) {
  auto change = [&](const char* verb, const char* property, const std::string& value) {
    Json* changes = operations.find(verb);
    if (changes == nullptr) changes = operations.set(verb, Json::object()).find(verb);
    changes->set(property, json_of(value));
  };
  auto sets = [&] { return sets_alone || random.chance(20); };
  auto or_null = [&](std::string value) { return random.chance(20) ? "null" : value; };
  if (random.chance(30)) change("set", "title", std::to_string(random.below(99)));
  if (random.chance(40)) {
    bool set = sets();
    std::string number = std::to_string(random.between(-9, 9));
    change(set ? "set" : "add", "likes", set ? or_null(number) : number);
  }
  if (random.chance(40)) {
    if (sets()) {
      change("set", "tags", or_null(random_list(random)));
    } else if (random.chance(20)) {
      change("include", "tags", R"(["a","c"])");
      change("exclude", "tags", R"(["b",1])");
    } else {
      change(random.chance(50) ? "include" : "exclude", "tags", random_list(random));
    }
  }
  if (random.chance(40)) {
    bool set = sets();
    change(set ? "set" : "patch", "layout",
           set ? or_null(random_document(random, 3)) : random_patch(random));
  }
}

DrawnHistory random_typed_history(Random& random, std::size_t events) {
  DrawnDag dag = random_dag(random, events, Lines::one);
  DrawnHistory history;
  for (const Links& links : dag.events()) {
    bool genesis = links.parents.empty();
    std::size_t kind = random.below(100);
    Json operations = Json::object();
    if (genesis || kind < 12) operations.set("create", Json::boolean(true));
    if (!genesis && kind >= 12 && kind < 24) operations.set("delete", Json::boolean(true));
    add_changes(operations, random, operations.find("create") != nullptr);
    DrawnHistory::Names parents;
    for (const EventId& parent : links.parents) parents.push_back(dag.names({{parent}}));
    history.add(dag.names({{links.event}}), parents, to_text(operations));
  }
  return history;
}

// ---- invariant 7 for every merge type ----

TEST(MergeTypes, AnyOrderOfArrivalInAnySplittingWithRepeatsGivesOneRow) {
  for_each_seed(20'000, [](Random& random) {
    const Row& initial = random.chance(50) ? nulls : defaults;
    Properties properties = typed(initial);
    DrawnHistory history = random_typed_history(random, 1 + random.below(14));
    std::vector<const DrawnEvent*> order = history.arrival(random);
    RowTable table(properties, initial);
    for (std::size_t arrived = 0; arrived < order.size();) {
      std::size_t count = std::min(1 + random.below(4), order.size() - arrived);
      std::vector<const DrawnEvent*> batch(
          order.begin() + static_cast<std::ptrdiff_t>(arrived),
          order.begin() + static_cast<std::ptrdiff_t>(arrived + count));
      arrived += count;
      while (random.chance(40)) batch.push_back(order[random.below(arrived)]);
      random.shuffle(batch);
      table.commit(batch);
      NaiveState expected = naive_merge(table.events(), initial, types);
      ASSERT_EQ(table.row().has_value(), expected.life == "alive") << history.drawing();
      if (table.row()) {
        ASSERT_EQ(*table.row(), expected.values) << history.drawing();
      }
    }
  });
}

TEST(MergeTypes, TheFoldOfAnyOrderWithRepeatsIsTheReplayInIdOrder) {
  for_each_seed(10'000, [](Random& random) {
    const Row& initial = random.chance(50) ? nulls : defaults;
    Properties properties = typed(initial);
    DrawnHistory history = random_typed_history(random, 1 + random.below(14));
    std::vector<const DrawnEvent*> all;
    for (const DrawnEvent& event : history.events()) all.push_back(&event);
    NaiveState expected = naive_merge(all, initial, types);
    std::vector<EventView> shuffled = history.views();
    for (int i = 0; i < 3; ++i) shuffled.push_back(random.pick(history.events()).view());
    random.shuffle(shuffled);
    auto state = fold(properties, shuffled);
    ASSERT_TRUE(state);
    EXPECT_EQ(row_of(*state, properties), expected.values) << history.drawing();
    for (const auto& [property, held] : state->registers)
      EXPECT_EQ(held.event, expected.won.at(property)) << history.drawing();
  });
}

// What a feed is told: every property that the new events decide, and none that they leave as it
// is.
TEST(MergeTypes, AnEffectNamesWhatTheNewEventsDecideOrChange) {
  for_each_seed(10'000, [](Random& random) {
    Properties properties = typed(defaults);
    DrawnHistory history = random_typed_history(random, 2 + random.below(12));
    std::vector<const DrawnEvent*> order = history.arrival(random);
    RowTable table(properties, defaults);
    for (const DrawnEvent* event : order) {
      auto before = table.row();
      table.commit({event});
      NaiveState expected = naive_merge(table.events(), defaults, types);
      bool was_alive = before && table.row();
      for (const auto& [property, winner] : expected.won) {
        const auto& told = table.last().registers;
        bool is_told = told.contains(property);
        bool changed = was_alive && before->at(property) != expected.values.at(property);
        bool is_due = was_alive && (winner == event->id || changed);
        EXPECT_TRUE(is_told || !is_due) << history.drawing();
        if (is_told) {
          EXPECT_EQ(to_text(told.at(property).value), expected.values.at(property));
          EXPECT_EQ(told.at(property).event, winner);
        }
      }
    }
  });
}

// ---- scenarios ----

// Commits events by name, in this order, each by itself; the row's value, or "no row".
std::string arrives(const DrawnHistory& history, const DrawnHistory::Names& order,
                    const std::string& property, const Row& initial = nulls) {
  static std::vector<std::unique_ptr<Properties>> kept;
  kept.push_back(std::make_unique<Properties>(typed(initial)));
  RowTable table(*kept.back(), initial);
  for (const std::string& event : order) table.commit({&history.event(event)});
  return table.row() ? table.row()->at(property) : "no row";
}

// CTR-02: a late reset counts what came after it.
TEST(Counter, ALateSetKeepsTheAddsThatAreLaterThanIt) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"likes": 0}})", 10);
  history.add("B", {"A"}, R"({"add": {"likes": 3}})", 20);
  history.add("C", {"B"}, R"({"add": {"likes": 4}})", 40);
  history.add("R", {"A"}, R"({"set": {"likes": 100}})", 30);
  EXPECT_EQ(arrives(history, {"A", "R", "B", "C"}, "likes"), "104");
  EXPECT_EQ(arrives(history, {"A", "B", "R", "C"}, "likes"), "104");
  EXPECT_EQ(arrives(history, {"A", "B", "C", "R"}, "likes"), "104");
}

// CTR-01 and initial values.
TEST(Counter, AddsCommuteAndStartFromTheInitialValue) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("B", {"A"}, R"({"add": {"likes": 3}})", 20);
  history.add("C", {"A"}, R"({"add": {"likes": 4}})", 30);
  EXPECT_EQ(arrives(history, {"A", "B", "C", "B"}, "likes", defaults), "14");
  EXPECT_EQ(arrives(history, {"A", "C", "B", "C"}, "likes", defaults), "14");
  EXPECT_EQ(arrives(history, {"A", "C", "B"}, "likes", nulls), "7");
}

std::string added(const std::string& before, const std::string& operand) {
  Json value = json_of(before);
  Json number = json_of(operand);
  Operations::Change change{"add", "likes", &number};
  find_merge_rule("counter")->apply(value, change);
  return to_text(value);
}

TEST(Counter, SumsAreExactAndOfAnySize) {
  EXPECT_EQ(added(R"("9223372036854775807")", R"("1")"), R"("9223372036854775808")");
  EXPECT_EQ(added(R"("0.1")", R"("0.2")"), R"("0.3")");
  EXPECT_EQ(added(R"("1.50")", R"("-1.5")"), R"("0")");
  EXPECT_EQ(added("null", R"("5")"), R"("5")");
  EXPECT_EQ(added("2147483647", "1"), "2147483648");
  EXPECT_EQ(added("10", R"("-25")"), R"("-15")");
  EXPECT_EQ(added(R"("NaN")", "1"), R"("NaN")");
  EXPECT_EQ(added(R"("-Infinity")", "1"), R"("-Infinity")");
  EXPECT_EQ(added(R"("1e30")", "-1"), R"("999999999999999999999999999999")");
}

Status checked(const std::string& operations) {
  Json json = json_of(operations);
  auto read = read_operations(json);
  if (!read) return read.error();
  return typed(nulls).check(*read);
}

TEST(Counter, RefusesWhatIsNoNumber) {
  EXPECT_TRUE(checked(R"({"set": {"likes": null}})"));
  EXPECT_TRUE(checked(R"({"set": {"likes": "NaN"}})"));
  EXPECT_TRUE(checked(R"({"add": {"likes": "-1.50"}})"));
  for (const char* bad : {R"({"set": {"likes": "many"}})", R"({"set": {"likes": true}})",
                          R"({"add": {"likes": 1e200000}})", R"({"add": {"likes": "NaN"}})"}) {
    Status status = checked(bad);
    ASSERT_FALSE(status) << bad;
    EXPECT_EQ(status.error().code, Code::bad_value) << bad;
    EXPECT_TRUE(status.error().where.ends_with("/likes")) << status.error().where;
  }
}

// SET-01.
TEST(Set, TheLastVerbOnAnElementWinsLateOnesIncluded) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"tags": []}})", 10);
  history.add("I", {"A"}, R"({"include": {"tags": ["x"]}})", 20);
  history.add("E", {"A"}, R"({"exclude": {"tags": ["x"]}})", 30);
  history.add("J", {"A"}, R"({"include": {"tags": ["x"]}})", 40);
  EXPECT_EQ(arrives(history, {"A", "I", "E"}, "tags"), "[]");
  EXPECT_EQ(arrives(history, {"A", "E", "I"}, "tags"), "[]");
  EXPECT_EQ(arrives(history, {"A", "J", "E", "I"}, "tags"), R"(["x"])");
  EXPECT_EQ(arrives(history, {"A", "E", "I", "J"}, "tags"), R"(["x"])");
}

TEST(Set, NullIsNoEmptySet) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true})", 10);
  history.add("E", {"A"}, R"({"exclude": {"tags": ["x"]}})", 20);
  history.add("I", {"A"}, R"({"include": {"tags": ["x"]}})", 30);
  history.add("F", {"I"}, R"({"exclude": {"tags": ["x"]}})", 40);
  EXPECT_EQ(arrives(history, {"A", "E"}, "tags"), "null");
  EXPECT_EQ(arrives(history, {"A", "E", "I", "F"}, "tags"), "[]");
}

// A row keeps its elements in the order in which they came; the state has none.
TEST(Set, TheOrderOfElementsIsNoState) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"tags": ["b", "a"]}})", 10);
  history.add("B", {"A"}, R"({"include": {"tags": ["c", "a"]}})", 20);
  EXPECT_EQ(arrives(history, {"A", "B"}, "tags"), R"(["a","b","c"])");
  Properties properties =
      typed({{"layout", "null"}, {"likes", "1"}, {"tags", R"(["z","y"])"}, {"title", "null"}});
  EXPECT_EQ(to_text(properties.find("tags")->initial), R"(["y","z"])");
}

TEST(Set, RefusesDuplicatesAndNulls) {
  EXPECT_TRUE(checked(R"({"set": {"tags": null}})"));
  EXPECT_FALSE(checked(R"({"set": {"tags": ["x", "x"]}})"));
  EXPECT_FALSE(checked(R"({"set": {"tags": ["x", null]}})"));
  EXPECT_FALSE(checked(R"({"set": {"tags": "x"}})"));
  EXPECT_FALSE(checked(R"({"include": {"tags": [null]}})"));
  EXPECT_EQ(checked(R"({"set": {"tags": [null]}})").error().where, "/operations/set/tags/0");
}

// JSN-01.
TEST(JsonPaths, DifferentPathsBothHold) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"layout": {"a": {"b": 1}}}})", 10);
  history.add("B", {"A"}, R"({"patch": {"layout": [[["a", "b"], 2]]}})", 20);
  history.add("C", {"A"}, R"({"patch": {"layout": [[["a", "c"], 3]]}})", 30);
  EXPECT_EQ(arrives(history, {"A", "B", "C"}, "layout"), R"({"a":{"b":2,"c":3}})");
  EXPECT_EQ(arrives(history, {"A", "C", "B"}, "layout"), R"({"a":{"b":2,"c":3}})");
}

// A subtree is taken away while something under it is edited: who is later decides.
TEST(JsonPaths, ADeletedSubtreeAgainstAnEditUnderIt) {
  DrawnHistory history;
  history.add("A", {}, R"({"create": true, "set": {"layout": {"a": {"b": 1, "c": 1}}}})", 10);
  history.add("U", {"A"}, R"({"patch": {"layout": [[["a"]]]}})", 20);
  history.add("E", {"A"}, R"({"patch": {"layout": [[["a", "b"], 2]]}})", 30);
  history.add("V", {"A"}, R"({"patch": {"layout": [[["a"]]]}})", 40);
  EXPECT_EQ(arrives(history, {"A", "U", "E"}, "layout"), R"({"a":{"b":2}})");
  EXPECT_EQ(arrives(history, {"A", "E", "U"}, "layout"), R"({"a":{"b":2}})");
  EXPECT_EQ(arrives(history, {"A", "E", "V"}, "layout"), "{}");
  EXPECT_EQ(arrives(history, {"A", "V", "E"}, "layout"), "{}");
}

TEST(JsonPaths, NullsScalarsAndWhatLooksLikeAWrapper) {
  auto patched = [](const std::string& before, const std::string& patch) {
    Json value = json_of(before);
    Json steps = json_of(patch);
    find_merge_rule("json")->apply(value, {"patch", "layout", &steps});
    return to_text(value);
  };
  EXPECT_EQ(patched("null", R"([[["a"]]])"), "null");
  EXPECT_EQ(patched("null", R"([[["a"],1]])"), R"({"a":1})");
  EXPECT_EQ(patched(R"({"$json":null})", R"([[["a"]]])"), R"({"$json":null})");
  EXPECT_EQ(patched(R"({"$json":null})", R"([[["a"],1]])"), R"({"a":1})");
  EXPECT_EQ(patched("5", R"([[["a","b"],null]])"), R"({"a":{"b":null}})");
  EXPECT_EQ(patched("[1,2]", R"([[["0"],9]])"), R"({"0":9})");
  EXPECT_EQ(patched(R"({"a":1})", R"([[["a"]]])"), "{}");
  EXPECT_EQ(patched(R"({"a":1})", R"([[["a","b","c"]]])"), R"({"a":1})");
  EXPECT_EQ(patched(R"({"a":1})", R"([[["a"]],[["$json"],2]])"), R"({"$json":{"$json":2}})");
  EXPECT_EQ(patched(R"({"$json":{"$json":2}})", R"([[["x"],3]])"), R"({"$json":2,"x":3})");
}

// LC-03: what came after a delete is there when the row comes back.
TEST(MergeTypes, EditsOfADeadRowShowWhenItIsRestored) {
  DrawnHistory history;
  history.add("A", {},
              R"({"create": true, "set": {"likes": 1, "tags": ["a"], "layout": {"x": 1}}})", 10);
  history.add("D", {"A"}, R"({"delete": true})", 50);
  history.add("E", {"A"}, R"({"add": {"likes": 2}, "include": {"tags": ["b"]}})", 60);
  history.add("F", {"A"}, R"({"patch": {"layout": [[["y"], 2]]}})", 70);
  history.add("R", {"D", "E", "F"}, R"({"create": true})", 80);
  for (const DrawnHistory::Names& order : {DrawnHistory::Names{"A", "D", "E", "F", "R"},
                                           DrawnHistory::Names{"A", "F", "E", "D", "R"}}) {
    EXPECT_EQ(arrives(history, {order.begin(), order.end() - 1}, "likes"), "no row");
    EXPECT_EQ(arrives(history, order, "likes"), "3");
    EXPECT_EQ(arrives(history, order, "tags"), R"(["a","b"])");
    EXPECT_EQ(arrives(history, order, "layout"), R"({"x":1,"y":2})");
  }
}

}  // namespace
}  // namespace plait
