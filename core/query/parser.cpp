// core/query/parser.cpp: operator precedence by Pratt's method, with the levels of Postgres'
// gram.y.

#include "core/query/parser.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <utility>

#include "core/query/keywords.h"
#include "core/query/lexer.h"

namespace plait::query {

namespace {

// From loosest to tightest, as in gram.y. `comparison` and what is above it does not associate:
// a = b = c is an error.
enum class Level : int {
  any = 0,
  or_ = 1,
  and_ = 2,
  not_ = 3,
  is = 4,
  comparison = 5,
  in_like = 6,
  operand = 7
};

constexpr Level above(Level level) { return static_cast<Level>(static_cast<int>(level) + 1); }

std::optional<Comparison> comparison_of(std::string_view text) {
  if (text == "=") return Comparison::equal;
  if (text == "<>" || text == "!=") return Comparison::not_equal;
  if (text == "<") return Comparison::less;
  if (text == "<=") return Comparison::less_or_equal;
  if (text == ">") return Comparison::greater;
  if (text == ">=") return Comparison::greater_or_equal;
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  Result<Query> query();
  Result<ExpressionPtr> whole_condition();

 private:
  using Parsed = Result<ExpressionPtr>;

  Parsed condition(Level least);
  Parsed continued(ExpressionPtr left, Level least);
  Parsed prefix();
  Parsed word_operand();
  Parsed signed_number();
  Parsed parameter();
  Parsed parenthesised();
  Parsed chain(ExpressionPtr left, Level level);
  Parsed comparison(ExpressionPtr left, Comparison comparison);
  Parsed quantified(ExpressionPtr left, Comparison comparison, std::size_t position);
  Parsed is(ExpressionPtr left);
  Parsed between(ExpressionPtr left);
  Parsed in(ExpressionPtr left);
  Parsed like(ExpressionPtr left, bool ignore_case);
  Parsed keyword_operator(ExpressionPtr left);
  Parsed take_leaf(std::size_t position, decltype(Expression::node) node);

  void advance() { token_ = lexer_.next(); }
  bool at_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && token_.text == word;
  }
  bool at_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }
  bool take_word(std::string_view word) { return at_word(word) && (advance(), true); }
  bool take_symbol(std::string_view symbol) { return at_symbol(symbol) && (advance(), true); }
  Level level() const;
  bool is_next(Level level) const { return this->level() == level; }

  Error unexpected(std::string_view wanted) const;
  static Error bad(std::size_t position, std::string what, std::string hint = {}) {
    return Error{Code::bad_query, std::move(what), place(position), std::move(hint)};
  }
  static Parsed make(std::size_t position, decltype(Expression::node) node,
                     std::initializer_list<ExpressionPtr> operands);
  static Parsed make(std::size_t position, decltype(Expression::node) node, std::size_t height);
  static Parsed negated(std::size_t position, bool negate, Parsed parsed);

  Lexer lexer_;
  Token token_;
  std::size_t depth_ = 0;
};

Error Parser::unexpected(std::string_view wanted) const {
  if (token_.kind == Token::Kind::bad) return lexer_.error();
  std::string_view unsupported = token_.kind == Token::Kind::word ? unsupported_word(token_.text)
                                 : token_.kind == Token::Kind::symbol
                                     ? unsupported_symbol(token_.text)
                                     : std::string_view();
  if (!unsupported.empty()) {
    return bad(token_.position, std::string(unsupported) + " is not supported yet",
               "docs/queries.md lists what a query may say");
  }
  std::string found = token_.kind == Token::Kind::end      ? std::string("the end")
                      : token_.kind == Token::Kind::string ? std::string("a string")
                                                           : '"' + token_.text + '"';
  std::string hint;
  if (token_.kind == Token::Kind::word && is_reserved(token_.text)) {
    hint = "a property of that name is written in quotes: \"" + token_.text + '"';
  }
  return bad(token_.position, "found " + found + " where " + std::string(wanted) + " was expected",
             std::move(hint));
}

