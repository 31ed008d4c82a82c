// cli/tests/text_test.cpp: what is printed.

#include "cli/text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/change_lines.h"
#include "cli/history.h"
#include "cli/status.h"

namespace plait::cli {
namespace {

Json json(std::string_view text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json();
}

const std::vector<std::string> properties{"id", "title", "year", "stars"};
const Collection album{
    "album", {"id"}, {{"stars", "int"}, {"id", "int"}, {"title", "text"}, {"year", "int"}}, ""};

TEST(Text, ValuesAreReadableAndCannotBeMistaken) {
  const struct {
    std::string_view wire, text;
  } rows[] = {
      {R"("Bliss")", "Bliss"},
      {R"("Origin of Symmetry")", R"("Origin of Symmetry")"},
      {R"("")", R"("")"},
      {R"("null")", R"("null")"},
      {"null", "null"},
      {"2001", "2001"},
      {R"("9007199254740993")", "9007199254740993"},
      {R"({"a":[1,2]})", R"({"a":[1,2]})"},
      {R"("{\"a\":1}")", R"("{\"a\":1}")"},
      {R"("é")", "é"},
      {R"("\u001b[2J")", R"("\u001b[2J")"},
      {"\"\xc2\x9b\"", R"("\u009b")"},
      {"[\"\x7f\"]", R"(["\u007f"])"},
  };
  for (const auto& row : rows) EXPECT_EQ(value_text(json(row.wire)), row.text) << row.wire;
}

TEST(Text, MembersStandInTheTablesOrder) {
  EXPECT_EQ(members_text(json(R"({"extra":1,"stars":null,"title":"a b","year":2001})"), properties),
            R"(title="a b"  year=2001  stars=null  extra=1)");
}

TEST(Text, OperationsAreSentences) {
  const struct {
    std::string_view operations, text;
  } rows[] = {
      {R"({"create":true,"set":{"title":"Bliss","year":2001}})", "create  title=Bliss  year=2001"},
      {R"({"set":{"stars":5}})", "set stars=5"},
      {R"({"delete":true})", "delete"},
      {R"({"add":{"year":3},"set":{"title":"x"}})", "add year=3  title=x"},
      {R"({"emit":{"type":"Ordered"}})", "emit type=Ordered"},
      {"{}", "joins"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(operations_text(json(row.operations), properties), row.text);
}

TEST(Text, AnErrorSaysWhatWhereAndHowToMend) {
  Error error{Code::unknown_property, "album has no property \"yaer\"", "position 13",
              "it has id, title, year"};
  EXPECT_EQ(error_text(error),
            "plait: album has no property \"yaer\" (position 13) [unknown_property]\n  it has id, "
            "title, year\n");
  EXPECT_EQ(error_text({Code::not_found, "there is no album 7", {}, {}}),
            "plait: there is no album 7 [not_found]\n");
  EXPECT_EQ(marked_query("album where yaer > 5", error),
            "  album where yaer > 5\n              ^\n");
  EXPECT_EQ(marked_query("album", Error{Code::bad_query, "x", "params", {}}), "");
  EXPECT_EQ(marked_query("album\nwhere yaer > 5", error), "");
}

wire::Row row(std::string key, std::string_view state) {
  return {EntityId(), std::move(key), {EventId()}, json(state)};
}

client::QueryChanges some_changes() {
  using client::Change;
  client::QueryChanges changes{"q1", false, {}};
  changes.changes.push_back(
      {Change::Kind::added, row("254", R"({"id":254,"stars":null,"title":"Origin of Symmetry"})")});
  Change update{Change::Kind::updated, row("255", R"({"id":255})")};
  update.set = json(R"({"stars":5,"title":"Absolution"})");
  update.before = json(R"({"stars":null,"title":"Absolute"})");
  changes.changes.push_back(update);
  changes.changes.push_back({Change::Kind::removed, row(R"(["1","2"])", "{}")});
  changes.changes.back().gone = true;
  changes.changes.push_back({Change::Kind::removed, row("7", "{}")});
  return changes;
}

TEST(ChangeLines, AUnitIsHeadedByItsTick) {
  EXPECT_EQ(change_lines("album", "42.5be0d1c2a3f49687", some_changes(), album),
            "tick 42\n"
            "  + 254  stars=null  title=\"Origin of Symmetry\"\n"
            "  ~ 255  stars=5 (was null)  title=Absolution (was Absolute)\n"
            "  - \"[\\\"1\\\",\\\"2\\\"]\"  gone\n"
            "  - 7\n");
}

TEST(ChangeLines, TheFirstResultIsHeadedByItsQuery) {
  client::QueryChanges none{"q1", true, {}};
  EXPECT_EQ(change_lines("album where year > 2000", "41.09f3c2a1b5d7e846", none, album),
            "album where year > 2000: 0 rows at tick 41\n");
  none.changes.push_back({client::Change::Kind::added, row("1", "{}")});
  EXPECT_EQ(change_lines("album", std::nullopt, none, album), "album: 1 row at tick 0\n  + 1  \n");
}

TEST(ChangeLines, JsonIsALineAUnit) {
  std::string none = to_text(EventId());
  EXPECT_EQ(
      change_json("42.5be0d1c2a3f49687", some_changes()),
      R"({"add":[{"entity":")" + none + R"(","head":[")" + none +
          R"("],"key":"254","state":{"id":254,"stars":null,"title":"Origin of Symmetry"}}],)"
          R"("cursor":"42.5be0d1c2a3f49687","remove":[{"entity":")" +
          none + R"(","gone":true,"key":"[\"1\",\"2\"]"},{"entity":")" + none +
          R"(","gone":false,"key":"7"}],"tick":42,"update":[{"before":{"stars":null,"title":"Absolute"},"entity":")" +
          none + R"(","head":[")" + none +
          R"("],"key":"255","set":{"stars":5,"title":"Absolution"}}]})" + "\n");
}

