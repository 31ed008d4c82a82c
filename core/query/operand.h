// core/query/operand.h: one side of a comparison, and how two of them agree on a type.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/query/check.h"
#include "core/query/term.h"
#include "core/query/type.h"
#include "core/result.h"

namespace plait::query {

// bad_query at a position.
Error bad(std::size_t position, std::string what, std::string hint = {});

// One side of a comparison, before both have agreed on a type.
struct Operand {
  std::size_t position = 1;
  std::string described;  // year (integer), "Rex", $1: for messages
  std::optional<Family>
      family;        // nothing: a string, NULL or a parameter, which takes the other side's
  std::string type;  // of a property, as SQL names it
  std::vector<std::string> labels;  // of an enum's property
  TermPtr term;                     // nullptr: a constant
  std::optional<std::string> text;  // of a constant; nothing: NULL
  const Json* parameter = nullptr;  // where the text comes from, if from there

  bool is_constant() const { return term == nullptr; }
};

// Of a number literal: whole ones are int4 or int8 if they fit, all others numeric.
Family family_of_number(std::string_view text);

// The domain in which the two are compared; nothing: they cannot be. A number literal is no more
// than its value, so it meets floats too. Two sides without a type are text.
std::optional<Domain> meeting_of(const Operand& left, const Operand& right);

// Why meeting_of gave nothing.
Error incomparable(std::size_t position, const Operand& left, const Operand& right);

// The type that a constant is to be read as.
struct Target {
  Family family;
  std::string type;                 // for messages, and for casts to types without a family
  std::vector<std::string> labels;  // of an enum
  std::string_view of;              // the property that has it; empty: none
};

// What `constant` is read as where it meets `other` in `domain`.
Target target_of(const Operand& constant, const Operand& other, Domain domain);

class ConstantReader {
 public:
  explicit ConstantReader(const NormalisedLiterals& normalised) : normalised_(normalised) {}

  // Refuses bad_query: the target's type has no such value. Where the database is to be asked, the
  // answer is a stand-in, and to_normalise() grows.
  Result<ConstantTerm> read(const Operand& constant, const Target& target);

  const std::set<Literal>& to_normalise() const { return to_normalise_; }

 private:
  const NormalisedLiterals& normalised_;
  std::set<Literal> to_normalise_;
};

// The text of a parameter's scalar; nothing: NULL. Refuses bad_query: an array, an object.
Result<std::optional<std::string>> parameter_text(const Json& parameter, std::size_t position);

}  // namespace plait::query
