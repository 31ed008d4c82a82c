// core/tests/query_sql_test.cpp: the SQL of a predicate; values never stand in it.

#include "core/query/sql.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/query/check.h"
#include "core/query/parser.h"

namespace plait::query {
namespace {

const Schema album{"album",
                   {{"id", "id", "uuid"},
                    {"name", "name", "text"},
                    {"code", "code", "character(3)"},
                    {"year", "Year \"of\" issue", "integer"},
                    {"weight", "weight", "real"},
                    {"score", "score", "double precision"},
                    {"live", "live", "boolean"},
                    {"mood", "mood", "public.mood", {"sad", "ok", "happy"}},
                    {"data", "data", "jsonb"}}};

BoundSql sql(std::string_view text, std::vector<Json> parameters = {}, std::string_view table = {},
             int first = 1) {
  auto parsed = parse_condition(text);
  EXPECT_TRUE(parsed) << text;
  auto checked = check(*parsed, album, parameters);
  EXPECT_TRUE(checked) << text << ": " << checked.error().what;
  return to_sql(checked->predicate, table, first);
}

TEST(QuerySql, EveryFormHasItsText) {
  const struct {
    std::string_view query, text;
  } rows[] = {
      {"", "TRUE"},
      {"name = 'Rex'", R"(("name" = $1::text))"},
      {"name > 'Rex'", R"(("name" > $1::text COLLATE "C"))"},
      {"code <= 'R'", R"(("code" <= $1::bpchar COLLATE "C"))"},
      {"name IN ('b', 'a', NULL, 'b')", R"(("name" = ANY ($1::text[])))"},
      {"name IS DISTINCT FROM 'a'", R"(("name" IS DISTINCT FROM $1::text))"},
      {"name LIKE 'R%'", R"(("name" LIKE $1::text))"},
      {"name NOT ILIKE 'R%'", R"((NOT ("name" ILIKE $1::text COLLATE "C")))"},
      {"year > 5", R"(("Year ""of"" issue" > $1::int4))"},
      {"year > 5.5", R"(("Year ""of"" issue" > $1::numeric))"},
      {"year > '5'", R"(("Year ""of"" issue" > $1::int4))"},
      {"year IN (1, 3000000000)", R"(("Year ""of"" issue" = ANY ($1::int8[])))"},
      {"year = NULL", R"(("Year ""of"" issue" = NULL::int4))"},
      {"weight = 1.1", R"(("weight" = $1::float8))"},
      {"weight = '1.1'", R"(("weight" = $1::float4))"},
      {"weight IN (1.1, 2)", R"(("weight" = ANY ($1::float4[])))"},
      {"score = weight", R"(("score" = "weight"))"},
      {"live AND NOT live = TRUE", R"(("live" AND (NOT ("live" = TRUE))))"},
      {"live IS NOT FALSE", R"((NOT ("live" IS FALSE)))"},
      {"mood >= 'ok'", R"(("mood" >= $1))"},
      {"mood IN ('ok', 'sad')", R"(("mood" = ANY ($1)))"},
      {"data IS NULL", R"(("data" IS NULL))"},
      {"year BETWEEN 1 AND 2",
       R"((("Year ""of"" issue" >= $1::int4) AND ("Year ""of"" issue" <= $2::int4)))"},
      {"id = ANY ('{}')", "FALSE"},
      {"name <> ALL ('{}')", "(NOT FALSE)"},
      {"name < ANY ('{}')", "FALSE"},
      {"name < ALL ('{}')", "TRUE"},
      {"id = ANY ('{NULL}')", R"(("id" = ANY ($1::uuid[])))"},
      {"year = 1 OR NULL", R"((("Year ""of"" issue" = $1::int4) OR NULL::bool))"},
  };
  for (const auto& row : rows) EXPECT_EQ(sql(row.query).text, row.text) << row.query;
}

TEST(QuerySql, ValuesAreBoundWhateverTheySay) {  // Q-16
  for (std::string_view payload :
       {"' OR '1'='1", "$jwt.sub", "\\", "%", ";--", "$1", "{\"a\",NULL}"}) {
    Json json = Json::string(payload);
    BoundSql bound = sql("name = $1", {json});
    EXPECT_EQ(bound.text, R"(("name" = $1::text))");
    EXPECT_EQ(bound.parameters, std::vector<std::string>{std::string(payload)});
  }
  BoundSql list = sql(
      "name = ANY ($1)",
      {Json::array({Json::string("a\"b\\c"), Json::string("NULL"), Json(), Json::string("x,y}")})});
  EXPECT_EQ(list.text, R"(("name" = ANY ($1::text[])))");
  EXPECT_EQ(list.parameters, std::vector<std::string>{R"({"NULL","a\"b\\c","x,y}",NULL})"});
}

TEST(QuerySql, ColumnsAreQualifiedAndParametersCountFromWhereTheCallerSays) {
  BoundSql bound = sql("year > 1 AND name = 'x'", {}, "t", 4);
  EXPECT_EQ(bound.text, R"((("t"."Year ""of"" issue" > $4::int4) AND ("t"."name" = $5::text)))");
  EXPECT_EQ(bound.parameters, (std::vector<std::string>{"1", "x"}));
  EXPECT_EQ(bound.types, (std::vector<std::string>{"int4", "text"}));
}

TEST(QuerySql, QueriesThatMeanTheSameByTheirValuesShareTextAndParameters) {
  BoundSql one = sql("year IN (3, 1, 2, 1)");
  BoundSql other = sql("YEAR = any('{1,2,3}') -- the same");
  EXPECT_EQ(one.text, other.text);
  EXPECT_EQ(one.parameters, other.parameters);
  EXPECT_EQ(sql("id = 'A0EEBC999C0B4EF8BB6D6BB9BD380A11'").parameters,
            sql("id = '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'").parameters);
}

TEST(QuerySql, AnotherEscapeBecomesABackslash) {
  EXPECT_EQ(sql("name LIKE 'a!%b\\c!!' ESCAPE '!'").parameters,
            std::vector<std::string>{R"(a\%b\\c\!)"});
  EXPECT_EQ(sql("name LIKE 'a\\%' ESCAPE ''").parameters, std::vector<std::string>{R"(a\\%)"});
}

}  // namespace
}  // namespace plait::query