TEST(History, ALineSaysWhenWhatAndWho) {
  EXPECT_EQ(
      history_line(
          json(R"({"id":"01KAJ0W1A2B3C4D5E6F7G8H9JK","parents":[],"operations":{"create":true,)"
               R"("set":{"title":"Absolution","year":2003}},"origin":"01KAJ0S4M8ZZ7A3TQ4X9V7N2WB",)"
               R"("actor":{"current_user":"app","session_user":"app"},"context":{},)"
               R"("happened":"2026-11-21T04:16:51.201+00:00"})"),
          properties),
      "2026-11-21 04:16:51.201Z  01KAJ0W1A2B3C4D5E6F7G8H9JK  create  title=Absolution  year=2003  "
      "by app");
  EXPECT_EQ(
      history_line(
          json(
              R"({"id":"x","operations":{"delete":true},"actor":{"subject":"alice b","current_user":"app"}})"),
          {}),
      "  x  delete  by \"alice b\"");
}

TEST(Status, ShowsWhatAnswersAndWhatCanBeWatched) {
  Found found;
  found.welcome.server = "plait-gateway 0.2.0";
  found.welcome.cursor = "41.09f3c2a1b5d7e846";
  found.welcome.schema = json(
      R"({"collections":[{"name":"album","key":["id"],"readable":true,"properties":[{"name":"id","type":"integer"}]},)"
      R"({"name":"secret_plan","key":["id"],"readable":"row level security","properties":[]}]})");
  found.round_trip_us = 420;
  found.ahead_ms = -90'500;
  EXPECT_EQ(status_lines("ws://x:1", found),
            "gateway      plait-gateway 0.2.0 at ws://x:1, 0.4 ms away\n"
            "database     " +
                to_text(NodeId()) +
                ", its clock is 90 s behind this one\n"
                "newest tick  41.09f3c2a1b5d7e846\n"
                "worker       unknown\n"
                "held back    nothing\n"
                "collections\n"
                "  album        key id, 1 properties\n"
                "  secret_plan  cannot be watched: row level security\n");
  EXPECT_EQ(json(status_json("ws://x:1", found)).find("clock_ahead_ms")->as_number(), "-90500");
}

TEST(Status, ShowsTheWorkerAndWhoHoldsBack) {
  Found found;
  found.items = json(
      R"({"worker":{"running":true,"pid":4711},"held_back":[{"holds":"its events","xid":"931"},)"
      R"({"pid":12,"holds":"all ticks","user":"bob","since":"2026-11-21T04:16:51+00:00"}]})");
  std::string lines = status_lines("ws://x:1", found);
  std::string_view shown =
      "worker       process 4711\n"
      "held back    holds=\"its events\"  xid=931\n"
      "             holds=\"all ticks\"  since=2026-11-21T04:16:51+00:00  pid=12  user=bob\n";
  EXPECT_NE(lines.find(shown), std::string::npos) << lines;
  Json told = json(status_json("ws://x:1", found));
  EXPECT_EQ(to_text(*told.find("held_back")), to_text(*found.items.find("held_back")));
  EXPECT_EQ(to_text(*told.find("worker")), to_text(*found.items.find("worker")));

  found.items = json(R"({"worker":{"running":false,"why_not":"this is a standby"}})");
  lines = status_lines("ws://x:1", found);
  EXPECT_NE(lines.find("worker       none: \"this is a standby\"\nheld back    nothing\n"),
            std::string::npos)
      << lines;
}

}  // namespace
}  // namespace plait::cli
