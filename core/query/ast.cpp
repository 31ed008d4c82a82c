// core/query/ast.cpp: how operators are written.

#include "core/query/ast.h"

namespace plait::query {

std::string_view symbol(Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return "=";
    case Comparison::not_equal:
      return "<>";
    case Comparison::less:
      return "<";
    case Comparison::less_or_equal:
      return "<=";
    case Comparison::greater:
      return ">";
    case Comparison::greater_or_equal:
      break;
  }
  return ">=";
}

}  // namespace plait::query
