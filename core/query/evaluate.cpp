// core/query/evaluate.cpp: three-valued logic over one state.

#include "core/query/evaluate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace plait::query {

namespace {

Truth truth(bool value) { return value ? Truth::yes : Truth::no; }

Truth negation(Truth value) {
  if (value == Truth::unknown) return value;
  return truth(value == Truth::no);
}

bool holds(Comparison comparison, std::weak_ordering order) {
  switch (comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::not_equal:
      return order != 0;
    case Comparison::less:
      return order < 0;
    case Comparison::less_or_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_or_equal:
      break;
  }
  return order >= 0;
}

class Evaluation {
 public:
  explicit Evaluation(const Json& state) : state_(state) {}

  Truth of(const Term& term) {
    return std::visit([&](const auto& node) { return this->node(node); }, term.node);
  }

  // The first value that its type cannot have; what was answered is worth nothing then.
  std::optional<Error> error;

 private:
  // As a value: a constant's is not copied.
  struct Read {
    Value own;
    const Value* constant = nullptr;
    const Value& get() const { return constant ? *constant : own; }
  };

  Value property(const PropertyTerm& property);
  Read value(const Term& term, Domain domain);

  Truth boolean(const Value& value) {
    const bool* known = std::get_if<bool>(&value);
    return known ? truth(*known) : Truth::unknown;
  }

  Truth node(const PropertyTerm& term) { return boolean(property(term)); }
  Truth node(const ConstantTerm& term) { return boolean(term.value); }
  Truth node(const CompareTerm& term);
  Truth node(const DistinctTerm& term);
  Truth node(const AllTerm& term);
  Truth node(const AnyTerm& term);
  Truth node(const NotTerm& term) { return negation(of(*term.term)); }
  Truth node(const OneOfTerm& term);
  Truth node(const LikeTerm& term);
  Truth node(const IsNullTerm& term);
  Truth node(const IsTruthTerm& term) { return truth(of(*term.operand) == truth(term.value)); }

  const Json& state_;
};

Value Evaluation::property(const PropertyTerm& property) {
  const Json* wire = state_.find(property.property);
  if (wire == nullptr) return Value();
  auto value = read_wire(*wire, property.family, property.labels);
  if (value) return std::move(*value);
  if (!error) {
    error = Error{Code::bad_value, property.property + " is no value of its column's type",
                  "/" + property.property, "check the query again: the schema has changed"};
  }
  return Value();
}

Evaluation::Read Evaluation::value(const Term& term, Domain domain) {
  if (const auto* constant = std::get_if<ConstantTerm>(&term.node)) {
    return Read{Value(), &constant->value};
  }
  if (const auto* named = std::get_if<PropertyTerm>(&term.node)) {
    return Read{to_domain(property(*named), domain)};
  }
  Truth condition = of(term);
  if (condition == Truth::unknown) return Read{};
  return Read{Value(condition == Truth::yes)};
}

Truth Evaluation::node(const CompareTerm& term) {
  Read left = value(*term.left, term.domain);
  if (is_null(left.get())) return Truth::unknown;
  Read right = value(*term.right, term.domain);
  if (is_null(right.get())) return Truth::unknown;
  return truth(holds(term.comparison, compare(left.get(), right.get())));
}

Truth Evaluation::node(const DistinctTerm& term) {
  Read left = value(*term.left, term.domain);
  Read right = value(*term.right, term.domain);
  if (is_null(left.get()) || is_null(right.get())) {
    return truth(is_null(left.get()) != is_null(right.get()));
  }
  return truth(compare(left.get(), right.get()) != 0);
}

Truth Evaluation::node(const AllTerm& term) {
  Truth all = Truth::yes;
  for (const TermPtr& each : term.terms) {
    all = std::min(all, of(*each));
    if (all == Truth::no) break;
  }
  return all;
}

Truth Evaluation::node(const AnyTerm& term) {
  Truth any = Truth::no;
  for (const TermPtr& each : term.terms) {
    any = std::max(any, of(*each));
    if (any == Truth::yes) break;
  }
  return any;
}

Truth Evaluation::node(const OneOfTerm& term) {
  if (term.values.empty() && !term.has_null) return Truth::no;
  Read left = value(*term.left, term.domain);
  if (is_null(left.get())) return Truth::unknown;
  auto before = [](const Value& a, const Value& b) { return compare(a, b) < 0; };
  if (std::ranges::binary_search(term.values, left.get(), before)) return Truth::yes;
  return term.has_null ? Truth::unknown : Truth::no;
}

Truth Evaluation::node(const LikeTerm& term) {
  std::string_view text;
  if (const auto* named = std::get_if<PropertyTerm>(&term.operand->node)) {
    // Not as a value: to LIKE the blanks at the end of a char(n) are characters.
    const Json* wire = state_.find(named->property);
    if (wire == nullptr || !wire->is_string()) return boolean(property(*named));
    text = wire->as_string();
  } else if (const auto* constant = std::get_if<ConstantTerm>(&term.operand->node)) {
    if (is_null(constant->value)) return Truth::unknown;
    text = constant->text;
  }
  return truth(term.pattern.matches(text));
}

Truth Evaluation::node(const IsNullTerm& term) {
  if (const auto* named = std::get_if<PropertyTerm>(&term.operand->node)) {
    const Json* wire = state_.find(named->property);
    return truth(wire == nullptr || wire->is_null());
  }
  if (const auto* constant = std::get_if<ConstantTerm>(&term.operand->node)) {
    return truth(is_null(constant->value));
  }
  return truth(of(*term.operand) == Truth::unknown);
}

}  // namespace

Result<Truth> evaluate(const Predicate& predicate, const Json& state) {
  if (!predicate.root) return Truth::yes;
  Evaluation evaluation(state);
  Truth answer = evaluation.of(*predicate.root);
  if (evaluation.error) return std::move(*evaluation.error);
  return answer;
}

}  // namespace plait::query
