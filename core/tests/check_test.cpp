// core/tests/check_test.cpp: names and types of a query, against a schema that the test gives.

#include "core/query/check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/query/parser.h"
#include "core/query/sql.h"

namespace plait::query {
namespace {

Schema album() {
  return {"album",
          {{"id", "id", "uuid"},
           {"name", "name", "text"},
           {"code", "code", "character(3)"},
           {"year", "Year of issue", "integer"},
           {"plays", "plays", "bigint"},
           {"price", "price", "numeric(10,2)"},
           {"weight", "weight", "real"},
           {"score", "score", "double precision"},
           {"live", "live", "boolean"},
           {"released", "released", "date"},
           {"seen", "seen", "timestamp(3) with time zone"},
           {"mood", "mood", "public.mood", {"sad", "ok", "happy"}},
           {"host", "host", "inet"},
           {"data", "data", "jsonb"},
           {"tags", "tags", "text[]"}}};
}

Result<Checked> checked(std::string_view text, std::vector<Json> parameters = {},
                        const NormalisedLiterals& normalised = {}) {
  auto parsed = parse_condition(text);
  if (!parsed) return parsed.error();
  return check(*parsed, album(), parameters, normalised);
}

Error refusal(std::string_view text, std::vector<Json> parameters = {}) {
  auto result = checked(text, std::move(parameters));
  if (!result) return result.error();
  return Error{Code::internal, "accepted: " + to_sql(result->predicate).text, {}, {}};
}

TEST(Check, AnUnknownPropertyIsRefusedByNameAndPosition) {
  Error error = refusal("year = 1 AND (colour = 'red')");
  EXPECT_EQ(error.code, Code::unknown_property);
  EXPECT_EQ(error.what, "album has no property \"colour\"");
  EXPECT_EQ(error.where, "position 15");
  EXPECT_NE(error.hint.find("id, name, code, year"), std::string::npos);
  EXPECT_EQ(refusal("\"Year of issue\" = 1").code, Code::unknown_property)
      << "queries speak properties, not columns";
}

TEST(Check, ALiteralThatItsTypeDoesNotHaveIsRefusedWhereItStands) {
  const struct {
    std::string_view text, where, what;
  } rows[] = {
      {"year = 'MMI'", "position 8", "\"MMI\" is no integer, which year is"},
      {"year IN (1, '1.5')", "position 13", "\"1.5\" is no integer, which year is"},
      {"year = '3000000000'", "position 8", "\"3000000000\" is no integer, which year is"},
      {"id = 'x'", "position 6", "\"x\" is no uuid, which id is"},
      {"live = 'maybe'", "position 8", "\"maybe\" is no boolean, which live is"},
      {"mood = 'meh'", "position 8", "\"meh\" is no public.mood, which mood is"},
      {"price > '12,50'", "position 9", "\"12,50\" is no numeric(10,2), which price is"},
      {"score = 1e400", "position 9", "\"1e400\" is no float8"},
      {"weight IN (1, 1e39)", "position 15", "\"1e39\" is no real, which weight is"},
      {"name LIKE 'x\\'", "position 11", "a pattern that ends in its escape character"},
      {"name LIKE 'x' ESCAPE 'ab'", "position 22", "an escape of several characters"},
      {"'maybe' OR live", "position 1", "\"maybe\" is no boolean"},
      {"year = ANY ('{1,x}')", "position 13", "\"x\" is no integer, which year is"},
      {"year = ANY ('1,2')", "position 13", "ANY and ALL take a constant array of one dimension"},
  };
  for (const auto& row : rows) {
    Error error = refusal(row.text);
    EXPECT_EQ(error.code, Code::bad_query) << row.text;
    EXPECT_EQ(error.where, row.where) << row.text;
    EXPECT_EQ(error.what, row.what) << row.text;
  }
}

TEST(Check, TypesThatPostgresDoesNotCompareAreRefused) {
  const struct {
    std::string_view text, where;
  } rows[] = {
      {"name = 5", "position 6"},           {"live = 1", "position 6"},
      {"year = true", "position 6"},        {"released = 2020", "position 10"},
      {"year = name", "position 6"},        {"price = score", "position 7"},
      {"data = '{}'", "position 1"},        {"tags = '{rock}'", "position 1"},
      {"name = data", "position 8"},        {"host > '10.0.0.1'", "position 6"},
      {"released = seen", "position 10"},   {"year", "position 1"},
      {"5 OR live", "position 1"},          {"NOT name", "position 5"},
      {"year LIKE '1%'", "position 1"},     {"name LIKE code", "position 11"},
      {"year IN (1, true)", "position 13"},
  };
  for (const auto& row : rows) {
    Error error = refusal(row.text);
    EXPECT_EQ(error.code, Code::bad_query) << row.text << ": " << error.what;
    EXPECT_EQ(error.where, row.where) << row.text << ": " << error.what;
  }
}

TEST(Check, WhatPostgresComparesIsTaken) {
  for (std::string_view text : {"year = '5'",
                                "year = 5.5",
                                "year = 99999999999999999999",
                                "plays = year",
                                "price = year",
                                "score = 1.5",
                                "score > year",
                                "weight = score",
                                "name = code",
                                "code = 'a'",
                                "live",
                                "NOT live OR NULL",
                                "live = (year > 5)",
                                "released < '2020-02-29'",
                                "seen = 'infinity'",
                                "mood > 'ok'",
                                "mood IN ('sad', NULL)",
                                "host IS NULL",
                                "data IS NOT NULL AND tags IS NULL",
                                "'a' = 'a'",
                                "1 = 1.0",
                                "NULL = NULL",
                                "name LIKE NULL",
                                "'t'",
                                "5 IN (year, 6)",
                                "year = ANY ('{}')",
                                "name <> ALL ('{}')",
                                "'x' = ANY ('{x,y}')",
                                "live IS UNKNOWN",
                                "id = '{A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11}'",
                                "year BETWEEN 5 AND 2.5",
                                "",
                                "price = 'NaN'",
                                "price < 'infinity'",
                                "score = 'nan'",
                                "score = '-inf'"}) {
    auto result = checked(text);
    EXPECT_TRUE(result) << text << ": " << result.error().what;
  }
}

TEST(Check, ParametersTakeTheTypeOfWhatTheyMeetEachTimeAnew) {
  auto result = checked("year = $1 AND price > $1 AND name LIKE $2",
                        {Json::integer(2001), Json::string("R%")});
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(to_sql(result->predicate).types, (std::vector<std::string>{"int4", "numeric", "text"}));

  EXPECT_TRUE(checked("plays = $1", {Json::string("9007199254740993")}));
  EXPECT_TRUE(checked("live = $1", {Json::boolean(true)}));
  EXPECT_TRUE(checked("$1 IS NULL OR year = $1", {Json::integer(5)}));
  EXPECT_TRUE(checked("year = ANY ($1)", {Json::array({Json::integer(1), Json()})}));

  const struct {
    std::string_view text;
    Json parameter;
    std::string_view what;
  } rows[] = {
      {"name = $1", Json::integer(5), "\"5\" is no text, which name is"},
      {"year = $1", Json::number("2.5"), "\"2.5\" is no integer, which year is"},
      {"year = $1", Json::boolean(true), "\"true\" is no integer, which year is"},
      {"year = $1", Json::array(), "a parameter that is an array or an object"},
      {"year = ANY ($1)", Json::integer(1), "ANY and ALL take a constant array of one dimension"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(refusal(row.text, {row.parameter}).what, row.what) << row.text;
}

TEST(Check, AJsonNumberOfAnySizeReachesAWholeNumber) {
  auto result = checked("plays = $1", {Json::number("9007199254740993e0")});
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(to_sql(result->predicate).parameters, std::vector<std::string>{"9007199254740993"});
}

TEST(Check, MissingAndSurplusParametersAreRefused) {
  Error error = refusal("year = $2", {Json::integer(1)});
  EXPECT_EQ(error.what, "$2 has no value");
  EXPECT_EQ(error.where, "position 8");
  EXPECT_EQ(refusal("year = $1", {Json::integer(1), Json::integer(2)}).what,
            "$2 is given, but the query has none");
  EXPECT_EQ(refusal("", {Json::integer(1)}).what, "$1 is given, but the query has none");
}

TEST(Check, WhatOnlyTheDatabaseCanReadIsHandedBackAndReadFromItsAnswer) {
  auto result =
      checked("released = 'Jan 5 2020' OR seen < '2020-01-05 +05' OR host = '10.0.0.1/32'");
  ASSERT_TRUE(result) << result.error().what;
  std::vector<Literal> wanted{
      {"date", "Jan 5 2020"}, {"inet", "10.0.0.1/32"}, {"timestamptz", "2020-01-05 +05"}};
  EXPECT_EQ(result->literals_to_normalise, wanted);

  NormalisedLiterals answers{
      {wanted[0], "2020-01-05"}, {wanted[1], "10.0.0.1"}, {wanted[2], "2020-01-04 19:00:00+00"}};
  result = checked("released = 'Jan 5 2020' OR seen < '2020-01-05 +05' OR host = '10.0.0.1/32'", {},
                   answers);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(result->literals_to_normalise.empty());
  EXPECT_EQ(to_sql(result->predicate).parameters,
            (std::vector<std::string>{"2020-01-05", "2020-01-04 19:00:00+00", "10.0.0.1"}));
}

TEST(Check, AnAnswerOfTheDatabaseIsReadThoughItsYearIsBeyondDoubtOnlyToIt) {
  NormalisedLiterals answers{{{"date", "12020-01-01"}, "12020-01-01"}};
  auto result = checked("released = '12020-01-01'", {}, answers);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(result->literals_to_normalise.empty());
}

TEST(Check, ATimestamptzWithoutAZoneIsUtc) {
  const struct {
    std::string_view written, bound;
  } rows[] = {
      {"2020-01-31", "2020-01-31 00:00+00"},
      {"2020-01-31 12:30", "2020-01-31 12:30+00"},
      {"2020-01-31T12:30:00.5Z", "2020-01-31T12:30:00.5Z"},
      {"2020-01-31 12:30-05:30", "2020-01-31 12:30-05:30"},
      {"0044-03-15 BC", "0044-03-15 00:00+00 BC"},
      {"infinity", "infinity"},
  };
  for (const auto& row : rows) {
    auto result = checked("seen > '" + std::string(row.written) + "'");
    ASSERT_TRUE(result) << row.written;
    EXPECT_EQ(to_sql(result->predicate).parameters,
              std::vector<std::string>{std::string(row.bound)});
  }
}

TEST(Check, OtherSpellingsOfMomentsAreTheDatabasesBusiness) {
  for (std::string_view text :
       {"seen = 'now'", "seen = '2020-02-30'", "seen = '2020-01-31 12:30:60'",
        "seen = '10000-01-01'", "seen = '2020-01-31 12:30 Europe/Berlin'", "released = '31.1.2020'",
        "released = '2020-01-31 12:30'", "released = '2020-1-31'"}) {
    auto result = checked(text);
    ASSERT_TRUE(result) << text;
    EXPECT_EQ(result->literals_to_normalise.size(), 1u) << text;
  }
}

}  // namespace
}  // namespace plait::query
