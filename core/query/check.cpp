// core/query/check.cpp: every node of the tree becomes a term, types resolved as Postgres does.

#include "core/query/check.h"

#include <algorithm>
#include <utility>

#include "core/query/checker.h"
#include "core/query/keywords.h"
#include "core/query/lexer.h"

namespace plait::query {

namespace {

std::size_t utf8_length(std::string_view text) {
  auto starts_character = [](char c) { return (c & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

bool is_leaf(const Expression& at) { return at.height == 1; }

}  // namespace

Result<Checked> Checker::check(const ExpressionPtr& whole) {
  Checked checked;
  if (whole) {
    Checking root = condition(*whole);
    if (!root) return root.error();
    checked.predicate.root = std::move(*root);
  }
  auto unused = std::ranges::find(used_, false);
  if (unused != used_.end()) {
    std::size_t number = static_cast<std::size_t>(unused - used_.begin()) + 1;
    return Error{Code::bad_query,
                 "$" + std::to_string(number) + " is given, but the query has none", "params",
                 "send as many parameters as the query names"};
  }
  checked.literals_to_normalise.assign(reader_.to_normalise().begin(),
                                       reader_.to_normalise().end());
  return checked;
}

// ---- operands ----------------------------------------------------------------------------------

Result<Operand> Checker::property(const Expression& at, const Name& name) {
  auto found = std::ranges::find(schema_.properties, name.text, &Property::name);
  if (found == schema_.properties.end()) {
    std::string known;
    for (const Property& property : schema_.properties) {
      known += (known.empty() ? "" : ", ") + as_written(property.name);
    }
    return Error{Code::unknown_property,
                 schema_.collection + " has no property \"" + name.text + '"', place(at.position),
                 "it has " + known};
  }
  Family family = found->labels.empty() ? family_of(found->type) : Family::enumeration;
  Operand operand;
  operand.position = at.position;
  operand.described = found->name + " (" + found->type + ")";
  operand.family = family;
  operand.type = found->type;
  operand.labels = found->labels;
  operand.term = term(PropertyTerm{found->name, found->column, family, found->labels});
  return operand;
}

Result<const Json*> Checker::parameter(const Expression& at, const Parameter& parameter) {
  if (parameter.number > parameters_.size()) {
    return bad(at.position, "$" + std::to_string(parameter.number) + " has no value",
               "send a parameter for each of the query's: " + std::to_string(parameters_.size()) +
                   " came");
  }
  used_[parameter.number - 1] = true;
  return &parameters_[parameter.number - 1];
}

// A leaf that is no name.
Result<Operand> Checker::constant(const Expression& at) {
  Operand operand;
  operand.position = at.position;
  operand.described = "NULL";
  if (const auto* number = std::get_if<Number>(&at.node)) {
    operand.family = family_of_number(number->text);
    operand.described = operand.text.emplace(number->text);
  } else if (const auto* string = std::get_if<String>(&at.node)) {
    operand.described = "a string";
    operand.text = string->text;
  } else if (const auto* boolean = std::get_if<Boolean>(&at.node)) {
    operand.family = Family::boolean;
    operand.described = operand.text.emplace(boolean->value ? "true" : "false");
  } else if (const auto* numbered = std::get_if<Parameter>(&at.node)) {
    auto json = parameter(at, *numbered);
    if (!json) return json.error();
    auto text = parameter_text(**json, at.position);
    if (!text) return text.error();
    operand.text = std::move(*text);
    operand.parameter = *json;
    operand.described = "$" + std::to_string(numbered->number);
  }
  return operand;
}

Result<Operand> Checker::operand(const Expression& at) {
  if (const auto* name = std::get_if<Name>(&at.node)) return property(at, *name);
  if (is_leaf(at)) return constant(at);
  Checking boolean = condition(at);
  if (!boolean) return boolean.error();
  Operand operand;
  operand.position = at.position;
  operand.described = "a condition";
  operand.family = Family::boolean;
  operand.type = "boolean";
  operand.term = std::move(*boolean);
  return operand;
}

// ---- two sides ---------------------------------------------------------------------------------

Result<TermPtr> Checker::side(const Operand& operand, const Target& target) {
  if (!operand.is_constant()) return operand.term;
  auto constant = reader_.read(operand, target);
  if (!constant) return constant.error();
  return term(std::move(*constant));
}

Result<Checker::Sides> Checker::agree(std::size_t position, const Operand& left,
                                      const Operand& right) {
  auto domain = meeting_of(left, right);
  if (!domain) return incomparable(position, left, right);
  auto left_term = side(left, target_of(left, right, *domain));
  if (!left_term) return left_term.error();
  auto right_term = side(right, target_of(right, left, *domain));
  if (!right_term) return right_term.error();
  return Sides{std::move(*left_term), std::move(*right_term), *domain};
}

Checking Checker::compare(std::size_t position, Comparison comparison, const Operand& left,
                          const Operand& right) {
  auto sides = agree(position, left, right);
  if (!sides) return sides.error();
  bool equality = comparison == Comparison::equal || comparison == Comparison::not_equal;
  if (sides->domain == Domain::identity && !equality) {
    return bad(position, left.described + " has no order in a query", "compare it with = or <>");
  }
  return term(
      CompareTerm{comparison, std::move(sides->left), std::move(sides->right), sides->domain});
}

Checking Checker::node(const Expression& at, const Compare& compare) {
  auto left = operand(*compare.left);
  if (!left) return left.error();
  auto right = operand(*compare.right);
  if (!right) return right.error();
  return this->compare(at.position, compare.comparison, *left, *right);
}

Checking Checker::node(const Expression& at, const Distinct& distinct) {
  auto left = operand(*distinct.left);
  if (!left) return left.error();
  auto right = operand(*distinct.right);
  if (!right) return right.error();
  auto sides = agree(at.position, *left, *right);
  if (!sides) return sides.error();
  return term(DistinctTerm{std::move(sides->left), std::move(sides->right), sides->domain});
}

// a BETWEEN b AND c is a >= b AND a <= c, each typed for itself.
Checking Checker::node(const Expression& at, const Between& between) {
  auto middle = operand(*between.operand);
  if (!middle) return middle.error();
  auto low = operand(*between.low);
  if (!low) return low.error();
  auto high = operand(*between.high);
  if (!high) return high.error();
  Checking above = compare(at.position, Comparison::greater_or_equal, *middle, *low);
  if (!above) return above;
  Checking below = compare(at.position, Comparison::less_or_equal, *middle, *high);
  if (!below) return below;
  return term(AllTerm{{std::move(*above), std::move(*below)}});
}

// ---- conditions --------------------------------------------------------------------------------

Checking Checker::condition(const Expression& at) {
  return std::visit([&](const auto& node) { return this->node(at, node); }, at.node);
}

Checking Checker::leaf_condition(const Expression& at) {
  auto leaf = operand(at);
  if (!leaf) return leaf.error();
  if (leaf->family.value_or(Family::boolean) != Family::boolean) {
    return bad(at.position, leaf->described + " is no condition", "compare it with something");
  }
  return side(*leaf, {Family::boolean, "boolean", {}, {}});
}

Checking Checker::conditions(const std::vector<ExpressionPtr>& operands, bool all) {
  std::vector<TermPtr> terms;
  for (const ExpressionPtr& operand : operands) {
    Checking checked = condition(*operand);
    if (!checked) return checked;
    terms.push_back(std::move(*checked));
  }
  if (terms.size() == 1) return std::move(terms[0]);
  return all ? term(AllTerm{std::move(terms)}) : term(AnyTerm{std::move(terms)});
}

Checking Checker::node(const Expression&, const Conjunction& all) {
  return conditions(all.operands, true);
}
Checking Checker::node(const Expression&, const Disjunction& any) {
  return conditions(any.operands, false);
}

Checking Checker::node(const Expression&, const Negation& negation) {
  Checking checked = condition(*negation.operand);
  if (!checked) return checked;
  return term(NotTerm{std::move(*checked)});
}

Checking Checker::node(const Expression&, const IsTruth& is_truth) {
  Checking checked = condition(*is_truth.operand);
  if (!checked) return checked;
  return term(IsTruthTerm{std::move(*checked), is_truth.value});
}

Checking Checker::node(const Expression&, const IsNull& is_null) {
  auto tested = operand(*is_null.operand);
  if (!tested) return tested.error();
  if (!tested->is_constant()) return term(IsNullTerm{std::move(tested->term)});
  // Of a constant the type does not matter: $1 IS NULL is asked of parameters of every type.
  Value value = tested->text ? Value(*tested->text) : Value();
  return term(IsNullTerm{term(ConstantTerm{std::move(value), tested->text.value_or(""), "text"})});
}

// A side of LIKE: text, or nothing yet.
Result<Operand> Checker::text_operand(const Expression& at) {
  auto checked = operand(at);
  if (!checked) return checked;
  if (is_text(checked->family.value_or(Family::text))) return checked;
  return bad(at.position, "LIKE compares text, and " + checked->described + " is none");
}

// A constant's text; nothing: NULL.
Result<std::optional<std::string>> Checker::pattern_text(const Expression& at) {
  auto checked = text_operand(at);
  if (!checked) return checked.error();
  if (!checked->is_constant()) {
    return bad(at.position, "a pattern that is a property is not supported yet",
               "write the pattern, or use a parameter");
  }
  auto read = reader_.read(*checked, {Family::text, "text", {}, {}});
  if (!read) return read.error();
  return checked->text;
}

Checking Checker::node(const Expression&, const Like& like) {
  auto left = text_operand(*like.operand);
  if (!left) return left.error();
  auto text = side(*left, {Family::text, "text", {}, {}});
  if (!text) return text;
  auto pattern = pattern_text(*like.pattern);
  if (!pattern) return pattern.error();
  Result<std::optional<std::string>> escape = std::optional<std::string>("\\");
  if (like.escape) escape = pattern_text(*like.escape);
  if (!escape) return escape.error();
  if (!*pattern || !*escape) return term(ConstantTerm{Value(), {}, "bool"});
  if (utf8_length(**escape) > 1) {
    return bad(like.escape->position, "an escape of several characters", "one, or '' for none");
  }
  std::string written = with_backslashes(**pattern, **escape);
  auto compiled = Pattern::compile(written, like.ignore_case);
  if (!compiled) {
    return bad(like.pattern->position, "a pattern that ends in its escape character",
               "write it twice to mean itself");
  }
  return term(
      LikeTerm{std::move(*text), std::move(*compiled), std::move(written), like.ignore_case});
}

Result<Checked> check(const ExpressionPtr& condition, const Schema& schema,
                      std::span<const Json> parameters, const NormalisedLiterals& normalised) {
  return Checker(schema, parameters, normalised).check(condition);
}

}  // namespace plait::query
