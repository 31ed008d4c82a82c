// core/merge/sequence.h: the transient state of concurrent edits to one text: which characters
// there are, in what order, and which of them two versions show.
//
// A character once inserted stays, as a tombstone when it is deleted. Each has two states: in the
// *prepared* version, which the walker moves over the DAG so that an event's positions mean what
// its author meant, it is not inserted yet, visible, or deleted n times; in the *effective* one,
// which holds all events so far, it is visible or deleted. (Gentle, Kleppmann, "Collaborative Text
// Editing with Eg-walker: Better, Faster, Smaller", EuroSys 2025.)
//
// The order is Fugue's (Weidner, Gentle, Kleppmann, "The Art of the Fugue: Minimizing Interleaving
// in Collaborative Text Editing"): a tree walked in order, where a new character becomes the right
// child of the one to its left, or, if that has a right child already, the left child of the one to
// its right. Siblings of one side stand in the order of their events' ids, smaller first. What two
// authors type in one place is never mixed, be it typed forwards or backwards.
//
// The tree is never built. A character stands in the right subtree of its left origin, the one it
// was typed behind; so the character behind L stands in L's right subtree if and only if L is its
// left origin, and concurrent siblings are told apart by left origins alone (`place`).
//
// Characters are held in runs, in a treap with the counts of what both versions show, and have
// numbers: those of the text that the walk began with count from 0, the inserted ones from
// `first_inserted` on, in the order in which they were inserted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/event/ulid.h"
#include "core/merge/run_index.h"

namespace plait {

class Sequence {
 public:
  using Char = std::uint32_t;  // the number of a character
  static constexpr Char first_inserted = 0x8000'0000;
  static constexpr Char none = 0xffff'ffff;

  // A range of characters.
  struct Range {
    Char first;
    std::uint32_t length;
  };
  // What a step changes in the effective version; nothing where visible is false.
  struct Effect {
    std::size_t position;
    bool visible;
  };

  // Begins anew with a text of `length`; memory is kept. The longest stands for any length, until
  // `settle`.
  void start(std::uint32_t length);
  static constexpr std::uint32_t length_max = 0x4000'0000;

  // Code points that each version shows.
  std::size_t prepared_length() const { return runs_[root_].prepared_below; }
  std::size_t effective_length() const { return runs_[root_].effective_below; }

  // The text that the walk began with is cut to what it was, given what the effective version has
  // in truth.
  enum class Settled : std::uint8_t {
    done,
    unknown,     // that cannot be told: its end is deleted
    impossible,  // no text that it may have begun with gives that length
  };
  Settled settle(std::size_t effective_length);
  // Where `settle` could not tell: how much of the prepared version is known to exist, from its
  // beginning on.
  std::size_t certain_length() const;

  // The author of what is inserted next. REQUIRES: not an earlier one again.
  void begin(const EventId& author);

  // Inserts at a position of the prepared version, where it is visible at once. REQUIRES: within
  // the prepared version.
  struct Inserted {
    Range range;
    std::size_t position;  // in the effective version
  };
  Inserted insert(std::size_t position, std::uint32_t length);

  // Deletes the first run of characters at a position of the prepared version, at most `count`.
  struct Deleted {
    Range range;
    Effect effect;
  };
  Deleted erase(std::size_t position, std::size_t count);

  // Moves the prepared version back over an insertion or a deletion of these, or on over it.
  void retreat(Range range) { step(range, -1); }
  void advance(Range range) { step(range, 1); }

  std::size_t inserted() const { return next_ - first_inserted; }  // characters, deleted or not

  std::size_t memory() const;  // bytes held

 private:
  using Handle = std::uint32_t;  // of a run; 0 is none
  static constexpr std::uint32_t visible = 1;

  struct Run {
    Char first = 0;
    std::uint32_t length = 0;
    Char left_origin = none;    // of the first character; of each other it is the one before
    Char left_child_of = none;  // none: it is a right child, of its left origin
    std::uint32_t state : 31 = visible;  // prepared: 0 not inserted yet, n deleted n - 1 times
    std::uint32_t deleted : 1 = 0;       // effective
    Handle up = 0, left = 0, right = 0;  // the treap
    Handle previous = 0, next = 0;       // in the order of the text
    std::uint32_t prepared_below = 0, effective_below = 0;  // of the subtree

    std::uint32_t prepared() const { return state == visible ? length : 0; }
    std::uint32_t effective() const { return deleted ? 0 : length; }
  };
  struct Author {
    Char first;
    EventId event;
  };
  struct Spot {
    Handle run;
    std::uint32_t offset;
  };

  Spot find(std::size_t position) const;
  Handle run_of(Char character) const { return runs_of_.find(character); }
  std::size_t effective_before(Handle run) const;
  bool before(Handle a, Handle b) const;
  Handle place(Handle from, Handle end, Char left, bool right_child) const;
  bool greater(Char sibling) const;
  Handle add(const Run& run, Handle after);
  Handle split(Handle run, std::uint32_t offset);
  void change(Handle run, std::uint32_t state, bool deleted);
  void step(Range range, int by);
  void grow(Handle run, std::uint32_t prepared, std::uint32_t effective);
  void lift(Handle run);

  std::vector<Run> runs_;
  std::vector<Author> authors_;  // by first
  RunIndex runs_of_;
  Handle root_ = 0;
  Handle head_ = 0;  // the first run
  Char next_ = first_inserted;
  EventId author_;
  bool author_known_ = false;  // authors_ has it
};

}  // namespace plait