Parser::Parsed Parser::make(std::size_t position, decltype(Expression::node) node,
                            std::initializer_list<ExpressionPtr> operands) {
  std::size_t height = 0;
  for (const ExpressionPtr& operand : operands) {
    if (operand) height = std::max(height, operand->height);
  }
  return make(position, std::move(node), height + 1);
}

Parser::Parsed Parser::make(std::size_t position, decltype(Expression::node) node,
                            std::size_t height) {
  if (height > height_max) {
    return bad(position, "a condition nested more than " + std::to_string(height_max) + " deep",
               "write it flatter: a AND b AND c needs no parentheses");
  }
  return std::make_shared<const Expression>(Expression{position, height, std::move(node)});
}

Parser::Parsed Parser::negated(std::size_t position, bool negate, Parsed parsed) {
  if (!parsed || !negate) return parsed;
  return make(position, Negation{*parsed}, {*parsed});
}

Parser::Parsed Parser::take_leaf(std::size_t position, decltype(Expression::node) node) {
  advance();
  return make(position, std::move(node), 1);
}

Result<Query> Parser::query() {
  Query query;
  query.collection_position = token_.position;
  bool named = token_.kind == Token::Kind::name ||
               (token_.kind == Token::Kind::word && token_.text != "where");
  if (!named) return unexpected("the name of a collection");
  query.collection = std::move(token_.text);
  advance();
  if (take_word("where")) {
    Parsed where = whole_condition();
    if (!where) return where.error();
    query.where = std::move(*where);
  } else if (token_.kind != Token::Kind::end) {
    return unexpected("WHERE or the end");
  }
  return query;
}

Result<ExpressionPtr> Parser::whole_condition() {
  if (token_.kind == Token::Kind::end) return ExpressionPtr();
  Parsed parsed = condition(Level::any);
  if (parsed && token_.kind != Token::Kind::end) return unexpected("AND, OR or the end");
  return parsed;
}

// The level of the operator that comes next; `any` where none does.
Level Parser::level() const {
  if (token_.kind == Token::Kind::symbol) {
    return comparison_of(token_.text) ? Level::comparison : Level::any;
  }
  if (token_.kind != Token::Kind::word) return Level::any;
  std::string_view word = token_.text;
  if (word == "or") return Level::or_;
  if (word == "and") return Level::and_;
  if (word == "is" || word == "isnull" || word == "notnull") return Level::is;
  if (word == "not" || word == "in" || word == "like" || word == "ilike" || word == "between") {
    return Level::in_like;
  }
  return Level::any;
}

// An operand and all operators behind it that bind at least as tightly as `least`.
Parser::Parsed Parser::condition(Level least) {
  if (depth_ == height_max) return make(token_.position, Null{}, height_max + 1);
  ++depth_;
  Parsed left = prefix();
  if (left) left = continued(std::move(*left), least);
  --depth_;
  return left;
}

Parser::Parsed Parser::continued(ExpressionPtr left, Level least) {
  for (;;) {
    Level next = level();
    if (next == Level::any || next < least) return left;
    Parsed parsed = left;
    if (next == Level::or_ || next == Level::and_) {
      parsed = chain(std::move(left), next);
    } else if (next == Level::is) {
      parsed = is(std::move(left));
    } else if (next == Level::comparison) {
      parsed = comparison(std::move(left), *comparison_of(token_.text));
    } else {
      parsed = keyword_operator(std::move(left));
    }
    if (!parsed) return parsed;
    left = std::move(*parsed);
  }
}

Parser::Parsed Parser::prefix() {
  std::size_t position = token_.position;
  switch (token_.kind) {
    case Token::Kind::word:
      return word_operand();
    case Token::Kind::name:
      return take_leaf(position, Name{std::move(token_.text)});
    case Token::Kind::number:
      return take_leaf(position, Number{std::move(token_.text)});
    case Token::Kind::string:
      return take_leaf(position, String{std::move(token_.text)});
    case Token::Kind::parameter:
      return parameter();
    case Token::Kind::symbol:
      if (at_symbol("(")) return parenthesised();
      if (at_symbol("-") || at_symbol("+")) return signed_number();
      break;
    case Token::Kind::end:
    case Token::Kind::bad:
      break;
  }
  return unexpected("a property or a value");
}

