// core/merge/text_walk.cpp: retreat, advance, apply.

#include "core/merge/text_walk.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "core/merge/code_points.h"

namespace plait {
namespace {

// What one walk may insert, deleted again or not: positions are 32 bits.
constexpr std::size_t inserted_max = 0x3000'0000;

}  // namespace

void TextWalk::start(std::optional<std::size_t> base_length) {
  base_ = base_length.has_value() ? Base::known : Base::open;
  std::size_t length = base_length.value_or(Sequence::length_max);
  assert(length <= Sequence::length_max);
  sequence_.start(static_cast<std::uint32_t>(length));
  events_.clear();
  parents_.clear();
  steps_.clear();
  version_.clear();
  colours_.clear();
}

Status TextWalk::settle(std::size_t length) {
  if (base_ != Base::open) return ok;
  Sequence::Settled settled = sequence_.settle(length);
  if (settled == Sequence::Settled::impossible) {
    return Error{Code::bad_value,
                 "the text has " + std::to_string(length) + " code points, its events give others",
                 "",
                 "give all events since the last critical version, and the text that they made"};
  }
  base_ = settled == Sequence::Settled::done ? Base::known : Base::lost;
  return ok;
}

std::span<const TextWalk::Number> TextWalk::parents_of(Number event) const {
  const Event& held = events_[event];
  return std::span(parents_).subspan(held.parents_begin, held.parents_end - held.parents_begin);
}

Status TextWalk::add(const EventId& id, std::span<const Number> parents, const TextChange& change,
                     std::vector<TextEdit>& effect) {
  auto number = static_cast<Number>(events_.size());
  // An event that changes nothing has no need to be where its author was.
  if (change.kind != TextChange::Kind::nothing) {
    move_to(parents);
    if (Status checked = check(change); !checked) return checked;
  }
  Event event;
  event.parents_begin = static_cast<std::uint32_t>(parents_.size());
  parents_.insert(parents_.end(), parents.begin(), parents.end());
  event.parents_end = static_cast<std::uint32_t>(parents_.size());
  event.steps_begin = static_cast<std::uint32_t>(steps_.size());
  if (change.kind != TextChange::Kind::nothing) {
    sequence_.begin(id);
    if (change.kind == TextChange::Kind::set) {
      apply({0, sequence_.prepared_length(), change.text}, effect);
    } else {
      for (const TextEdit& edit : change.edits) apply(edit, effect);
    }
    version_.assign(1, number);
  }
  event.steps_end = static_cast<std::uint32_t>(steps_.size());
  events_.push_back(event);
  colours_.push_back(unseen);
  return ok;
}

Status TextWalk::check(const TextChange& change) const {
  std::size_t length = sequence_.prepared_length();
  std::size_t certain = base_ == Base::lost ? sequence_.certain_length() : length;
  if (Status checked = check_ranges(change.edits, length, certain); !checked) return checked;
  std::size_t inserted = change.text.size();
  for (const TextEdit& edit : change.edits) inserted += edit.inserted.size();
  if (inserted > inserted_max || sequence_.inserted() > inserted_max - inserted) {
    return Error{Code::too_large,
                 "concurrent edits of more than " + std::to_string(inserted_max) + " bytes", "",
                 "join the branches first"};
  }
  return ok;
}

void TextWalk::apply(const TextEdit& edit, std::vector<TextEdit>& effect) {
  for (std::size_t left = edit.deleted; left > 0;) {
    Sequence::Deleted deleted = sequence_.erase(edit.position, left);
    left -= deleted.range.length;
    steps_.push_back({deleted.range, false});
    if (!deleted.effect.visible) continue;
    std::size_t position = deleted.effect.position;
    if (!effect.empty() && effect.back().inserted.empty() && effect.back().position == position) {
      effect.back().deleted += deleted.range.length;
    } else {
      effect.push_back({position, deleted.range.length, {}});
    }
  }
  if (edit.inserted.empty()) return;
  auto length = static_cast<std::uint32_t>(code_points(edit.inserted));
  Sequence::Inserted inserted = sequence_.insert(edit.position, length);
  steps_.push_back({inserted.range, true});
  if (!effect.empty() && effect.back().inserted.empty() &&
      effect.back().position == inserted.position) {
    effect.back().inserted = edit.inserted;
  } else {
    effect.push_back({inserted.position, 0, edit.inserted});
  }
}

// Moves the prepared version to these events and all their ancestors: walks down from both, the
// greatest number first, until all that is left to look at is an ancestor of both.
void TextWalk::move_to(std::span<const Number> parents) {
  if (std::ranges::equal(parents, version_)) return;
  to_advance_.clear();
  for (Number event : version_) reach(event, ours);
  for (Number event : parents) reach(event, theirs);
  while (shared_ < reached_.size()) {
    std::ranges::pop_heap(reached_);
    Number event = reached_.back();
    reached_.pop_back();
    Colour colour = colours_[event];
    colours_[event] = unseen;
    if (colour == both) --shared_;
    if (colour == ours) retreat(event);
    if (colour == theirs) to_advance_.push_back(event);
    for (Number parent : parents_of(event)) reach(parent, colour);
  }
  for (Number event : reached_) colours_[event] = unseen;
  reached_.clear();
  shared_ = 0;
  for (std::size_t i = to_advance_.size(); i-- > 0;) advance(to_advance_[i]);
  version_.assign(parents.begin(), parents.end());
}

void TextWalk::reach(Number event, Colour colour) {
  Colour before = colours_[event];
  auto after = static_cast<Colour>(before | colour);
  colours_[event] = after;
  if (before == unseen) {
    reached_.push_back(event);
    std::ranges::push_heap(reached_);
  }
  shared_ += before != both && after == both;
}

void TextWalk::retreat(Number event) {
  for (std::size_t i = events_[event].steps_end; i-- > events_[event].steps_begin;) {
    sequence_.retreat(steps_[i].range);
  }
}

void TextWalk::advance(Number event) {
  for (std::size_t i = events_[event].steps_begin; i < events_[event].steps_end; ++i) {
    sequence_.advance(steps_[i].range);
  }
}

std::size_t TextWalk::memory() const {
  return sequence_.memory() + events_.capacity() * sizeof(Event) +
         parents_.capacity() * sizeof(Number) + steps_.capacity() * sizeof(Step) +
         colours_.capacity() + (reached_.capacity() + to_advance_.capacity()) * sizeof(Number);
}

}  // namespace plait
