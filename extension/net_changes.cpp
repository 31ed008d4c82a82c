// extension/net_changes.cpp: one unit of the feed in a collection that its reader sees net.

#include "extension/net_changes.h"

#include <algorithm>
#include <cassert>

namespace plait {

void NetChanges::add(const EntityId& entity, const EventId& event) {
  EventId& newest = newest_.try_emplace(entity, event).first->second;
  newest = std::max(newest, event);
}

std::vector<EventId> NetChanges::gathered() {
  std::vector<EventId> ids;
  for (const auto& [entity, event] : newest_) events_.emplace_back(event, entity);
  newest_.clear();
  std::ranges::sort(events_);
  for (const auto& [event, entity] : events_) ids.push_back(event);
  return ids;
}

const NetRow* NetChanges::row_of(const EventId& event) {
  if (next_ == read_) {
    std::vector<EntityId> entities;
    for (; read_ < events_.size() && entities.size() < view_.batch(); ++read_)
      entities.push_back(events_[read_].second);
    rows_.clear();
    for (NetRow& row : view_.rows(entities)) rows_.emplace(row.entity, std::move(row));
  }
  assert(events_[next_].first == event);
  auto row = rows_.find(events_[next_++].second);
  return row == rows_.end() ? nullptr : &row->second;
}

void NetChanges::clear() {
  newest_.clear();
  events_.clear();
  rows_.clear();
  next_ = read_ = 0;
}

}  // namespace plait
