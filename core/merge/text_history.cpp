// core/merge/text_history.cpp: order, cut at critical versions, plan, walk.

#include "core/merge/text_history.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/dag/links.h"
#include "core/event/json.h"
#include "core/merge/text_walk.h"

namespace plait {
namespace {

// Places of events in the order of their ids count from 1; 0 is what the history begins with.
using Place = std::uint32_t;

// The hlc in one load: a check of every event against every parent is most of a linear replay.
std::uint64_t stamp(const EventId& id) {
  if constexpr (std::endian::native != std::endian::little) return id.hlc();
  std::uint64_t word;
  std::memcpy(&word, id.bytes.data(), sizeof word);
  return __builtin_bswap64(word);
}

bool less(const EventId& a, const EventId& b) {
  std::uint64_t stamp_a = stamp(a);
  std::uint64_t stamp_b = stamp(b);
  return stamp_a != stamp_b ? stamp_a < stamp_b : a < b;
}

Status check_order(const TextEvent& event) {
  for (const EventId& parent : event.parents) {
    if (stamp(parent) >= stamp(event.id)) return check_grows(event.id, event.parents);
  }
  return ok;
}

class History {
 public:
  explicit History(std::span<const TextEvent> events) : events_(events) {
    auto not_less = [](const TextEvent& a, const TextEvent& b) { return !less(a.id, b.id); };
    if (std::ranges::adjacent_find(events, not_less) == events.end()) return;
    ordered_.reserve(events.size());
    for (const TextEvent& event : events) ordered_.push_back(&event);
    auto id = [](const TextEvent* event) { return event->id; };
    std::ranges::sort(ordered_, {}, id);
    auto repeats = std::ranges::unique(ordered_, {}, id);
    ordered_.erase(repeats.begin(), repeats.end());
  }

  Place size() const {
    return static_cast<Place>(ordered_.empty() ? events_.size() : ordered_.size());
  }
  const TextEvent& at(Place place) const {
    return ordered_.empty() ? events_[place - 1] : *ordered_[place - 1];
  }

  // The places of an event's parents, ascending, each once; those before the history are left out.
  const std::vector<Place>& parents_of(Place place) {
    parents_.clear();
    for (const EventId& parent : at(place).parents) {
      Place found = find(parent, place);
      if (found != 0) parents_.push_back(found);
    }
    if (parents_.size() > 1) {
      std::ranges::sort(parents_);
      auto repeats = std::ranges::unique(parents_);
      parents_.erase(repeats.begin(), repeats.end());
    }
    return parents_;
  }

 private:
  // Parents are near: looks back in steps that double, then between the last two.
  Place find(const EventId& id, Place before) const {
    if (before > 1 && same_event(at(before - 1).id, id)) return before - 1;
    Place high = before;  // at(high) is greater
    Place step = 1;
    while (step < high && less(id, at(high - step).id)) {
      high -= step;
      step *= 2;
    }
    Place low = step < high ? high - step : 0;  // at(low) is not greater
    while (high - low > 1) {
      Place middle = low + (high - low) / 2;
      (less(id, at(middle).id) ? high : low) = middle;
    }
    return low != 0 && at(low).id == id ? low : 0;
  }

  std::span<const TextEvent> events_;
  std::vector<const TextEvent*> ordered_;  // empty: events_ are in order
  std::vector<Place> parents_;
};

// The critical versions of a history, found in one pass. A version is named by its last place: up
// to there, all. It stays a candidate until an event comes that does not descend from all of it;
// then all candidates after that event's last parent fall, so they form a stack.
class CriticalVersions {
 public:
  // The next event.
  void add(Place place, const std::vector<Place>& parents) {
    Place last = parents.empty() ? 0 : parents.back();
    if (last + 1 == place && heads_.size() == 1 && heads_[0] == last && !stack_.empty() &&
        stack_.back().single && stack_.back().last == last) {  // linear, as nearly always
      heads_[0] = stack_.back().last = place;
      return;
    }
    drop_after(last);
    if (last != 0 && !stack_.empty() && stack_.back().last == last && !covers(parents)) {
      drop_after(last - 1);
    }
    std::erase_if(heads_, [&](Place head) { return std::ranges::binary_search(parents, head); });
    heads_.push_back(place);
    push(place);
  }

  // Calls f(first, last) for each run of versions that follow one another.
  template <typename F>
  Status for_each_run(F&& f) const {
    for (const Run& run : stack_) {
      if (Status done = f(run.first, run.last); !done) return done;
    }
    return ok;
  }

 private:
  // Versions first … last, each of one event alone; or one of several heads.
  struct Run {
    Place first, last;
    std::size_t heads;  // where in kept_heads_ its heads begin; they end where the next begins
    bool single;
  };

  void drop_after(Place last) {
    while (!stack_.empty() && stack_.back().first > last) {
      kept_heads_.resize(stack_.back().heads);
      stack_.pop_back();
    }
    if (!stack_.empty()) stack_.back().last = std::min(stack_.back().last, last);
  }

  // Do these parents and their ancestors make the version on top?
  bool covers(const std::vector<Place>& parents) const {
    const Run& top = stack_.back();
    return top.single || std::all_of(kept_heads_.begin() + static_cast<std::ptrdiff_t>(top.heads),
                                     kept_heads_.end(), [&](Place head) {
                                       return std::ranges::binary_search(parents, head);
                                     });
  }

  void push(Place place) {
    bool single = heads_.size() == 1;
    if (single && !stack_.empty() && stack_.back().single && stack_.back().last == place - 1) {
      stack_.back().last = place;
      return;
    }
    stack_.push_back({place, place, kept_heads_.size(), single});
    if (!single) kept_heads_.insert(kept_heads_.end(), heads_.begin(), heads_.end());
  }

