// core/merge/live_text.h: a text that takes events one by one; and what late events do to a text of
// which nothing but itself is at hand.
//
//   auto took = text.take(event);
//   if (took && *took == LiveText::Took::needs_history) {
//     took = text.take(event, stored_events(stretch_below(event)));   // core/dag/stretch.h
//   }
//   show(text.edits());
//
// In a linear stretch an event goes straight to the text and nothing else is kept. With the first
// concurrent one a walk begins, from the last critical version on; it ends once events have come
// linearly for a while. A late event after that needs history again: this asks for it, it never
// calls out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/dag/head.h"
#include "core/merge/rope.h"
#include "core/merge/text_event.h"
#include "core/merge/text_walk.h"
#include "core/result.h"

namespace plait {

// A walk whose events are known by their ids.
class NamedWalk {
 public:
  void start(std::optional<std::size_t> base_length);
  Status settle(std::size_t length) { return walk_.settle(length); }

  std::size_t size() const { return walk_.size(); }
  bool knows(const EventId& event) const { return numbers_.contains(event); }
  bool covers(std::span<const EventId> head) const;  // its events and its base do
  // Does such an event descend from the base? The first that has no parent here tells what it is.
  bool connects(std::span<const EventId> parents) const;

  // As TextWalk::add. A known event does nothing. Refuses missing_parents if it does not connect.
  Status add(const TextEvent& event, std::vector<TextEdit>& effect);

  std::size_t memory() const;

 private:
  TextWalk walk_;
  std::unordered_map<EventId, std::uint32_t> numbers_;
  std::optional<Head> base_;
  std::vector<std::uint32_t> parents_;
};

class LiveText {
 public:
  LiveText() = default;  // the empty text of no event
  // REQUIRES: valid UTF-8.
  LiveText(std::string_view text, std::span<const EventId> head);

  enum class Took : std::uint8_t {
    applied,
    known,          // a repeat; one whose walk has ended is known by its history only
    needs_history,  // take it again with that
  };

  // Takes an event. REQUIRES: its parents were taken. Refuses as `replay` does (text_history.h);
  // the text is then as before.
  Result<Took> take(const TextEvent& event);
  // The same with all events since the last critical version before it, in any order, as far as
  // they were taken. More do no harm.
  // `base_length` as of late_edits.
  Result<Took> take(const TextEvent& event, std::span<const TextEvent> since,
                    std::optional<std::size_t> base_length = std::nullopt);

  // What the event taken last did to the text; views the event.
  std::span<const TextEdit> edits() const { return shown_; }
  const Rope& text() const { return text_; }
  const Head& head() const { return head_; }

  std::size_t memory() const;  // bytes held beside the text

 private:
  // A walk goes on for that many linear events: who is concurrent once is so again soon. Past this
  // size it ends with the first.
  static constexpr std::size_t linear_events_max = 64;
  static constexpr std::size_t walk_events_max = 1'024;

  bool descends_from_all(std::span<const EventId> parents) const;
  Result<Took> take_straight(const TextEvent& event);
  Result<Took> take_walking(const TextEvent& event);
  void move_head(const TextEvent& event);

  Rope text_;
  Head head_;
  std::vector<TextEdit> edits_;
  std::span<const TextEdit> shown_;  // edits_, or the event's own
  bool walking_ = false;
  NamedWalk walk_;
  std::size_t linear_events_ = 0;  // the last ones, while walking
};

// What late events do to the present text, of which its length is enough.
//   stored  the events since the last critical version before the late ones (core/dag/stretch.h),
//           in any order; none where these are linear. More do no harm
//   fresh   the late events, in any order; repeats and known ones do nothing
//   base_length  of the text at that version, where it is known. It is found from the present
//           length unless a set among the stored events deleted the end of that text
// Refuses as `replay` does; and history_compacted, if without it nobody can tell whether a late
// event's ranges are within the text at its parents: give base_length, or replay the text from a
// version where it is known.
Result<std::vector<TextEdit>> late_edits(std::size_t present_length,
                                         std::span<const TextEvent> stored,
                                         std::span<const TextEvent> fresh,
                                         std::optional<std::size_t> base_length = std::nullopt);

}  // namespace plait
