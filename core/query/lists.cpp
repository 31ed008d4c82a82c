// core/query/lists.cpp: IN, ANY and ALL: what is compared with many values at once.

#include <algorithm>
#include <utility>

#include "core/query/checker.h"
#include "core/query/literal.h"

namespace plait::query {

// left = ANY (constants), each read as `family`, a number literal with a type of its own as that.
Checking Checker::one_of(const Operand& left, const std::vector<Operand>& constants,
                         Family family) {
  Target target = target_of(Operand{}, left, domain_of(family));
  std::vector<ConstantTerm> read;
  OneOfTerm list{left.term, domain_of(family), {}, {}, false, {}};
  Family widest = family;
  for (const Operand& constant : constants) {
    bool exact_literal = constant.family && list.domain == Domain::exact;
    Family own = exact_literal ? *constant.family : family;
    auto value = reader_.read(constant, own == family ? target : Target{own, "number", {}, {}});
    if (!value) return value.error();
    if (own > widest) widest = own;
    list.has_null |= is_null(value->value);
    list.type = value->type;
    if (!is_null(value->value)) read.push_back(std::move(*value));
  }
  if (is_number(widest)) list.type = cast_name(widest);
  if (!list.left) {
    Checking constant = side(left, target);
    if (!constant) return constant;
    list.left = std::move(*constant);
  }
  auto before = [](const auto& a, const auto& b) { return query::compare(a.value, b.value) < 0; };
  auto same = [](const auto& a, const auto& b) { return query::compare(a.value, b.value) == 0; };
  std::ranges::stable_sort(read, before);
  read.erase(std::ranges::unique(read, same).begin(), read.end());
  for (ConstantTerm& constant : read) {
    list.values.push_back(std::move(constant.value));
    list.texts.push_back(std::move(constant.text));
  }
  return term(std::move(list));
}

// Postgres searches an array of the constants' common type where there are several; one constant,
// and whatever is no constant, is compared by itself.
Checking Checker::node(const Expression& at, const In& in) {
  auto left = operand(*in.operand);
  if (!left) return left.error();
  std::vector<Operand> constants, others;
  for (const ExpressionPtr& item : in.list) {
    auto right = operand(*item);
    if (!right) return right.error();
    if (!meeting_of(*left, *right)) return incomparable(item->position, *left, *right);
    (right->is_constant() ? constants : others).push_back(std::move(*right));
  }
  AnyTerm any;
  if (constants.size() > 1 && left->family) {
    Checking list = one_of(*left, constants, *left->family);
    if (!list) return list;
    any.terms.push_back(std::move(*list));
  } else {
    others.insert(others.end(), constants.begin(), constants.end());
  }
  for (const Operand& right : others) {
    Checking equal = compare(at.position, Comparison::equal, *left, right);
    if (!equal) return equal;
    any.terms.push_back(std::move(*equal));
  }
  return any.terms.size() == 1 ? std::move(any.terms[0]) : term(std::move(any));
}

// The elements of a constant array, each without a type yet.
Result<std::vector<Operand>> Checker::elements(const Expression& array) {
  std::vector<Operand> elements;
  const Json* json = nullptr;
  if (const auto* numbered = std::get_if<Parameter>(&array.node)) {
    auto found = parameter(array, *numbered);
    if (!found) return found.error();
    json = *found;
  }
  if (json && json->is_array()) {
    for (const Json& item : json->as_array()) {
      auto text = parameter_text(item, array.position);
      if (!text) return text.error();
      elements.push_back(Operand{
          array.position, "an element of the array", {}, {}, {}, {}, std::move(*text), &item});
    }
    return elements;
  }
  const auto* string = std::get_if<String>(&array.node);
  const std::string* text = string                      ? &string->text
                            : json && json->is_string() ? &json->as_string()
                                                        : nullptr;
  auto read = text ? read_array(*text) : std::nullopt;
  if (!read) {
    return bad(array.position, "ANY and ALL take a constant array of one dimension",
               "write '{a,b}', or a parameter whose value is a JSON array");
  }
  for (auto& item : *read) {
    elements.push_back(Operand{
        array.position, "an element of the array", {}, {}, {}, {}, std::move(item), nullptr});
  }
  return elements;
}

Checking Checker::node(const Expression& at, const Quantified& quantified) {
  auto left = operand(*quantified.left);
  if (!left) return left.error();
  if (!left->family) left->family = Family::text;
  auto items = elements(*quantified.array);
  if (!items) return items.error();
  // For the sake of its refusals, also where there are no elements.
  Checking possible = compare(at.position, quantified.comparison, *left, Operand{});
  if (!possible) return possible;
  bool negated = quantified.all && quantified.comparison == Comparison::not_equal;
  if (negated || (!quantified.all && quantified.comparison == Comparison::equal)) {
    Checking list = one_of(*left, *items, *left->family);
    return list && negated ? Checking(term(NotTerm{std::move(*list)})) : list;
  }
  std::vector<TermPtr> terms;
  for (const Operand& item : *items) {
    Checking compared = compare(at.position, quantified.comparison, *left, item);
    if (!compared) return compared;
    terms.push_back(std::move(*compared));
  }
  return quantified.all ? term(AllTerm{std::move(terms)}) : term(AnyTerm{std::move(terms)});
}

}  // namespace plait::query
