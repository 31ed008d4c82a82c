// core/dag/walk.cpp: two colours run down the DAG; where they meet, a third begins.

#include "core/dag/walk.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace plait {
namespace {

// An event of both colours that is not below another such is a meet; all below a meet is common.
enum : Frontier::Colour { ours_colour = 1, theirs_colour = 2, both = 3, below_meet = 4 };

constexpr std::array<std::string_view, 6> relation_names = {
    "equal", "descends", "ascends", "diverged", "disjoint", "budget_exceeded"};
static_assert(relation_names.size() == static_cast<std::size_t>(Relation::budget_exceeded) + 1);

}  // namespace

std::string_view name(Relation relation) {
  return relation_names[static_cast<std::size_t>(relation)];
}

Walk::Walk(std::span<const EventId> ours, std::span<const EventId> theirs, Budget budget)
    : frontier_(budget) {
  Head our_head = sorted_head(ours);
  Head their_head = sorted_head(theirs);
  if (our_head == their_head) {
    meet_ = std::move(our_head);
  } else if (our_head.empty() || their_head.empty()) {
    relation_ = Relation::diverged;
  } else {
    for (const EventId& event : our_head) reach(event, ours_colour);
    for (const EventId& event : their_head) reach(event, theirs_colour);
    [[maybe_unused]] Status begun = advance();
    assert(begun);  // nothing was given yet that could be wrong
  }
}

Status Walk::give(std::vector<Links> links) {
  if (wanted().empty()) return ok;
  frontier_.give(std::move(links));
  Status status = advance();
  if (!status) frontier_.stop_asking();
  return status;
}

Status Walk::advance() {
  while (!settled()) {
    if (!opening_) {
      opening_ = frontier_.take();
      classify(*opening_);
      continue;  // that alone may settle it, and then the event need not be opened
    }
    auto parents = frontier_.open(opening_->event);
    if (!parents) return parents.error();
    if (!*parents) {
      if (frontier_.spent()) give_up();
      return ok;
    }
    inherit(*std::exchange(opening_, std::nullopt), **parents);
  }
  conclude();
  return ok;
}

// Whether nothing that is still in the frontier can change the answer. A new meet needs both
// colours; with one side left it only matters whether that side has an event, or a root, of its
// own.
bool Walk::settled() const {
  bool ours_left = undecided_[ours_colour] > 0;
  bool theirs_left = undecided_[theirs_colour] > 0;
  if (undecided_[both] > 0 || (ours_left && theirs_left)) return false;
  if (ours_left) return theirs_only_ ? ours_only_ : ours_root_;
  if (theirs_left) return ours_only_ ? theirs_only_ : theirs_root_;
  return true;
}

// All descendants of the greatest unopened event have been opened: its colour is final.
void Walk::classify(const Frontier::Reached& reached) {
  if (reached.colour & below_meet) return;
  if (reached.colour == both) {
    meet_.push_back(reached.event);
    --undecided_[both];
  } else {
    (reached.colour == ours_colour ? ours_only_ : theirs_only_) = true;
  }
}

void Walk::inherit(const Frontier::Reached& child, std::span<const EventId> parents) {
  bool common = (child.colour & both) == both;
  if (!common) {
    --undecided_[child.colour];
    if (parents.empty()) (child.colour == ours_colour ? ours_root_ : theirs_root_) = true;
  }
  Frontier::Colour colour = common ? Frontier::Colour{both | below_meet} : child.colour;
  for (const EventId& parent : parents) reach(parent, colour);
}

void Walk::reach(const EventId& event, Frontier::Colour colour) {
  Frontier::Colour before = frontier_.paint(event, colour);
  Frontier::Colour after = before | colour;
  if (before != 0 && !(before & below_meet)) --undecided_[before];
  if (!(after & below_meet)) ++undecided_[after];
}

void Walk::conclude() {
  std::ranges::sort(meet_);
  if (!ours_only_ && !theirs_only_) {
    relation_ = Relation::equal;
  } else if (meet_.empty()) {
    relation_ = Relation::disjoint;
  } else if (!theirs_only_ && !ours_root_) {
    relation_ = Relation::descends;
  } else if (!ours_only_ && !theirs_root_) {
    relation_ = Relation::ascends;
  } else {
    relation_ = Relation::diverged;
  }
}

void Walk::give_up() {
  relation_ = Relation::budget_exceeded;
  meet_.clear();
}

}  // namespace plait
