// gateway/wish.cpp: text → tree → checked predicate → SQL.

#include "gateway/wish.h"

#include "core/query/parser.h"

namespace plait::gateway {

namespace {

// Lengths first, so that no text of a parameter can pass for the border of two.
std::string key_of(std::string_view collection, const query::BoundSql& where) {
  std::string key = std::string(collection) + "\n" + where.text;
  for (const std::string& parameter : where.parameters) {
    key += "\n" + std::to_string(parameter.size()) + ":" + parameter;
  }
  return key;
}

// Where the parser has no better advice.
Error with_hint(Error error) {
  if (error.hint.empty()) error.hint = "docs/queries.md has the language: album where year > 2000";
  return error;
}

}  // namespace

Result<std::variant<WishPtr, Unanswered>> understand(std::string_view text, const Json& params,
                                                     const Catalogue& catalogue,
                                                     const query::NormalisedLiterals& answers) {
  auto tree = query::parse(text);
  if (!tree) return with_hint(tree.error());
  auto collection = catalogue.readable(tree->collection);
  if (!collection) {
    Error error = collection.error();
    error.where = "position " + std::to_string(tree->collection_position);
    return error;
  }
  const Collection& readable = **collection;
  auto checked = query::check(tree->where, readable.schema, params.as_array(), answers);
  if (!checked) return with_hint(checked.error());
  if (!checked->literals_to_normalise.empty()) return {Unanswered{checked->literals_to_normalise}};
  auto wish = std::make_shared<Wish>();
  wish->collection = tree->collection;
  wish->table = readable.table;
  wish->predicate = checked->predicate;
  wish->where = query::to_sql(checked->predicate, "t");
  wish->key = key_of(wish->collection, wish->where);
  return {WishPtr(std::move(wish))};
}

}  // namespace plait::gateway