Parser::Parsed Parser::word_operand() {
  std::size_t position = token_.position;
  if (take_word("not")) {
    Parsed operand = condition(Level::not_);
    return negated(position, true, std::move(operand));
  }
  if (at_word("true") || at_word("false")) return take_leaf(position, Boolean{at_word("true")});
  if (at_word("null")) return take_leaf(position, Null{});
  if (is_reserved(token_.text)) return unexpected("a property or a value");
  Parsed name = take_leaf(position, Name{token_.text});
  if (at_symbol("(")) return bad(position, "functions are not supported yet");
  if (token_.kind == Token::Kind::string) {
    return bad(position, "a type before a string is not supported",
               "write the string alone: it takes the type of what it is compared with");
  }
  return name;
}

// Postgres takes a sign before a number into the number.
Parser::Parsed Parser::signed_number() {
  std::size_t position = token_.position;
  bool negative = at_symbol("-");
  advance();
  if (token_.kind != Token::Kind::number) return bad(position, "arithmetic is not supported yet");
  return take_leaf(position, Number{negative ? '-' + token_.text : token_.text});
}

Parser::Parsed Parser::parameter() {
  std::size_t number = 0;
  const char* end = token_.text.data() + token_.text.size();
  bool fits = std::from_chars(token_.text.data(), end, number).ec == std::errc();
  if (!fits || number == 0 || number > parameters_max) {
    return bad(token_.position, "$" + token_.text + " is no parameter",
               "they go from $1 to $" + std::to_string(parameters_max));
  }
  return take_leaf(token_.position, Parameter{number});
}

Parser::Parsed Parser::parenthesised() {
  std::size_t position = token_.position;
  advance();
  Parsed inner = condition(Level::any);
  if (!inner) return inner;
  if (at_symbol(",")) return bad(position, "rows of several values are not supported yet");
  if (!take_symbol(")")) return unexpected("AND, OR or )");
  return inner;
}

Parser::Parsed Parser::chain(ExpressionPtr left, Level level) {
  std::string_view word = level == Level::or_ ? "or" : "and";
  std::size_t position = token_.position;
  std::size_t height = left->height;
  std::vector<ExpressionPtr> operands{std::move(left)};
  while (take_word(word)) {
    Parsed right = condition(above(level));
    if (!right) return right;
    height = std::max(height, (*right)->height);
    operands.push_back(std::move(*right));
  }
  if (level == Level::or_) return make(position, Disjunction{std::move(operands)}, height + 1);
  return make(position, Conjunction{std::move(operands)}, height + 1);
}

Parser::Parsed Parser::comparison(ExpressionPtr left, Comparison comparison) {
  std::size_t position = token_.position;
  advance();
  if (at_word("any") || at_word("some") || at_word("all")) {
    return quantified(std::move(left), comparison, position);
  }
  Parsed right = condition(above(Level::comparison));
  if (!right) return right;
  if (is_next(Level::comparison))
    return unexpected("AND, OR or the end (comparisons do not chain)");
  return make(position, Compare{comparison, left, *right}, {left, *right});
}

Parser::Parsed Parser::quantified(ExpressionPtr left, Comparison comparison, std::size_t position) {
  bool all = at_word("all");
  advance();
  if (!take_symbol("(")) return unexpected("( and an array");
  Parsed array = condition(Level::any);
  if (!array) return array;
  if (!take_symbol(")")) return unexpected(")");
  return make(position, Quantified{comparison, all, left, *array}, {left, *array});
}

