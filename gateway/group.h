// gateway/group.h: a query that sessions share, and which entities are in its result as of a tick.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "core/query/evaluate.h"
#include "core/result.h"
#include "gateway/batch.h"
#include "gateway/delta.h"
#include "gateway/wish.h"

namespace plait::gateway {

using MemberSet = std::unordered_set<EntityId>;

// The passages of a batch's changes through a result, whose members are brought to the batch's
// tick. Refuses bad_value: the rows are of another schema than the query. Cost: one evaluation of
// the predicate a change of the collection.
Result<std::vector<Passage>> pass(const Wish& wish, const Batch& batch, MemberSet& members);

class Group {
 public:
  Group(std::int64_t number, WishPtr wish) : number_(number), wish_(std::move(wish)) {}

  std::int64_t number() const { return number_; }
  const Wish& wish() const { return *wish_; }
  const WishPtr& wish_pointer() const { return wish_; }

  // Before its first result a group has no members and makes no deltas.
  bool has_members() const { return members_.has_value(); }
  const MemberSet& members() const { return *members_; }
  void begin(MemberSet members) { members_ = std::move(members); }

  // What the batch did to the result; nullptr: nothing. REQUIRES: has_members().
  Result<DeltaPtr> apply(const Batch& batch);

 private:
  std::int64_t number_;
  WishPtr wish_;
  std::optional<MemberSet> members_;
};

}  // namespace plait::gateway
