// core/query/keywords.h: the words and symbols that SQL has for other things.
#pragma once

#include <string>
#include <string_view>

namespace plait::query {

// Words that are no names without quotes: in Postgres (pg_get_keywords: reserved, and those for
// types and functions), and BETWEEN. `word` in lower case.
bool is_reserved(std::string_view word);

// A collection's or a property's name as a query has to write it: in double quotes where it is
// reserved or would be folded to lower case. For hints.
std::string as_written(std::string_view name);

// What the word or the symbol stands for in SQL and not in a query, to begin "… is not supported
// yet"; empty: for nothing.
std::string_view unsupported_word(std::string_view word);
std::string_view unsupported_symbol(std::string_view symbol);

}  // namespace plait::query
