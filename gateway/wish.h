// gateway/wish.h: a query that is understood: what a group is made of and a worker reads.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/event/json.h"
#include "core/query/check.h"
#include "core/query/sql.h"
#include "gateway/catalogue.h"

namespace plait::gateway {

struct Wish {
  std::string collection;
  std::string table;  // quoted
  query::Predicate predicate;
  query::BoundSql where;  // over the alias t, from $1
  // Two wishes with equal meaning have equal keys (and are seen by the same role).
  std::string key;
};
using WishPtr = std::shared_ptr<const Wish>;

// Literals whose meaning only the database knows: ask it, then understand() again with the answers.
struct Unanswered {
  std::vector<query::Literal> literals;
};

// Refuses bad_query, unknown_property, unknown_collection, not_supported, too_large.
Result<std::variant<WishPtr, Unanswered>> understand(std::string_view text, const Json& params,
                                                     const Catalogue& catalogue,
                                                     const query::NormalisedLiterals& answers);

}  // namespace plait::gateway
