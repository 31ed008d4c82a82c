// core/dag/bridge.cpp: the walk that collects what one head covers and another does not.

#include "core/dag/bridge.h"

#include <cassert>
#include <utility>

namespace plait {
namespace {

enum : Frontier::Colour { by_head = 1, by_known = 2 };

}  // namespace

Bridge::Bridge(std::span<const EventId> known, std::span<const EventId> head, Budget budget)
    : frontier_(budget) {
  for (const EventId& event : known) reach(event, by_known);
  for (const EventId& event : head) reach(event, by_head);
  [[maybe_unused]] Status begun = advance();
  assert(begun);  // nothing was given yet that could be wrong
}

Status Bridge::give(std::vector<Links> links) {
  if (wanted().empty()) return ok;
  frontier_.give(std::move(links));
  Status status = advance();
  if (!status) frontier_.stop_asking();
  return status;
}

// Known events are opened too, but only while an unknown one is left that might be below them.
Status Bridge::advance() {
  while (unknown_ > 0) {
    if (!opening_) opening_ = frontier_.take();
    auto parents = frontier_.open(opening_->event);
    if (!parents) return parents.error();
    if (!*parents) return ok;
    Frontier::Colour colour = opening_->colour & by_known ? by_known : by_head;
    if (colour == by_head) {
      newest_first_.push_back(opening_->event);
      --unknown_;
    }
    opening_.reset();
    for (const EventId& parent : **parents) reach(parent, colour);
  }
  return ok;
}

void Bridge::reach(const EventId& event, Frontier::Colour colour) {
  Frontier::Colour before = frontier_.paint(event, colour);
  if (before == by_head && colour == by_known) --unknown_;
  if (before == 0 && colour == by_head) ++unknown_;
}

std::vector<EventId> Bridge::parents_first() const {
  assert(!budget_exceeded());
  return {newest_first_.rbegin(), newest_first_.rend()};
}

Bridge ancestors(std::span<const EventId> head, Budget budget) { return Bridge({}, head, budget); }

}  // namespace plait
