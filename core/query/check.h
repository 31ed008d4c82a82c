// core/query/check.h: names → properties, literals and parameters → values of the types they meet.
//
//   auto checked = query::check(tree, schema, parameters);
//   if (!checked) return checked.error();
//   if (!checked->literals_to_normalise.empty()) {       // 'Jan 5 2020', '{192.168.0.1/32}'::inet
//     for (const query::Literal& literal : checked->literals_to_normalise)
//       answers[literal] = …;                            // SELECT $1::<literal.type>, in text
//       format
//     checked = query::check(tree, schema, parameters, answers);
//   }
//   query::evaluate(checked->predicate, state);   query::to_sql(checked->predicate);
//
// What passes means what Postgres means, and neither Postgres nor the evaluator can fail on it.
// Types are resolved by Postgres' rules: a string or a parameter takes the type of what it meets,
// each time anew; a number is int4, int8 or numeric and compares across number types. Here a query
// is narrower or fixed where Postgres leaves it to a setting:
//  - a timestamptz literal without a zone is UTC, whatever the session's TimeZone;
//  - ranges on text compare code points (COLLATE "C"), ILIKE folds A to Z only;
//  - patterns are literals or parameters, not properties.
// Compared by value: bool, int2/4/8, float4/8, numeric, text, varchar, char(n), name, uuid,
// plait.ulid, date, time, timestamp, timestamptz, bytea, enums with labels. By = alone: inet, cidr,
// macaddr, macaddr8. Every other type knows IS [NOT] NULL.
#pragma once

#include <compare>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/query/ast.h"
#include "core/query/term.h"
#include "core/result.h"

namespace plait::query {

struct Property {
  std::string name;    // as queries and states call it
  std::string column;  // as SQL calls it
  std::string type;  // the column's type as format_type gives it: integer, character(3), plait.ulid
  std::vector<std::string> labels = {};  // of an enum, in its order; empty: no enum, or not known
};

struct Schema {
  std::string collection;
  std::vector<Property> properties;
};

// A literal whose meaning only the database knows. Its answer is what `SELECT $1::<type>` gives in
// text format (not what a cast to text gives: inet has another) under TimeZone UTC, DateStyle 'ISO,
// MDY', bytea_output hex; where the database refuses it, so is the query.
struct Literal {
  std::string type;
  std::string text;
  friend auto operator<=>(const Literal&, const Literal&) = default;
};
using NormalisedLiterals = std::map<Literal, std::string>;

struct Checked {
  Predicate predicate;                         // REQUIRES, to be used: no literals_to_normalise
  std::vector<Literal> literals_to_normalise;  // distinct; empty once all have been answered
};

// `parameters`: $1 is the first; wire values (numbers also as strings), an array for ANY and ALL.
// Missing and surplus ones are refused. Refuses unknown_property and bad_query with "position N" in
// Error::where. Cost: linear in tree and parameters, IN lists are sorted.
Result<Checked> check(const ExpressionPtr& condition, const Schema& schema,
                      std::span<const Json> parameters, const NormalisedLiterals& normalised = {});

}  // namespace plait::query
