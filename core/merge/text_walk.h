// core/merge/text_walk.h: replays a concurrent stretch of a text's events and gives what each does
// to the text of all of them: the event-graph walker.
//
// An event's positions are those of the text at its parents. Before it is applied, the prepared
// version is moved there: events that are no ancestors are retreated, those that are and are not in
// it advanced. Then its edits are applied in both versions, and where they come to lie in the
// effective one is the answer. (Gentle, Kleppmann, "Collaborative Text Editing with Eg-walker",
// EuroSys 2025.)
//
//   walk.start(base_length);
//   walk.add(a, {}, change, edits);              // at the base
//   walk.add(b, {}, change, edits);              // concurrent to it
//   walk.add(c, {{0, 1}}, change, edits);        // saw both
//
// Events are added parents first, in any such order: the text is the same, the cost is the
// difference of one event's version and the next one's parents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/event/ulid.h"
#include "core/merge/sequence.h"
#include "core/merge/text_event.h"
#include "core/result.h"

namespace plait {

class TextWalk {
 public:
  // Begins anew, memory is kept. The walk begins at a critical version: one that every event to
  // come descends from. Its text is known by its length alone; where that is unknown, events are
  // taken at their word until `settle`.
  void start(std::optional<std::size_t> base_length);

  // The events so far give a text of that length, which tells what length the base had, unless the
  // base's end is deleted. REQUIRES: all of these events were legal where they were written.
  // Refuses bad_value if these events cannot give that length.
  Status settle(std::size_t length);

  std::size_t size() const { return events_.size(); }  // events so far: the next one's number

  // Applies an event; `parents` are numbers of events added before, none: the base itself. Appends
  // what it does to the effective text. Refuses, and is as before: bad_value for a range that is
  // not in the text at the parents, with a JSON pointer below the change's value in Error::where;
  // history_compacted if that cannot be told, for the base's length is unknown; too_large.
  Status add(const EventId& id, std::span<const std::uint32_t> parents, const TextChange& change,
             std::vector<TextEdit>& effect);

  std::size_t memory() const;  // bytes held

 private:
  using Number = std::uint32_t;
  struct Step {
    Sequence::Range range;
    bool insertion;
  };
  struct Event {
    std::uint32_t parents_begin, parents_end;
    std::uint32_t steps_begin, steps_end;
  };
  enum Colour : std::uint8_t { unseen = 0, ours = 1, theirs = 2, both = 3 };

  std::span<const Number> parents_of(Number event) const;
  Status check(const TextChange& change) const;
  void move_to(std::span<const Number> parents);
  void reach(Number event, Colour colour);
  void retreat(Number event);
  void advance(Number event);
  void apply(const TextEdit& edit, std::vector<TextEdit>& effect);

  Sequence sequence_;
  enum class Base : std::uint8_t {
    known,
    open,
    lost
  };  // its length; lost: `settle` could not tell
  Base base_ = Base::known;
  std::vector<Event> events_;
  std::vector<Number> parents_;
  std::vector<Step> steps_;
  std::vector<Number> version_;  // the prepared one

  // Of a move: events reached, greatest first, what is known of each, and what has to be done.
  std::vector<Number> reached_;
  std::vector<Colour> colours_;  // by event
  std::size_t shared_ = 0;       // of the reached
  std::vector<Number> to_advance_;
};

}  // namespace plait
