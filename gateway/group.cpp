// gateway/group.cpp: membership is decided by the state at a tick, never by one event.

#include "gateway/group.h"

namespace plait::gateway {

namespace {

Result<bool> matches(const Wish& wish, const Change& change) {
  if (change.row == nullptr) return false;
  auto truth = query::evaluate(wish.predicate, change.row->state);
  if (!truth) return truth.error();
  return *truth == query::Truth::yes;
}

}  // namespace

Result<std::vector<Passage>> pass(const Wish& wish, const Batch& batch, MemberSet& members) {
  std::vector<Passage> passages;
  auto changes = batch.changes.find(wish.collection);
  if (changes == batch.changes.end()) return passages;
  for (const ChangePtr& change : changes->second) {
    auto is_member = matches(wish, *change);
    if (!is_member) return is_member.error();
    bool was_member = members.contains(change->entity);
    if (!was_member && !*is_member) continue;
    passages.push_back({was_member, *is_member, change->created, change});
    if (*is_member) members.insert(change->entity);
    if (!*is_member) members.erase(change->entity);
  }
  return passages;
}

Result<DeltaPtr> Group::apply(const Batch& batch) {
  auto passages = pass(*wish_, batch, *members_);
  if (!passages) return passages.error();
  if (passages->empty()) return DeltaPtr();
  return make_delta(number_, batch.position.tick, std::move(*passages));
}

}  // namespace plait::gateway
