// core/dag/frontier.cpp: a heap of what was reached, and what is known of each.

#include "core/dag/frontier.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <string>
#include <utility>

namespace plait {

Frontier::Colour Frontier::paint(const EventId& event, Colour colour) {
  assert(colour != 0);
  auto [entry, is_new] = colours_.try_emplace(event, Colour{0});
  if (is_new) {
    queue_.push(event);
    unasked_.push_back(event);
  }
  return std::exchange(entry->second, static_cast<Colour>(entry->second | colour));
}

Frontier::Reached Frontier::take() {
  assert(!queue_.empty());
  EventId event = queue_.top();
  queue_.pop();
  auto entry = colours_.extract(event);
  return {event, entry.mapped()};
}

Result<std::optional<std::vector<EventId>>> Frontier::open(const EventId& event) {
  if (opened_ == budget_.events) {
    spent_ = true;
    wanted_.clear();
    return std::optional<std::vector<EventId>>();
  }
  if (missing_.contains(event)) {
    return Error{Code::missing_parents,
                 "event " + to_text(event) + " is not known here",
                 {},
                 "fetch or send it first, then try again"};
  }
  auto given = parents_.find(event);
  if (given == parents_.end()) {
    ask(event);
    return std::optional<std::vector<EventId>>();
  }
  std::vector<EventId> parents = std::move(given->second);
  parents_.erase(given);
  if (Status grows = check_grows(event, parents); !grows) return grows.error();
  ++opened_;
  return std::optional(std::move(parents));
}

// What was reached since the last round, greatest first, and no more than can still be opened:
// before one that is left out is needed, all that were asked for are opened, and the budget is
// spent.
void Frontier::ask(const EventId& event) {
  wanted_ = std::exchange(unasked_, {});
  std::erase_if(wanted_, [&](const EventId& reached) {
    return reached > event || parents_.contains(reached);
  });
  std::ranges::sort(wanted_, std::greater<>());
  if (std::size_t left = budget_.events - opened_; wanted_.size() > left) wanted_.resize(left);
}

void Frontier::give(std::vector<Links> links) {
  for (Links& given : links) parents_.insert_or_assign(given.event, std::move(given.parents));
  for (const EventId& asked : wanted_) {
    if (!parents_.contains(asked)) missing_.insert(asked);
  }
  wanted_.clear();
}

}  // namespace plait
