// core/dag/walk.h: how two heads are related, found by walking only what lies between them.
//
//   Walk walk(ours, theirs, Budget{10'000});
//   while (!walk.wanted().empty()) {
//     if (Status given = walk.give(links_of(walk.wanted())); !given) return given.error();
//   }
//   answer(name(walk.relation()), walk.meet());
//
// links_of is a table, a map, or a socket that answers tomorrow: a walk asks and is given, it never
// calls out. It opens events from the greatest id down and stops as soon as the answer cannot
// change, so its cost is the difference of the two histories, not their length.
//
// The relation, where "covers" means the head's events and all their ancestors:
//   equal            both cover the same
//   descends         ours covers all that theirs covers, and more
//   ascends          the other way round
//   diverged         each covers what the other does not; or one is empty; or one descends from the
//                    other but has a root that the other has not: such a head is never
//                    fast-forwarded
//   disjoint         both cover something, nothing of it the same
//   budget_exceeded  unknown: more events would have to be opened than allowed. A value, not an
//                    error: ask again with a greater budget, or send a snapshot
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/dag/frontier.h"
#include "core/dag/head.h"
#include "core/dag/links.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait {

enum class Relation : std::uint8_t {
  equal,
  descends,
  ascends,
  diverged,
  disjoint,
  budget_exceeded
};

// The same word in SQL and on the wire.
std::string_view name(Relation relation);

class Walk {
 public:
  // Two sets of events, in any order; what is no antichain is compared by what it covers.
  Walk(std::span<const EventId> ours, std::span<const EventId> theirs, Budget budget);

  // The events whose links are needed next, greatest first, at most what is left of the budget.
  // Empty: the walk has ended.
  std::span<const EventId> wanted() const { return frontier_.wanted(); }

  // The links of what was wanted, in any order. An event that is left out is missing; that is an
  // error only if the answer hangs on it. More than was wanted is welcome (a range scan of ids
  // brings the neighbours for nothing) and saves rounds. An Error ends the walk:
  //   missing_parents       an event is not known here: fetch it and walk again
  //   id_not_after_parents  the history is damaged
  Status give(std::vector<Links> links);

  // REQUIRES of both: the walk has ended, without an Error.
  Relation relation() const { return relation_; }
  // The greatest common ancestors, sorted. Of equal sets the set as given. Empty: there are none,
  // one head is empty, or the budget was exceeded.
  const Head& meet() const { return meet_; }

  // Events opened so far: the cost.
  std::size_t opened() const { return frontier_.opened(); }

 private:
  Status advance();
  bool settled() const;
  void classify(const Frontier::Reached& reached);
  void inherit(const Frontier::Reached& child, std::span<const EventId> parents);
  void reach(const EventId& event, Frontier::Colour colour);
  void conclude();
  void give_up();

  Frontier frontier_;
  std::optional<Frontier::Reached> opening_;  // taken and classified, to be opened next
  std::size_t undecided_[4] = {};  // events of the frontier above every common one, by colour
  bool ours_only_ = false;         // ours covers an event that theirs does not
  bool theirs_only_ = false;
  bool ours_root_ = false;  // and one of those is a root
  bool theirs_root_ = false;
  Relation relation_ = Relation::equal;
  Head meet_;
};

}  // namespace plait