Parser::Parsed Parser::is(ExpressionPtr left) {
  std::size_t position = token_.position;
  if (take_word("isnull")) return make(position, IsNull{left}, {left});
  bool negate = take_word("notnull");
  if (negate) return negated(position, true, make(position, IsNull{left}, {left}));
  advance();
  negate = take_word("not");
  if (take_word("null")) return negated(position, negate, make(position, IsNull{left}, {left}));
  if (at_word("unknown")) {
    advance();
    // Of a disjunction: unlike NULL's, UNKNOWN's operand must be a condition.
    Parsed truth = make(position, Disjunction{{left}}, {left});
    if (!truth) return truth;
    return negated(position, negate, make(position, IsNull{*truth}, {*truth}));
  }
  if (at_word("true") || at_word("false")) {
    bool value = at_word("true");
    advance();
    return negated(position, negate, make(position, IsTruth{left, value}, {left}));
  }
  if (!take_word("distinct")) return unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  if (!take_word("from")) return unexpected("FROM");
  Parsed right = condition(above(Level::is));
  if (!right) return right;
  if (is_next(Level::is)) return unexpected("AND, OR or the end");
  return negated(position, negate, make(position, Distinct{left, *right}, {left, *right}));
}

// [NOT] IN, LIKE, ILIKE, BETWEEN.
Parser::Parsed Parser::keyword_operator(ExpressionPtr left) {
  std::size_t position = token_.position;
  bool negate = take_word("not");
  if (at_word("in")) return negated(position, negate, in(std::move(left)));
  if (at_word("between")) return negated(position, negate, between(std::move(left)));
  if (at_word("like")) return negated(position, negate, like(std::move(left), false));
  if (at_word("ilike")) return negated(position, negate, like(std::move(left), true));
  return unexpected("IN, BETWEEN, LIKE or ILIKE");
}

Parser::Parsed Parser::between(ExpressionPtr left) {
  std::size_t position = token_.position;
  advance();
  if (at_word("symmetric")) return bad(token_.position, "BETWEEN SYMMETRIC is not supported yet");
  take_word("asymmetric");
  if (at_word("not")) return unexpected("the lower bound of BETWEEN");
  Parsed low = condition(Level::operand);
  if (!low) return low;
  if (!take_word("and")) return unexpected("AND and the upper bound of BETWEEN");
  Parsed high = condition(Level::operand);
  if (!high) return high;
  if (is_next(Level::in_like)) return unexpected("AND, OR or the end");
  return make(position, Between{left, *low, *high}, {left, *low, *high});
}

Parser::Parsed Parser::in(ExpressionPtr left) {
  std::size_t position = token_.position;
  advance();
  if (!take_symbol("(")) return unexpected("( and the list of IN");
  std::size_t height = left->height;
  std::vector<ExpressionPtr> list;
  do {
    Parsed item = condition(Level::any);
    if (!item) return item;
    height = std::max(height, (*item)->height);
    list.push_back(std::move(*item));
  } while (take_symbol(","));
  if (!take_symbol(")")) return unexpected(", or )");
  return make(position, In{std::move(left), std::move(list)}, height + 1);
}

Parser::Parsed Parser::like(ExpressionPtr left, bool ignore_case) {
  std::size_t position = token_.position;
  advance();
  Parsed pattern = condition(Level::operand);
  if (!pattern) return pattern;
  ExpressionPtr escape;
  if (take_word("escape")) {
    Parsed parsed = condition(Level::operand);
    if (!parsed) return parsed;
    escape = std::move(*parsed);
  }
  if (is_next(Level::in_like)) return unexpected("AND, OR or the end");
  return make(position, Like{left, *pattern, escape, ignore_case}, {left, *pattern, escape});
}

}  // namespace

Result<Query> parse(std::string_view text) {
  if (Status fine = check_text(text); !fine) return fine.error();
  return Parser(text).query();
}

Result<ExpressionPtr> parse_condition(std::string_view text) {
  if (Status fine = check_text(text); !fine) return fine.error();
  return Parser(text).whole_condition();
}

}  // namespace plait::query