  std::vector<Place> heads_;  // of all so far
  std::vector<Run> stack_;
  std::vector<Place> kept_heads_;
};

// An order of a stretch in which branches are not mixed, so that the walk moves little: an event is
// followed by one that it made ready.
class Plan {
 public:
  // The stretch first … last of a history.
  void make(History& history, Place first, Place last) {
    std::size_t count = last - first + 1;
    begins_.assign(count + 1, 0);
    waits_.assign(count, 0);
    edges_.clear();
    parents_.clear();
    parents_end_.clear();
    for (Place place = first; place <= last; ++place) {
      for (Place parent : history.parents_of(place)) {
        if (parent < first) continue;
        edges_.push_back({parent - first, place - first});
        parents_.push_back(parent - first);
        ++begins_[parent - first];
        ++waits_[place - first];
      }
      parents_end_.push_back(static_cast<Place>(parents_.size()));
    }
    for (std::size_t i = 0, sum = 0; i <= count; ++i) {  // begins_[i]: the end of i's children
      sum += begins_[i];
      begins_[i] = static_cast<Place>(sum);
    }
    children_.resize(edges_.size());
    for (auto [parent, child] : edges_) children_[--begins_[parent]] = child;

    order_.clear();
    ready_.clear();
    for (std::size_t i = count; i-- > 0;) {
      if (waits_[i] == 0) ready_.push_back(static_cast<Place>(i));
    }
    while (!ready_.empty()) {
      Place next = ready_.back();
      ready_.pop_back();
      order_.push_back(next);
      for (Place i = begins_[next]; i < begins_[next + 1]; ++i) {
        if (--waits_[children_[i]] == 0) ready_.push_back(children_[i]);
      }
    }
  }

  // Of the stretch, counted from 0.
  const std::vector<Place>& order() const { return order_; }
  std::span<const Place> parents_of(Place event) const {
    Place begin = event == 0 ? 0 : parents_end_[event - 1];
    return std::span(parents_).subspan(begin, parents_end_[event] - begin);
  }

 private:
  struct Edge {
    Place parent, child;
  };
  std::vector<Edge> edges_;
  std::vector<Place> parents_, parents_end_;  // by event
  std::vector<Place> begins_, waits_, children_, ready_, order_;
};

class Replay {
 public:
  Replay(Rope& text, History& history) : text_(text), history_(history) {}

  // The events first … last between two critical versions.
  Status stretch(Place first, Place last) {
    if (first == last) return apply_straight(text_, history_.at(first));
    plan_.make(history_, first, last);
    walk_.start(text_.size());
    numbers_.resize(last - first + 1);
    for (std::size_t i = 0; i < plan_.order().size(); ++i) {
      Place at = plan_.order()[i];
      numbers_[at] = static_cast<std::uint32_t>(i);
      parents_.clear();
      for (Place parent : plan_.parents_of(at)) parents_.push_back(numbers_[parent]);
      const TextEvent& event = history_.at(first + at);
      effect_.clear();
      if (Status added = walk_.add(event.id, parents_, event.change, effect_); !added) {
        return of_event(added.error(), event.id);
      }
      text_.apply(effect_);
    }
    return ok;
  }

 private:
  Rope& text_;
  History& history_;
  Plan plan_;
  TextWalk walk_;
  std::vector<std::uint32_t> numbers_;  // in the walk, by place in the stretch
  std::vector<std::uint32_t> parents_;
  std::vector<TextEdit> effect_;
};

bool same_events(std::span<const EventId> some, std::span<const EventId> others) {
  auto all_in = [](std::span<const EventId> those, std::span<const EventId> these) {
    return std::ranges::all_of(
        those, [&](const EventId& id) { return std::ranges::find(these, id) != these.end(); });
  };
  return all_in(some, others) && all_in(others, some);
}

}  // namespace

Error of_event(Error error, const EventId& event) {
  error.what = "event " + to_text(event) + ": " + error.what;
  return error;
}

Status apply_straight(Rope& text, const TextEvent& event) {
  const TextChange& change = event.change;
  if (change.kind == TextChange::Kind::edit && change.edits.size() == 1 &&
      change.edits[0].position <= text.size() &&
      change.edits[0].deleted <= text.size() - change.edits[0].position) {
    text.apply(change.edits[0]);
  } else if (change.kind == TextChange::Kind::edit) {
    if (Status checked = check_ranges(change.edits, text.size()); !checked) {
      return of_event(checked.error(), event.id);
    }
    text.apply(change.edits);
  } else if (change.kind == TextChange::Kind::set) {
    text.apply({0, text.size(), change.text});
  }
  return ok;
}

Status replay(Rope& text, std::span<const TextEvent> events) {
  History history(events);
  CriticalVersions versions;
  const TextEvent* root = nullptr;
  for (Place place = 1; place <= history.size(); ++place) {
    const TextEvent& event = history.at(place);
    if (Status grows = check_order(event); !grows) return grows.error();
    const std::vector<Place>& parents = history.parents_of(place);
    if (parents.empty()) {
      if (root == nullptr) root = &event;
      if (!same_events(root->parents, event.parents)) {
        return Error{Code::missing_parents,
                     "event " + to_text(event.id) + " and event " + to_text(root->id) +
                         " begin at different versions",
                     "", "give all events since a version that all of them descend from"};
      }
    }
    versions.add(place, parents);
  }

  Replay replay(text, history);
  Place done = 0;
  return versions.for_each_run([&](Place first, Place last) -> Status {
    if (Status walked = replay.stretch(done + 1, first); !walked) return walked;
    for (Place place = first + 1; place <= last; ++place) {
      if (Status applied = apply_straight(text, history.at(place)); !applied) return applied;
    }
    done = last;
    return ok;
  });
}

}  // namespace plait
