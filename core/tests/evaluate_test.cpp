// core/tests/evaluate_test.cpp: predicates over states, by what Postgres 15 was measured to answer.

#include "core/query/evaluate.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/query/check.h"
#include "core/query/moment.h"
#include "core/query/parser.h"
#include "core/tests/random.h"

namespace plait::query {
namespace {

using Members = std::vector<std::pair<std::string_view, Json>>;

Json state(const Members& members) {
  Json object = Json::object();
  for (const auto& [name, value] : members) object.set(name, value);
  return object;
}

Json text(std::string_view value) { return Json::string(value); }
Json number(std::string_view token) { return Json::number(std::string(token)); }

struct Table {
  Schema schema;
  std::vector<Json> rows;

  // The numbers of the rows, from 1, for which the condition holds: "1 6 7".
  std::string matching(std::string_view condition, std::vector<Json> parameters = {}) const {
    auto parsed = parse_condition(condition);
    if (!parsed) return parsed.error().what;
    auto checked = check(*parsed, schema, parameters);
    if (!checked) return checked.error().what;
    EXPECT_TRUE(checked->literals_to_normalise.empty()) << condition;
    std::string numbers;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto truth = evaluate(checked->predicate, rows[row]);
      if (!truth) return truth.error().what;
      if (*truth == Truth::yes) numbers += (numbers.empty() ? "" : " ") + std::to_string(row + 1);
    }
    return numbers;
  }
};

Json q(std::string_view name, std::string_view year, Json f, std::string_view n) {
  return state({{"name", text(name)}, {"year", number(year)}, {"f", std::move(f)}, {"n", text(n)}});
}

// The fixture of the acceptance catalogue, section 8.
const Table fixture{
    {"q",
     {{"id", "id", "integer"},
      {"name", "name", "text"},
      {"year", "year", "integer"},
      {"f", "f", "double precision"},
      {"n", "n", "numeric"}}},
    {q("Rex", "1", number("1.5"), "1.0"), q("Snuffy", "2", text("NaN"), "1.00"),
     q("Jasper", "6", text("Infinity"), "2.50"),
     state({{"name", Json()}, {"year", Json()}, {"f", Json()}}), q("", "0", text("-0"), "0"),
     q("rex", "3", text("-Infinity"), "-1"), q("Rex_1%", "4", number("2.5"), "10"),
     q("O'Brien", "5", number("1e+308"), "100000000000000000000"),
     q("Éclair", "7", number("1"), "3"), q("zebra", "8", number("2"), "3")}};

struct Row {
  std::string_view condition, matching;
};

void expect_all(const Table& table, std::span<const Row> rows) {
  for (const Row& row : rows)
    EXPECT_EQ(table.matching(row.condition), row.matching) << row.condition;
}

TEST(Evaluate, TheMeasuredAnswersOfPostgres) {
  const Row rows[] = {
      {"name='Rex' OR (year>2 AND year<5)", "1 6 7"},
      {"name<>'Rex'", "2 3 5 6 7 8 9 10"},
      {"NOT (year>5)", "1 2 5 6 7 8"},
      {"year IN (1,NULL)", "1"},
      {"year NOT IN (1,NULL)", ""},
      {"year NOT IN (1,2)", "3 5 6 7 8 9 10"},
      {"year=1 OR NULL", "1"},
      {"NOT (name='Rex' AND year>100)", "1 2 3 5 6 7 8 9 10"},
      {"name IS DISTINCT FROM 'Rex'", "2 3 4 5 6 7 8 9 10"},
      {"name IS NOT DISTINCT FROM NULL", "4"},
      {"name=NULL", ""},
      {"name=''", "5"},
      {"name LIKE 'Rex%'", "1 7"},
      {"name LIKE 'Rex\\_1\\%'", "7"},
      {"name LIKE '_ex'", "1 6"},
      {"name ILIKE 'rex%'", "1 6 7"},
      {"name='O''Brien'", "8"},
      {"name>'Z'", "6 9 10"},
      {"name<'a'", "1 2 3 5 7 8"},
      {"year BETWEEN 5 AND 2", ""},
      {"NOT (year BETWEEN 2 AND 5)", "1 3 5 9 10"},
      {"f='NaN'", "2"},
      {"f>'Infinity'", "2"},
      {"f=0", "5"},
      {"f<=1.5", "1 5 6 9"},
      {"n=1", "1 2"},
      {"n IN (1.000,2.5)", "1 2 3"},
      {"id=ANY('{}')", ""},
      {"name<>ALL('{}')", "1 2 3 4 5 6 7 8 9 10"},
      {"true", "1 2 3 4 5 6 7 8 9 10"},
      {"false", ""},
      {"", "1 2 3 4 5 6 7 8 9 10"},
  };
  expect_all(fixture, rows);
}

TEST(Evaluate, IlikeFoldsTheLettersOfAsciiAlone) {
  EXPECT_EQ(fixture.matching("name ILIKE 'éclair'"), "");
  EXPECT_EQ(fixture.matching("name ILIKE 'ÉCLAIR'"), "9");
}

TEST(Evaluate, NoTermIsDropped) {
  EXPECT_EQ(fixture.matching("name='Rex' AND year=1 AND n=1 AND name='Rex'"), "1");
  EXPECT_EQ(fixture.matching("name='Rex' AND year=1 AND n=2 AND name='Rex'"), "");
}

TEST(Evaluate, InjectedTextIsText) {
  for (std::string_view payload : {"' OR '1'='1", "$jwt.sub", "\\", "%", ";--"}) {
    EXPECT_EQ(fixture.matching("name = $1", {text(payload)}), "") << payload;
  }
  EXPECT_EQ(fixture.matching("name = $1", {text("O'Brien")}), "8");
}

TEST(Evaluate, AMissingPropertyIsNull) {
  EXPECT_EQ(fixture.matching("n IS NULL"), "4");
  EXPECT_EQ(fixture.matching("id IS NULL AND id IS NOT DISTINCT FROM NULL"),
            "1 2 3 4 5 6 7 8 9 10");
}

TEST(Evaluate, NumbersOfEverySizeAreComparedExactly) {
  const Table table{{"t", {{"big", "big", "bigint"}, {"n", "n", "numeric"}}},
                    {state({{"big", text("9007199254740992")}, {"n", text("1e400")}}),
                     state({{"big", text("9007199254740993")}, {"n", text("9007199254740993.0")}}),
                     state({{"big", text("-9223372036854775808")}, {"n", text("NaN")}}),
                     state({{"big", text("0")}, {"n", text("-0.000")}})}};
  const Row rows[] = {
      {"big = 9007199254740993", "2"},
      {"big > 9007199254740992.5", "2"},
      {"big >= -9223372036854775808 AND big < 0", "3"},
      {"big < 99999999999999999999", "1 2 3 4"},
      {"n = 9007199254740993", "2"},
      {"n = big", "2 4"},
      {"n > 1e399", "1 3"},
      {"n = 'nan'", "3"},
      {"n > 'Infinity'", "3"},
      {"n = 0", "4"},
  };
  expect_all(table, rows);
}

TEST(Evaluate, FloatsOfFourBytesAreComparedAsPostgresDoes) {
  const Table table{{"t", {{"f", "f", "real"}, {"i", "i", "integer"}}},
                    {state({{"f", number("1.1")}, {"i", number("16777217")}}),
                     state({{"f", number("16777216")}, {"i", number("16777216")}})}};
  const Row rows[] = {
      {"f = 1.1", ""},         // as float8
      {"f = '1.1'", "1"},      // as float4
      {"f IN (1.1)", ""},      // one constant: as float8
      {"f IN (1.1, 2)", "1"},  // several: an array of float4
      {"f = i", "2"},         {"f IN (16777217, 5)", "2"},
  };
  expect_all(table, rows);
}

TEST(Evaluate, TextIsComparedByCodePointAndCharWithoutItsBlanks) {
  const Table table{
      {"t", {{"v", "v", "character varying(9)"}, {"t", "t", "text"}, {"c", "c", "character(3)"}}},
      {state({{"v", text("a  ")}, {"t", text("a  ")}, {"c", text("a  ")}}),
       state({{"v", text("a")}, {"t", text("a")}, {"c", text("a  ")}}),
       state({{"v", text("\U0001F600")}, {"c", text("\U0000FFFD  ")}})}};
  const Row rows[] = {
      {"v = 'a'", "2"},
      {"c = 'a'", "1 2"},
      {"c = 'a     '", "1 2"},
      {"c = v", "1 2"},
      {"c = t", "2"},
      {"c > 'a'", "3"},
      {"v > '\U0000FFFD'", "3"},
      {"c LIKE 'a'", ""},
      {"c LIKE 'a__'", "1 2"},
      {"v LIKE '_'", "2 3"},
      {"c IN ('a', 'x ')", "1 2"},
  };
  expect_all(table, rows);
}

TEST(Evaluate, MomentsAreComparedByWhatTheyMeanNotByTheirText) {
  const Table table{{"t",
                     {{"d", "d", "date"},
                      {"s", "s", "timestamp without time zone"},
                      {"z", "z", "timestamp with time zone"},
                      {"m", "m", "time without time zone"}}},
                    {state({{"d", text("2020-02-29")},
                            {"s", text("2020-02-29T12:00:00")},
                            {"z", text("2020-02-29T12:00:00+00:00")},
                            {"m", text("12:00:00")}}),
                     state({{"d", text("0044-03-15 BC")},
                            {"s", text("0044-03-15T00:00:00.5 BC")},
                            {"z", text("0044-03-15T00:00:00+00:00 BC")},
                            {"m", text("24:00:00")}}),
                     state({{"d", text("infinity")},
                            {"s", text("-infinity")},
                            {"z", text("infinity")},
                            {"m", text("00:00:00.000001")}}),
                     state({{"d", text("12020-01-01")},
                            {"s", text("12020-01-01T00:00:00")},
                            {"z", text("12020-01-01T00:00:00+00:00")},
                            {"m", text("12:00:00.25")}})}};
  const Row rows[] = {
      {"d < '2020-03-01'", "1 2"},
      {"d > '2020-02-29'", "3 4"},
      {"d = 'infinity'", "3"},
      {"s = '2020-02-29 12:00'", "1"},
      {"s < '0044-03-15 00:00:01 BC' AND s > '0044-03-15 BC'", "2"},
      {"s = '-infinity'", "3"},
      {"z = '2020-02-29 14:00+02'", "1"},
      {"z = '2020-02-29T12:00:00Z'", "1"},
      {"z = '2020-02-29 12:00'", "1"},
      {"z > '2020-02-29 12:00:00.000001-00:00'", "3 4"},
      {"m >= '12:00'", "1 2 4"},
      {"m = '12:00:00.250'", "4"},
  };
  expect_all(table, rows);
}

TEST(Evaluate, LabelsHaveTheOrderOfTheirEnum) {
  std::vector<std::string> labels{"sad", "ok", "happy"};
  const Table table{{"t", {{"mood", "mood", "mood", labels}}},
                    {state({{"mood", text("happy")}}), state({{"mood", text("sad")}}),
                     state({{"mood", Json()}})}};
  EXPECT_EQ(table.matching("mood > 'sad'"), "1");
  EXPECT_EQ(table.matching("mood IN ('sad', 'ok')"), "2");
  EXPECT_EQ(table.matching("mood IS NULL"), "3");
}

TEST(Evaluate, PatternsAreMatchedByCodePoint) {
  const Table table{
      {"t", {{"v", "v", "text"}}},
      {state({{"v", text("añb")}}), state({{"v", text("a%b")}}), state({{"v", text("")}}),
       state({{"v", text("aaab\\c")}}), state({{"v", text("\U0001F600\U0001F600")}})}};
  const Row rows[] = {
      {"v LIKE 'a_b'", "1 2"},
      {"v LIKE 'a\\%b'", "2"},
      {"v LIKE ''", "3"},
      {"v LIKE '%'", "1 2 3 4 5"},
      {"v LIKE '%%_'", "1 2 4 5"},
      {"v LIKE '%ab%'", "4"},
      {"v LIKE '%a%a%b%'", "4"},
      {"v LIKE '%\\\\c'", "4"},
      {"v LIKE '__'", "5"},
      {"v LIKE '%\U0001F600'", "5"},
      {"v LIKE 'a!%b' ESCAPE '!'", "2"},
      {"v LIKE 'a\\_' ESCAPE ''", ""},
      {"v NOT LIKE '%'", ""},
      {"v LIKE 'a__' ESCAPE '_'", ""},
  };
  expect_all(table, rows);
}

TEST(Evaluate, AHostilePatternTakesNoMoreThanTextTimesPattern) {
  std::string pattern;
  for (int i = 0; i < 2'000; ++i) pattern += "%a";
  auto compiled = Pattern::compile(pattern + "b", false);
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->matches(std::string(2'000, 'a')));
}

TEST(Evaluate, AStateOfAnotherSchemaIsRefused) {
  const Schema schema{"t", {{"year", "year", "integer"}, {"on", "on", "date"}}};
  auto parsed = parse_condition("year > 1 OR \"on\" < '2020-01-01'");
  ASSERT_TRUE(parsed);
  auto checked = check(*parsed, schema, {});
  ASSERT_TRUE(checked);
  auto truth = evaluate(checked->predicate, state({{"year", text("MMI")}}));
  ASSERT_FALSE(truth);
  EXPECT_EQ(truth.error().code, Code::bad_value);
  EXPECT_EQ(truth.error().where, "/year");
  EXPECT_FALSE(evaluate(checked->predicate, state({{"on", number("5")}})));
  EXPECT_TRUE(evaluate(checked->predicate, state({{"year", number("5")}})));
}

// Kleene's logic, a term at a time, against the evaluator of whole trees.
TEST(Evaluate, LogicIsThreeValued) {
  const Schema schema{"t", {{"a", "a", "boolean"}, {"b", "b", "boolean"}, {"c", "c", "boolean"}}};
  for_each_seed(2'000, [&](Random& random) {
    int values[3];
    Json row = Json::object();
    for (int i = 0; i < 3; ++i) {
      values[i] = static_cast<int>(random.below(3));  // no, unknown, yes
      row.set(std::string(1, static_cast<char>('a' + i)),
              values[i] == 1 ? Json() : Json::boolean(values[i] == 2));
    }
    std::string text;
    auto grow = [&](auto& self, int depth) -> int {
      std::size_t form = depth == 0 ? 0 : random.below(5);
      if (form == 0) {
        std::size_t leaf = random.below(3);
        text += static_cast<char>('a' + leaf);
        return values[leaf];
      }
      text += form == 1 ? "(NOT " : "(";
      int left = self(self, depth - 1);
      if (form == 1) return text += ')', 2 - left;
      if (form == 4) return text += " IS UNKNOWN)", left == 1 ? 2 : 0;
      text += form == 2 ? " AND " : " OR ";
      int right = self(self, depth - 1);
      text += ')';
      return form == 2 ? std::min(left, right) : std::max(left, right);
    };
    int expected = grow(grow, 5);
    auto parsed = parse_condition(text);
    ASSERT_TRUE(parsed) << text;
    auto checked = check(*parsed, schema, {});
    ASSERT_TRUE(checked) << text << ": " << checked.error().what;
    auto truth = evaluate(checked->predicate, row);
    ASSERT_TRUE(truth);
    EXPECT_EQ(static_cast<int>(*truth), expected) << text;
  });
}

TEST(Moment, DaysAreCountedAsInTheGregorianCalendar) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("2000-03-01"), 11'017);
  EXPECT_EQ(parse_date("0001-01-01"), -719'162);
  EXPECT_EQ(parse_date("0001-12-31 BC"), -719'163);
  EXPECT_EQ(parse_date("5874897-12-31"), 2'145'042'905);
  EXPECT_EQ(parse_date("4714-11-24 BC"), -2'440'588);
  EXPECT_EQ(parse_timestamp("1970-01-02 00:00:00.000001"), 86'400'000'001);
  EXPECT_EQ(parse_timestamptz("1970-01-01 00:00:00-00:30"), 1'800'000'000);
  for (std::string_view text :
       {"1900-02-29", "2000-13-01", "2000-00-01", "0000-01-01", "2000-01-01x", "2000-1-01",
        "99-01-01", "", "Infinity", "2000-01-01 "}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
  for (std::string_view text :
       {"24:00:01", "23:60", "12", "12:00:00.", "12:00:00.1234567", "1:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Decimal, WhatNumericReadsIsRead) {
  for (std::string_view text :
       {"1", " 1 ", "+1.", ".5", "-0", "1e5", "1E-5", "NaN", "-inf", "+Infinity", "0e0"}) {
    EXPECT_TRUE(parse_decimal(text)) << text;
  }
  for (std::string_view text : {"", ".", "e5", "1e", "1e+-5", "--1", "+-1", "0x1", "1 2", "1,5",
                                "-nan", "1e200000", "1e-20000", "1_000"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
  EXPECT_EQ(*parse_decimal("1.50"), *parse_decimal("0.15e1"));
  EXPECT_LT(*parse_decimal("-10"), *parse_decimal("-9.99"));
  EXPECT_LT(*parse_decimal("Infinity"), *parse_decimal("NaN"));
  EXPECT_EQ(to_int64(*parse_decimal("-9223372036854775808")),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(to_int64(*parse_decimal("9223372036854775808")));
  EXPECT_FALSE(to_int64(*parse_decimal("0.5")));
}

}  // namespace
}  // namespace plait::query
