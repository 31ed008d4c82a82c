// core/tests/parser_test.cpp: query text → tree: precedence as in Postgres, and what is refused
// where.

#include "core/query/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/tests/random.h"

namespace plait::query {
namespace {

// The tree as prefix notation: (or (= name 'Rex') (is null year)).
struct Drawing {
  std::string of(const ExpressionPtr& at) const {
    return at ? std::visit(*this, at->node) : std::string("everything");
  }
  std::string list(std::string text, const std::vector<ExpressionPtr>& items) const {
    for (const ExpressionPtr& item : items) text += ' ' + of(item);
    return '(' + text + ')';
  }

  std::string operator()(const Name& name) const { return name.text; }
  std::string operator()(const Null&) const { return "NULL"; }
  std::string operator()(const Boolean& boolean) const { return boolean.value ? "TRUE" : "FALSE"; }
  std::string operator()(const Number& number) const { return number.text; }
  std::string operator()(const String& string) const { return '\'' + string.text + '\''; }
  std::string operator()(const Parameter& parameter) const {
    return '$' + std::to_string(parameter.number);
  }
  std::string operator()(const Compare& compare) const {
    return list(std::string(symbol(compare.comparison)), {compare.left, compare.right});
  }
  std::string operator()(const Distinct& distinct) const {
    return list("distinct", {distinct.left, distinct.right});
  }
  std::string operator()(const Conjunction& all) const { return list("and", all.operands); }
  std::string operator()(const Disjunction& any) const { return list("or", any.operands); }
  std::string operator()(const Negation& negation) const { return list("not", {negation.operand}); }
  std::string operator()(const In& in) const {
    std::vector<ExpressionPtr> all{in.operand};
    all.insert(all.end(), in.list.begin(), in.list.end());
    return list("in", all);
  }
  std::string operator()(const Between& between) const {
    return list("between", {between.operand, between.low, between.high});
  }
  std::string operator()(const Like& like) const {
    std::vector<ExpressionPtr> all{like.operand, like.pattern};
    if (like.escape) all.push_back(like.escape);
    return list(like.ignore_case ? "ilike" : "like", all);
  }
  std::string operator()(const IsNull& is_null) const { return list("is null", {is_null.operand}); }
  std::string operator()(const IsTruth& is) const {
    return list(is.value ? "is true" : "is false", {is.operand});
  }
  std::string operator()(const Quantified& quantified) const {
    std::string text(symbol(quantified.comparison));
    return list(text + (quantified.all ? " all" : " any"), {quantified.left, quantified.array});
  }
};

std::string tree(std::string_view text) {
  auto parsed = parse_condition(text);
  return parsed ? Drawing().of(*parsed) : parsed.error().where + ": " + parsed.error().what;
}

Error refusal(std::string_view text) {
  auto parsed = parse_condition(text);
  return parsed ? Error{Code::internal, "accepted: " + Drawing().of(*parsed), {}, {}}
                : parsed.error();
}

struct Row {
  std::string_view text, expected;
};

TEST(Parser, PrecedenceIsThatOfPostgres) {
  const Row rows[] = {
      {"a OR b AND c", "(or a (and b c))"},
      {"a AND b OR c AND d OR e", "(or (and a b) (and c d) e)"},
      {"NOT a AND b", "(and (not a) b)"},
      {"NOT a = b", "(not (= a b))"},
      {"NOT a IS NULL", "(not (is null a))"},
      {"NOT NOT a", "(not (not a))"},
      {"a = b IS NULL", "(is null (= a b))"},
      {"a IS NULL = b", "(= (is null a) b)"},
      {"a IS NULL IS NULL", "(is null (is null a))"},
      {"a < b IN (c)", "(< a (in b c))"},
      {"a IN (b) LIKE c", "(like (in a b) c)"},
      {"a = b LIKE c", "(= a (like b c))"},
      {"a = NOT b = c", "(= a (not (= b c)))"},
      {"a = NOT b AND c", "(and (= a (not b)) c)"},
      {"a IS DISTINCT FROM b = c", "(distinct a (= b c))"},
      {"a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)"},
      {"NOT a BETWEEN 1 AND 2", "(not (between a 1 2))"},
      {"a = (b OR c)", "(= a (or b c))"},
      {"(a) = ((b))", "(= a b)"},
  };
  for (const Row& row : rows) EXPECT_EQ(tree(row.text), row.expected) << row.text;
}

TEST(Parser, EveryFormOfAConditionIsRead) {
  const Row rows[] = {
      {"", "everything"},
      {" \t\n -- nothing\n /* at /* all */ */", "everything"},
      {"a<>1", "(<> a 1)"},
      {"a!=1", "(<> a 1)"},
      {"a<=1", "(<= a 1)"},
      {"a>=-1", "(>= a -1)"},
      {"a=-1", "(= a -1)"},
      {"a = + .5e-3", "(= a .5e-3)"},
      {"a = 5.", "(= a 5.)"},
      {"a IN (1, NULL, $2)", "(in a 1 NULL $2)"},
      {"a not in ('x')", "(not (in a 'x'))"},
      {"a NOT BETWEEN $1 AND $12", "(not (between a $1 $12))"},
      {"a BETWEEN ASYMMETRIC 1 AND 2", "(between a 1 2)"},
      {"a LIKE 'x%'", "(like a 'x%')"},
      {"a NOT ILIKE 'x%' ESCAPE '!'", "(not (ilike a 'x%' '!'))"},
      {"a IS NOT NULL", "(not (is null a))"},
      {"a ISNULL OR a NOTNULL", "(or (is null a) (not (is null a)))"},
      {"a IS NOT DISTINCT FROM NULL", "(not (distinct a NULL))"},
      {"a IS TRUE AND b IS NOT FALSE", "(and (is true a) (not (is false b)))"},
      {"a IS UNKNOWN", "(is null (or a))"},
      {"a = ANY ('{}') OR a <> ALL ($1) OR a = some ($2)",
       "(or (= any a '{}') (<> all a $1) (= any a $2))"},
      {"TRUE", "TRUE"},
      {"a = 'O''Brien'", "(= a 'O'Brien')"},
      {"a = ''", "(= a '')"},
      {"a = '%' --''\n OR b", "(or (= a '%') b)"},
      {"a/* '*/=/**/1", "(= a 1)"},
  };
  for (const Row& row : rows) EXPECT_EQ(tree(row.text), row.expected) << row.text;
}

TEST(Parser, NamesAreFoldedUnlessQuotedAndKeywordsComeInAnyCase) {
  const Row rows[] = {
      {"note IS NULL", "(is null note)"},
      {"notes = 1 oR NoT nOtE", "(or (= notes 1) (not note))"},
      {"\"order\" = 1", "(= order 1)"},
      {"\"Not\" = 1", "(= Not 1)"},
      {"\"a\"\"b\" = 1", "(= a\"b 1)"},
      {"нота = 1", "(= нота 1)"},
      {"orderly AND android", "(and orderly android)"},
      {"Year > 1 and YEAR < 3", "(and (> year 1) (< year 3))"},
      {"a$1 = _b", "(= a$1 _b)"},
      {"inx = isx", "(= inx isx)"},
      {"time > date", "(> time date)"},
  };
  for (const Row& row : rows) EXPECT_EQ(tree(row.text), row.expected) << row.text;
}

TEST(Parser, WhatIsRefusedIsRefusedAtItsPosition) {
  const struct {
    std::string_view text, where;
  } rows[] = {
      {"a = ", "position 5"},
      {"a = b = c", "position 7"},
      {"a = 1 garbage", "position 7"},
      {"a = 1)", "position 6"},
      {"(a = 1", "position 7"},
      {"order = 1", "position 1"},
      {"a = user", "position 5"},
      {"a IN ()", "position 7"},
      {"a IN (1,)", "position 9"},
      {"a LIKE b LIKE c", "position 10"},
      {"a BETWEEN 1 AND 2 BETWEEN 3 AND 4", "position 19"},
      {"a BETWEEN 1 OR 2", "position 13"},
      {"a IS DISTINCT b", "position 15"},
      {"a IS 1", "position 6"},
      {"a = 'x", "position 5"},
      {"\"a = 1", "position 1"},
      {"\"\" = 1", "position 1"},
      {"a = 1 /* x", "position 7"},
      {"нота = $", "position 8"},
      {"a = $0", "position 5"},
      {"a = $99999999999999999999", "position 5"},
      {"a = $1x", "position 5"},
      {"a = 1x", "position 5"},
      {"a = 1e", "position 5"},
      {"a = $$x$$", "position 5"},
      {"a = E'x'", "position 5"},
      {"a = U&'x'", "position 5"},
      {"a ; b", "position 3"},
      {"a @@ b", "position 3"},
      {"a = 'x' 'y'", "position 9"},
  };
  for (const auto& row : rows) {
    Error error = refusal(row.text);
    EXPECT_EQ(error.code, Code::bad_query) << row.text;
    EXPECT_EQ(error.where, row.where) << row.text << ": " << error.what;
  }
}

TEST(Parser, WhatSqlHasAndQueriesHaveNotIsCalledByItsName) {
  const Row rows[] = {
      {"a = 1 ORDER BY a", "ORDER BY is not supported yet"},
      {"a = 1 LIMIT 3", "LIMIT and OFFSET is not supported yet"},
      {"data->>'n' = '9'", "paths into JSON is not supported yet"},
      {"tags @> '{rock}'", "operators on arrays and JSON is not supported yet"},
      {"lower(name) = 'x'", "functions are not supported yet"},
      {"a = 1 + 2", "arithmetic is not supported yet"},
      {"a = - b", "arithmetic is not supported yet"},
      {"a = '1'::int", "casts is not supported yet"},
      {"a = date '2020-01-01'", "a type before a string is not supported"},
      {"(a, b) = (1, 2)", "rows of several values are not supported yet"},
      {"a IN (SELECT 1)", "SELECT within a condition is not supported yet"},
      {"album.year = 1", "qualified names is not supported yet"},
      {"name ~ 'x'", "regular expressions is not supported yet"},
      {"a BETWEEN SYMMETRIC 2 AND 1", "BETWEEN SYMMETRIC is not supported yet"},
  };
  for (const Row& row : rows) EXPECT_EQ(refusal(row.text).what, row.expected) << row.text;
}

TEST(Parser, AReservedWordIsTakenInQuotesAndTheHintSaysSo) {
  EXPECT_EQ(refusal("user = 1").hint, "a property of that name is written in quotes: \"user\"");
}

TEST(Parser, AWholeQueryIsACollectionAndItsCondition) {
  auto query = parse("album where year > 2000");
  ASSERT_TRUE(query) << query.error().what;
  EXPECT_EQ(query->collection, "album");
  EXPECT_EQ(Drawing().of(query->where), "(> year 2000)");

  query = parse("  \"Album\" /* all of it */ ");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->collection, "Album");
  EXPECT_EQ(query->collection_position, 3u);
  EXPECT_EQ(query->where, nullptr);

