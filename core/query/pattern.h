// core/query/pattern.h: LIKE and ILIKE on code points.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plait::query {

// A pattern with another escape character, or none (""), written with backslashes. REQUIRES: escape
// is empty or one character.
std::string with_backslashes(std::string_view pattern, std::string_view escape);

class Pattern {
 public:
  // Nothing: the pattern ends in an escape (Postgres' 22025). ILIKE folds A to Z and nothing else.
  static std::optional<Pattern> compile(std::string_view pattern, bool ignore_case);

  // REQUIRES: valid UTF-8. Cost: text times pattern at worst.
  bool matches(std::string_view text) const;

 private:
  enum class Unit : unsigned char { byte, one, many };  // a byte itself, _ and %
  struct Step {
    Unit unit;
    char byte;
  };
  std::vector<Step> steps_;
  bool ignore_case_ = false;
};

}  // namespace plait::query
