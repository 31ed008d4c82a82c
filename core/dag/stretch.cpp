// core/dag/stretch.cpp: down to where everything hangs on the same parents.

#include "core/dag/stretch.h"

#include <algorithm>
#include <utility>

#include "core/dag/head.h"

namespace plait {

Stretch::Stretch(std::span<const EventId> head, std::span<const Links> fresh, Budget budget)
    : frontier_(budget) {
  for (const EventId& event : head) reach(event);
  std::unordered_set<EventId> new_events;
  for (const Links& links : fresh) new_events.insert(links.event);
  for (const Links& links : fresh) {
    Head parents = sorted_head(links.parents);
    std::size_t count = parents.size();
    std::erase_if(parents, [&](const EventId& parent) { return new_events.contains(parent); });
    if (parents.size() == count) {
      open(parents);
    } else {
      for (const EventId& parent : parents) reach(parent);
    }
  }
  // Nothing was asked for yet, so nothing can be refused.
  (void)advance();
}

Status Stretch::give(std::vector<Links> links) {
  frontier_.give(std::move(links));
  return advance();
}

Status Stretch::advance() {
  while (!critical()) {
    if (!opening_) opening_ = frontier_.take().event;
    Result<std::optional<std::vector<EventId>>> opened = frontier_.open(*opening_);
    if (!opened) return opened.error();
    if (!*opened) return ok;
    newest_first_.push_back(*opening_);
    if (auto hanging = roots_.find(*opening_); hanging != roots_.end()) {
      for (std::size_t width : hanging->second) {
        if (--widths_[width] == 0) widths_.erase(width);
      }
      roots_.erase(hanging);
    }
    --reached_;
    opening_.reset();
    open(sorted_head(**opened));
  }
  frontier_.stop_asking();
  return ok;
}

// All roots have all events of the frontier as parents, or there is nothing below.
bool Stretch::critical() const {
  return reached_ == 0 || (!widths_.empty() && widths_.begin()->first == reached_);
}

void Stretch::open(std::span<const EventId> parents) {
  ++widths_[parents.size()];
  if (!parents.empty()) roots_[parents.back()].push_back(parents.size());
  for (const EventId& parent : parents) reach(parent);
}

void Stretch::reach(const EventId& event) {
  if (frontier_.paint(event, 1) == 0) ++reached_;
}

}  // namespace plait
