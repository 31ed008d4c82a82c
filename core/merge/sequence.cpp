// core/merge/sequence.cpp: runs in a treap, and where a new one goes among concurrent ones.

#include "core/merge/sequence.h"

#include <algorithm>
#include <cassert>

namespace plait {
namespace {

// A treap's priorities need to be spread, not secret: who draws a bad tree slows down himself.
std::uint32_t priority(std::uint32_t run) {
  std::uint32_t x = run * 0x9e37'79b9U;
  x ^= x >> 15;
  x *= 0x85eb'ca6bU;
  return x ^ x >> 13;
}

}  // namespace

void Sequence::start(std::uint32_t length) {
  assert(length <= length_max);
  runs_.clear();
  authors_.clear();
  runs_of_.clear();
  root_ = head_ = 0;
  next_ = first_inserted;
  runs_.push_back({});  // none: it shows nothing
  add({.first = 0, .length = length}, 0);
}

void Sequence::begin(const EventId& author) {
  author_ = author;
  author_known_ = false;
}

Sequence::Settled Sequence::settle(std::size_t effective_length) {
  Handle tail = run_of(first_inserted - 1);
  if (runs_[tail].deleted) return Settled::unknown;
  std::size_t longest = this->effective_length();
  if (effective_length > longest || longest - effective_length > runs_[tail].length) {
    return Settled::impossible;
  }
  auto less = static_cast<std::uint32_t>(longest - effective_length);
  grow(tail, runs_[tail].state == visible ? -less : 0, -less);
  runs_[tail].length -= less;
  return Settled::done;
}

std::size_t Sequence::certain_length() const {
  Handle run = run_of(first_inserted - 1);
  if (runs_[run].prepared() == 0) return prepared_length();
  std::size_t count = runs_[runs_[run].left].prepared_below;
  for (Handle up = runs_[run].up; up != 0; run = up, up = runs_[up].up) {
    if (runs_[up].right == run)
      count += runs_[runs_[up].left].prepared_below + runs_[up].prepared();
  }
  return count;
}

// The run of the visible character at a position of the prepared version.
Sequence::Spot Sequence::find(std::size_t position) const {
  Handle run = root_;
  for (;;) {
    assert(run != 0);
    const Run& here = runs_[run];
    std::size_t left = runs_[here.left].prepared_below;
    if (position < left) {
      run = here.left;
      continue;
    }
    position -= left;
    if (position < here.prepared()) return {run, static_cast<std::uint32_t>(position)};
    position -= here.prepared();
    run = here.right;
  }
}

std::size_t Sequence::effective_before(Handle run) const {
  std::size_t count = runs_[runs_[run].left].effective_below;
  for (Handle up = runs_[run].up; up != 0; run = up, up = runs_[up].up) {
    const Run& above = runs_[up];
    if (above.right == run) count += runs_[above.left].effective_below + above.effective();
  }
  return count;
}

// Does a stand before b? REQUIRES: they differ.
bool Sequence::before(Handle a, Handle b) const {
  auto depth = [this](Handle run) {
    int steps = 0;
    for (; runs_[run].up != 0; run = runs_[run].up) ++steps;
    return steps;
  };
  int below = depth(a) - depth(b);
  Handle from_a = 0;
  Handle from_b = 0;
  for (; below > 0; --below) from_a = a, a = runs_[a].up;
  for (; below < 0; ++below) from_b = b, b = runs_[b].up;
  while (a != b) {
    from_a = a, a = runs_[a].up;
    from_b = b, b = runs_[b].up;
  }
  // One of the two may be where they meet.
  if (from_a == 0) return runs_[b].right == from_b;
  return runs_[a].left == from_a;
}

Sequence::Inserted Sequence::insert(std::size_t position, std::uint32_t length) {
  assert(position <= prepared_length() && length > 0 && next_ < none - length);
  Handle left_run = 0;
  Char left = none;
  if (position > 0) {
    Spot spot = find(position - 1);
    left_run = spot.run;
    left = runs_[left_run].first + spot.offset;
    if (spot.offset + 1 < runs_[left_run].length) split(left_run, spot.offset + 1);
  }
  // Between the two neighbours that the author saw stands only what he did not.
  Handle from = left_run == 0 ? head_ : runs_[left_run].next;
  Handle right_run = from;
  while (right_run != 0 && runs_[right_run].state == 0) right_run = runs_[right_run].next;
  bool right_child = right_run == 0 || runs_[right_run].left_origin != left;

  if (!author_known_) authors_.push_back({next_, author_});
  author_known_ = true;
  Range range{next_, length};
  next_ += length;

  // Typing goes on where it was: the run grows.
  if (right_child && left_run != 0 && from == right_run && range.first == left + 1 &&
      !runs_[left_run].deleted) {
    std::size_t at = effective_before(left_run) + runs_[left_run].length;
    runs_[left_run].length += length;
    grow(left_run, length, length);
    return {range, at};
  }
  Handle next = from == right_run ? from : place(from, right_run, left, right_child);
  Handle previous = left_run;
  if (next != from) {  // behind some of what stands between
    previous = from;
    while (runs_[previous].next != next) previous = runs_[previous].next;
  }
  Char parent = right_child ? none : runs_[right_run].first;
  Handle added =
      add({.first = range.first, .length = length, .left_origin = left, .left_child_of = parent},
          previous);
  return {range, effective_before(added)};
}

// The run before which the new one goes, of those between its neighbours: from … end, `end`
// excluded, which the author did not see. It is a right child of `left` or a left child of `end`.
//
// All of them stand in the right subtree of their left origins. Those whose left origin is `left`
// stand on the leftmost branch of a child of it; what follows one of them until the next are its
// right descendants. So they come in groups, one a sibling or one a stranger on that branch, each
// group a subtree: left descendants, the node, right descendants.
Sequence::Handle Sequence::place(Handle from, Handle end, Char left, bool right_child) const {
  Handle group = from;    // where the group at hand begins
  bool complete = false;  // its node has been passed
  for (Handle run = from; run != end; run = runs_[run].next) {
    const Run& other = runs_[run];
    if (other.left_origin != left) {
      // A right descendant; or, past all children of `left`, what is of its ancestors: typed behind
      // a character that stands before `left`, in the same run or in another.
      if (!right_child) continue;
      if (other.left_origin == none) return run;
      if (left == none) continue;
      Handle origin = run_of(other.left_origin);
      Handle left_run = run_of(left);
      if (origin == left_run || before(origin, left_run)) return run;
      continue;
    }
    if (complete) {
      group = run;
      complete = false;
    }
    bool sibling;
    if (other.left_child_of == none) {
      sibling = right_child;
      complete = true;
    } else {
      sibling = !right_child && other.left_child_of == runs_[end].first;
      complete = sibling || (!right_child && before(end, run_of(other.left_child_of)));
    }
    if (sibling && greater(other.first)) return group;
  }
  return end;
}

// Has a sibling the greater id, so that it stands behind what is inserted now?
bool Sequence::greater(Char sibling) const {
  auto after = std::ranges::upper_bound(authors_, sibling, {}, &Author::first);
  return std::prev(after)->event > author_;
}

Sequence::Deleted Sequence::erase(std::size_t position, std::size_t count) {
  assert(count > 0 && position + count <= prepared_length());
  Spot spot = find(position);
  Handle run = spot.offset == 0 ? spot.run : split(spot.run, spot.offset);
  if (runs_[run].length > count) split(run, static_cast<std::uint32_t>(count));
  bool shown = !runs_[run].deleted;
  Effect effect{shown ? effective_before(run) : 0, shown};
  change(run, visible + 1, true);
  return {{runs_[run].first, runs_[run].length}, effect};
}

void Sequence::step(Range range, int by) {
  while (range.length > 0) {
    Handle run = run_of(range.first);
    if (runs_[run].first < range.first) run = split(run, range.first - runs_[run].first);
    if (runs_[run].length > range.length) split(run, range.length);
    std::uint32_t length = runs_[run].length;
    assert(by > 0 || runs_[run].state > 0);
    change(run, runs_[run].state + static_cast<std::uint32_t>(by), runs_[run].deleted);
    if (length == 0) return;
    range.first += length;
    range.length -= length;
  }
}

void Sequence::change(Handle run, std::uint32_t state, bool deleted) {
  Run& here = runs_[run];
  std::uint32_t prepared = here.prepared();
  std::uint32_t effective = here.effective();
  here.state = state;
  here.deleted = deleted;
  grow(run, here.prepared() - prepared, here.effective() - effective);
}

// Adds to the counts from a run up; wraps, so that it takes away as well.
void Sequence::grow(Handle run, std::uint32_t prepared, std::uint32_t effective) {
  if (prepared == 0 && effective == 0) return;
  for (; run != 0; run = runs_[run].up) {
    runs_[run].prepared_below += prepared;
    runs_[run].effective_below += effective;
  }
}

// Cuts a run in two; answers the second.
Sequence::Handle Sequence::split(Handle run, std::uint32_t offset) {
  Run tail = runs_[run];
  assert(offset > 0 && offset < tail.length);
  tail.first += offset;
  tail.length -= offset;
  tail.left_origin = tail.first - 1;
  tail.left_child_of = none;
  grow(run, -tail.prepared(), -tail.effective());
  runs_[run].length = offset;
  return add(tail, run);
}

// Puts a run behind another; behind none it is the first.
Sequence::Handle Sequence::add(const Run& run, Handle after) {
  auto added = static_cast<Handle>(runs_.size());
  runs_.push_back(run);
  Run& here = runs_.back();
  here.left = here.right = here.up = 0;
  here.prepared_below = here.effective_below = 0;
  here.previous = after;
  here.next = after == 0 ? head_ : runs_[after].next;
  if (here.next != 0) runs_[here.next].previous = added;
  (after == 0 ? head_ : runs_[after].next) = added;

  if (root_ == 0) {
    root_ = added;
  } else if (after != 0 && runs_[after].right == 0) {
    runs_[after].right = added;
    here.up = after;
  } else {
    assert(runs_[here.next].left == 0);
    runs_[here.next].left = added;
    here.up = here.next;
  }
  runs_of_.add(run.first, added);
  grow(added, here.prepared(), here.effective());
  lift(added);
  return added;
}

// Rotates a run up to where its priority wants it.
void Sequence::lift(Handle run) {
  while (runs_[run].up != 0 && priority(runs_[run].up) < priority(run)) {
    Handle up = runs_[run].up;
    Handle above = runs_[up].up;
    Run& here = runs_[run];
    Run& parent = runs_[up];
    Handle moved;
    if (parent.left == run) {
      moved = parent.left = here.right;
      here.right = up;
    } else {
      moved = parent.right = here.left;
      here.left = up;
    }
    if (moved != 0) runs_[moved].up = up;
    parent.up = run;
    here.up = above;
    if (above == 0) {
      root_ = run;
    } else {
      (runs_[above].left == up ? runs_[above].left : runs_[above].right) = run;
    }
    here.prepared_below = parent.prepared_below;
    here.effective_below = parent.effective_below;
    parent.prepared_below =
        parent.prepared() + runs_[parent.left].prepared_below + runs_[parent.right].prepared_below;
    parent.effective_below = parent.effective() + runs_[parent.left].effective_below +
                             runs_[parent.right].effective_below;
  }
}

std::size_t Sequence::memory() const {
  return runs_.capacity() * sizeof(Run) + authors_.capacity() * sizeof(Author) + runs_of_.memory();
}

}  // namespace plait
