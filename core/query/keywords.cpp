// core/query/keywords.cpp: the words and symbols that SQL has for other things.

#include "core/query/keywords.h"

#include <algorithm>

#include "core/query/sql.h"

namespace plait::query {

namespace {

// clang-format off
constexpr std::string_view reserved_words[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "binary", "both", "case", "cast", "check", "collate",
    "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog",
    "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
    "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
    "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having",
    "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral",
    "leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "not",
    "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing",
    "primary", "references", "returning", "right", "select", "session_user", "similar", "some",
    "symmetric", "table", "tablesample", "then", "to", "trailing", "true", "union", "unique",
    "user", "using", "variadic", "verbose", "when", "where", "window", "with"};
// clang-format on
static_assert(std::ranges::is_sorted(reserved_words), "searched by halves");

}  // namespace

bool is_reserved(std::string_view word) { return std::ranges::binary_search(reserved_words, word); }

std::string as_written(std::string_view name) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80) != 0; };
  auto is_plain = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; };
  const bool plain = !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, is_plain) &&
                     !is_reserved(name);
  return plain ? std::string(name) : quoted_identifier(name);
}

std::string_view unsupported_word(std::string_view word) {
  if (word == "order") return "ORDER BY";
  if (word == "limit" || word == "offset" || word == "fetch") return "LIMIT and OFFSET";
  if (word == "similar") return "SIMILAR TO";
  if (word == "collate") return "COLLATE";
  if (word == "case") return "CASE";
  if (word == "cast") return "CAST";
  if (word == "array") return "ARRAY[…]";
  if (word == "select") return "SELECT within a condition";
  if (word == "overlaps") return "OVERLAPS";
  if (word == "group" || word == "having" || word == "union" || word == "intersect" ||
      word == "except" || word == "window" || word == "for" || word == "join") {
    return "more of SQL than a condition";
  }
  return {};
}

std::string_view unsupported_symbol(std::string_view symbol) {
  if (symbol == "->" || symbol == "->>" || symbol == "#>" || symbol == "#>>")
    return "paths into JSON";
  if (symbol == "@>" || symbol == "<@" || symbol == "&&" || symbol == "[")
    return "operators on arrays and JSON";
  if (symbol == "::") return "casts";
  if (symbol == ".") return "qualified names";
  if (symbol == "~" || symbol == "~*" || symbol == "!~" || symbol == "!~*")
    return "regular expressions";
  if (symbol == "+" || symbol == "-" || symbol == "*" || symbol == "/" || symbol == "%" ||
      symbol == "^") {
    return "arithmetic";
  }
  if (symbol == "||") return "concatenation";
  return {};
}

}  // namespace plait::query
