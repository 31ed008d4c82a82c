// core/query/parser.h: the text of a query → its tree.
//
//   auto query = query::parse("album where year > 2000 and name like $1");
//   auto checked = query::check(query->where, schema, parameters);
//
// The language is a part of SQL's, with Postgres' spelling, precedence and comments: what is
// accepted means what it means there, and all else is refused with its position. Keywords come in
// any case, names are folded to lower case unless quoted ("Year"), and a reserved word of SQL is a
// name only in quotes.
//
//   query      collection [WHERE condition]
//   condition  comparisons = <> != < <= > >=, AND, OR, NOT, [NOT] IN (…), [NOT] BETWEEN … AND …,
//              [NOT] LIKE and ILIKE … [ESCAPE …], IS [NOT] NULL, IS [NOT] DISTINCT FROM,
//              IS [NOT] TRUE | FALSE | UNKNOWN, = ANY (array), <> ALL (array) with a constant array
//   operand    a property, 12, -1.5e3, 'text' ('' is one quote), TRUE, FALSE, NULL, $1, (condition)
//
// Not yet: ORDER BY, LIMIT, paths into JSON, array columns, functions, arithmetic, casts.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/query/ast.h"
#include "core/result.h"

namespace plait::query {

inline constexpr std::size_t height_max = 200;  // of the tree; parentheses count
inline constexpr std::size_t parameters_max = 65'535;

// A whole query. Refuses bad_query, Error::where is "position N" (characters from 1); too_large.
// Cost: linear in the text.
Result<Query> parse(std::string_view text);

// A condition alone. Empty text, or comments alone, is nullptr: true for every row. Refuses like
// parse.
Result<ExpressionPtr> parse_condition(std::string_view text);

}  // namespace plait::query