  query = parse("ALBUM WHERE");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->collection, "album");
  EXPECT_EQ(query->where, nullptr);

  for (std::string_view text :
       {"", "where a", "'album'", "album year > 2", "album, artist", "$1"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Parser, DepthAndLengthAreLimited) {  // 10,000 parentheses
  auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_EQ(tree(nested(100)), "a");
  EXPECT_EQ(refusal(nested(10'000)).code, Code::bad_query);

  auto repeated = [](std::string text, std::string_view piece, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
  };
  EXPECT_EQ(refusal(repeated("", "not ", 10'000) + "a").code, Code::bad_query);
  EXPECT_EQ(refusal(repeated("a", " is null", 10'000)).code, Code::bad_query);
  EXPECT_EQ(refusal(repeated("a", " in (a)", 10'000)).code, Code::bad_query);
  EXPECT_EQ(refusal(repeated("a", " = (a", 10'000)).code, Code::bad_query);
  EXPECT_TRUE(parse_condition(repeated("a", " or a", 10'000))) << "a chain is flat";
  EXPECT_EQ(refusal(repeated("a", " or a", 100'000)).code, Code::too_large);
}

TEST(Parser, TextThatIsNotUtf8IsRefusedAtItsByte) {
  for (std::string_view text :
       {"a = '\xff'", "a = '\xc0\xaf'", "a = '\xed\xa0\x80'", "a = '\xe2\x82'"}) {
    EXPECT_EQ(refusal(text).where, "byte 5") << text;
  }
  EXPECT_EQ(refusal(std::string_view("a = '\0'", 7)).where, "byte 5");
  EXPECT_EQ(tree("a = '\U0001F600'"), "(= a '\U0001F600')");
}

TEST(Parser, AnyTextIsReadOrRefusedWithItsPlace) {
  constexpr std::string_view pieces[] = {
      "a",   "\"B\"", "=", "<",    "NOT ", " AND ", " OR ", "(",    ")",  ",",         "'x'",
      "'",   "1",     "-", " IN ", "$1",   " IS ",  "NULL", " -- ", "/*", " LIKE ",    "\n",
      "1.5", "\"",    "é", "\xc3", "::",   "->",    ";",    "TRUE", "e",  " BETWEEN ", "*/"};
  for_each_seed(5'000, [&](Random& random) {
    std::string text;
    for (std::size_t i = random.below(25); i > 0; --i) text += random.pick(pieces);
    auto parsed = parse_condition(text);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().what.empty()) << text;
      EXPECT_FALSE(parsed.error().where.empty()) << text;
    }
  });
}

}  // namespace
}  // namespace plait::query
