// core/merge/live_text.cpp: straight to the text, or through a walk.

#include "core/merge/live_text.h"

#include <algorithm>

#include "core/merge/text_history.h"

namespace plait {
namespace {

bool contains(std::span<const EventId> events, const EventId& event) {
  return std::ranges::any_of(events, [&](const EventId& id) { return same_event(id, event); });
}

std::vector<const TextEvent*> by_id(std::span<const TextEvent> events) {
  std::vector<const TextEvent*> ordered;
  ordered.reserve(events.size());
  for (const TextEvent& event : events) ordered.push_back(&event);
  auto id = [](const TextEvent* event) { return event->id; };
  if (!std::ranges::is_sorted(ordered, {}, id)) std::ranges::sort(ordered, {}, id);
  return ordered;
}

// Walks stored events, which made a text of that length.
Status rebuild(NamedWalk& walk, std::span<const TextEvent> stored, std::size_t length,
               std::optional<std::size_t> base_length) {
  walk.start(base_length);
  std::vector<TextEdit> forgotten;
  for (const TextEvent* event : by_id(stored)) {
    forgotten.clear();
    if (Status added = walk.add(*event, forgotten); !added) return added;
  }
  return walk.settle(length);
}

}  // namespace

void NamedWalk::start(std::optional<std::size_t> base_length) {
  walk_.start(base_length);
  numbers_.clear();
  base_.reset();
}

bool NamedWalk::covers(std::span<const EventId> head) const {
  return std::ranges::all_of(head, [this](const EventId& event) {
    return knows(event) || (base_ && contains(*base_, event));
  });
}

bool NamedWalk::connects(std::span<const EventId> parents) const {
  if (!base_) return true;
  if (std::ranges::any_of(parents, [this](const EventId& id) { return knows(id); })) return true;
  return std::ranges::all_of(*base_, [&](const EventId& id) { return contains(parents, id); });
}

Status NamedWalk::add(const TextEvent& event, std::vector<TextEdit>& effect) {
  if (knows(event.id)) return ok;
  if (!connects(event.parents)) {
    return Error{Code::missing_parents,
                 "event " + to_text(event.id) + " does not descend from where the history begins",
                 "", "give all events since the last critical version before it"};
  }
  parents_.clear();
  for (const EventId& parent : event.parents) {
    if (auto found = numbers_.find(parent); found != numbers_.end()) {
      parents_.push_back(found->second);
    }
  }
  if (!base_ && parents_.empty()) base_ = sorted_head(event.parents);
  auto number = static_cast<std::uint32_t>(walk_.size());
  if (Status added = walk_.add(event.id, parents_, event.change, effect); !added) {
    return of_event(added.error(), event.id);
  }
  numbers_.emplace(event.id, number);
  return ok;
}

std::size_t NamedWalk::memory() const {
  // What a node and a bucket of the map take, about.
  return walk_.memory() + numbers_.size() * 40 + numbers_.bucket_count() * 8;
}

LiveText::LiveText(std::string_view text, std::span<const EventId> head)
    : text_(text), head_(sorted_head(head)) {}

bool LiveText::descends_from_all(std::span<const EventId> parents) const {
  return std::ranges::all_of(head_, [&](const EventId& id) { return contains(parents, id); });
}

Result<LiveText::Took> LiveText::take(const TextEvent& event) {
  edits_.clear();
  shown_ = {};
  if (!walking_ && head_.size() == 1 && event.parents.size() == 1 &&
      same_event(head_[0], event.parents[0])) {
    return take_straight(event);
  }
  if (contains(head_, event.id)) return Took::known;
  if (!walking_) {
    return descends_from_all(event.parents) ? take_straight(event) : Took::needs_history;
  }
  if (walk_.knows(event.id)) return Took::known;
  if (!walk_.connects(event.parents)) return Took::needs_history;
  return take_walking(event);
}

Result<LiveText::Took> LiveText::take(const TextEvent& event, std::span<const TextEvent> since,
                                      std::optional<std::size_t> base_length) {
  edits_.clear();
  shown_ = {};
  if (contains(head_, event.id)) return Took::known;
  if (descends_from_all(event.parents)) return take(event);
  walking_ = false;
  linear_events_ = 0;
  if (Status rebuilt = rebuild(walk_, since, text_.size(), base_length); !rebuilt)
    return rebuilt.error();
  if (!walk_.covers(head_)) {
    return Error{Code::missing_parents, "the events since the critical version lack the newest", "",
                 "give all events since the last critical version"};
  }
  walking_ = true;
  if (walk_.knows(event.id)) return Took::known;
  return take_walking(event);
}

Result<LiveText::Took> LiveText::take_straight(const TextEvent& event) {
  bool set = event.change.kind == TextChange::Kind::set;
  if (set) edits_.push_back({0, text_.size(), event.change.text});
  if (Status applied = apply_straight(text_, event); !applied) return applied.error();
  shown_ = set ? std::span<const TextEdit>(edits_) : event.change.edits;
  move_head(event);
  return Took::applied;
}

Result<LiveText::Took> LiveText::take_walking(const TextEvent& event) {
  if (Status added = walk_.add(event, edits_); !added) return added.error();
  text_.apply(edits_);
  shown_ = edits_;
  linear_events_ = descends_from_all(event.parents) ? linear_events_ + 1 : 0;
  move_head(event);
  if (linear_events_ >= linear_events_max ||
      (linear_events_ > 0 && walk_.size() >= walk_events_max)) {
    walking_ = false;
    linear_events_ = 0;
  }
  return Took::applied;
}

void LiveText::move_head(const TextEvent& event) {
  if (head_.size() == 1 && event.parents.size() == 1 && same_event(head_[0], event.parents[0])) {
    head_[0] = event.id;
  } else {
    head_ = advance(head_, event.id, event.parents);
  }
}

std::size_t LiveText::memory() const {
  return text_.memory() - text_.bytes() + edits_.capacity() * sizeof(TextEdit) + walk_.memory();
}

Result<std::vector<TextEdit>> late_edits(std::size_t present_length,
                                         std::span<const TextEvent> stored,
                                         std::span<const TextEvent> fresh,
                                         std::optional<std::size_t> base_length) {
  NamedWalk walk;
  if (Status rebuilt = rebuild(walk, stored, present_length, base_length); !rebuilt)
    return rebuilt.error();
  std::vector<TextEdit> edits;
  for (const TextEvent* event : by_id(fresh)) {
    if (Status added = walk.add(*event, edits); !added) return added.error();
  }
  return edits;
}

}  // namespace plait
