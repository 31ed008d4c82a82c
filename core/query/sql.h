// core/query/sql.h: a predicate as SQL text with bound parameters. No value is ever spliced into
// it.
//
//   to_sql(predicate, "t")   (("t"."year" > $1::int4) AND ("t"."name" = $2::text))   {"2000",
//   "Rex"}
//
// Equality, IN and DISTINCT carry no COLLATE, so the user's indexes serve; ranges on text do ("C").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/query/term.h"

namespace plait::query {

struct BoundSql {
  std::string text;  // a boolean expression, to be put in parentheses; TRUE for no condition
  std::vector<std::string> parameters;  // text format; never NULL
  std::vector<std::string> types;  // SQL type names (int4[]), beside the parameters; the text casts
                                   // to them already. "": an enum's, which Postgres infers
};

// `table`: what qualifies the columns, an alias in the caller's FROM; quoted here; empty: nothing
// does. The first parameter is $first_parameter.
//
// Two predicates with equal text and parameters have one meaning: this is the key of a query group.
// (table being equal, of course.)
BoundSql to_sql(const Predicate& predicate, std::string_view table = {}, int first_parameter = 1);

// "Year" → "\"Year\"", quotes in it doubled.
std::string quoted_identifier(std::string_view name);

}  // namespace plait::query
