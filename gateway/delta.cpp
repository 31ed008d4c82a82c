// gateway/delta.cpp: passages as a message, and passages that follow each other.

#include "gateway/delta.h"

#include <algorithm>
#include <unordered_map>

namespace plait::gateway {

namespace {

// The changed properties as they now stand.
Json values_of(const Change& change) {
  Json set = Json::object();
  for (const std::string& property : change.properties) {
    const Json* value = change.row->state.find(property);
    if (value != nullptr) set.set(property, *value);
  }
  return set;
}

wire::Update update_of(const Change& change) {
  wire::Update update;
  update.entity = change.entity;
  if (change.key_changed) update.key = change.row->key;
  update.head = change.row->head;
  update.set = values_of(change);
  update.won = change.won;
  return update;
}

wire::Remove remove_of(const Change& change) {
  wire::Remove remove;
  remove.entity = change.entity;
  remove.gone = change.row == nullptr;
  if (remove.gone) return remove;
  remove.head = change.row->head;
  remove.set = values_of(change);
  remove.won = change.won;
  return remove;
}

std::string text_of(const GroupDelta& delta) {
  std::string add;
  std::vector<wire::Update> update;
  std::vector<wire::Remove> remove;
  for (const Passage& passage : delta.passages) {
    if (!passage.is_member) {
      remove.push_back(remove_of(*passage.change));
    } else if (passage.was_member && !passage.replaces) {
      update.push_back(update_of(*passage.change));
    } else {
      if (!add.empty()) add += ',';
      add += passage.change->row->text;
    }
  }
  return wire::delta_text(delta.group, delta.tick, add, update, remove);
}

// Two changes of one entity, the second one later, as one.
ChangePtr merge_changes(const Change& first, const Change& second) {
  auto merged = std::make_shared<Change>(second);
  merged->created |= first.created;
  merged->key_changed |= first.key_changed;
  for (const std::string& property : first.properties) {
    if (std::ranges::find(merged->properties, property) != merged->properties.end()) continue;
    merged->properties.push_back(property);
  }
  if (merged->row == nullptr) return merged;
  for (const auto& winner : first.won) {
    auto same = [&](const auto& later) { return later.first == winner.first; };
    if (std::ranges::none_of(merged->won, same)) merged->won.push_back(winner);
  }
  return merged;
}

}  // namespace

DeltaPtr make_delta(std::int64_t group, std::int64_t tick, std::vector<Passage> passages) {
  auto delta = std::make_shared<GroupDelta>();
  delta->group = group;
  delta->tick = tick;
  delta->passages = std::move(passages);
  delta->text = text_of(*delta);
  return delta;
}

DeltaPtr merge(std::span<const DeltaPtr> deltas, bool tell_all) {
  if (deltas.size() == 1) return deltas.front();
  std::vector<Passage> passages;
  std::unordered_map<EntityId, std::size_t> place;
  for (const DeltaPtr& delta : deltas) {
    for (const Passage& later : delta->passages) {
      auto [known, is_new] = place.try_emplace(later.change->entity, passages.size());
      if (is_new) {
        passages.push_back(later);
        continue;
      }
      Passage& passage = passages[known->second];
      passage.replaces |= later.replaces || !passage.is_member;
      passage.is_member = later.is_member;
      passage.change = merge_changes(*passage.change, *later.change);
    }
  }
  if (!tell_all)
    std::erase_if(passages, [](const Passage& p) { return !p.was_member && !p.is_member; });
  if (passages.empty()) return nullptr;
  return make_delta(deltas.front()->group, deltas.back()->tick, std::move(passages));
}

}  // namespace plait::gateway
