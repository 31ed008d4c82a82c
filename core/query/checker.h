// core/query/checker.h: the walk over a tree that check() makes. For check.cpp and lists.cpp alone.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/query/ast.h"
#include "core/query/check.h"
#include "core/query/operand.h"
#include "core/query/term.h"

namespace plait::query {

using Checking = Result<TermPtr>;

template <typename Node>
TermPtr term(Node node) {
  return std::make_shared<const Term>(Term{std::move(node)});
}

class Checker {
 public:
  // REQUIRES: all of them outlive the checker.
  Checker(const Schema& schema, std::span<const Json> parameters,
          const NormalisedLiterals& normalised)
      : schema_(schema), parameters_(parameters), used_(parameters.size()), reader_(normalised) {}

  Result<Checked> check(const ExpressionPtr& whole);

 private:
  // As a condition: what is not boolean is refused.
  Checking condition(const Expression& at);
  Checking conditions(const std::vector<ExpressionPtr>& operands, bool all);
  // As one side of a comparison.
  Result<Operand> operand(const Expression& at);
  Result<Operand> property(const Expression& at, const Name& name);
  Result<const Json*> parameter(const Expression& at, const Parameter& parameter);
  Result<Operand> constant(const Expression& at);

  Checking node(const Expression& at, const Compare& compare);
  Checking node(const Expression& at, const Distinct& distinct);
  Checking node(const Expression& at, const Conjunction& all);
  Checking node(const Expression& at, const Disjunction& any);
  Checking node(const Expression& at, const Negation& negation);
  Checking node(const Expression& at, const In& in);
  Checking node(const Expression& at, const Between& between);
  Checking node(const Expression& at, const Like& like);
  Checking node(const Expression& at, const IsNull& is_null);
  Checking node(const Expression& at, const IsTruth& is_truth);
  Checking node(const Expression& at, const Quantified& quantified);
  template <typename Leaf>
  Checking node(const Expression& at, const Leaf&) {
    return leaf_condition(at);
  }
  Checking leaf_condition(const Expression& at);
  Result<Operand> text_operand(const Expression& at);
  Result<std::optional<std::string>> pattern_text(const Expression& at);

  struct Sides {
    TermPtr left, right;
    Domain domain;
  };
  Result<Sides> agree(std::size_t position, const Operand& left, const Operand& right);
  Checking compare(std::size_t position, Comparison comparison, const Operand& left,
                   const Operand& right);
  Checking one_of(const Operand& left, const std::vector<Operand>& constants, Family family);
  Result<std::vector<Operand>> elements(const Expression& array);
  Result<TermPtr> side(const Operand& operand, const Target& target);

  const Schema& schema_;
  std::span<const Json> parameters_;
  std::vector<bool> used_;
  ConstantReader reader_;
};

}  // namespace plait::query
