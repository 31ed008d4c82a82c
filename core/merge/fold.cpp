// core/merge/fold.cpp: operations applied in the order of ids.

#include "core/merge/fold.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace plait {
namespace {

constexpr std::array<std::string_view, 5> row_write_names = {"none", "insert", "update", "remove",
                                                             "restore"};
static_assert(row_write_names.size() == static_cast<std::size_t>(RowWrite::restore) + 1);

using Ordered = std::vector<const EventView*>;

// By id, each once.
void put_in_order(Ordered& events) {
  auto id = [](const EventView* event) { return event->id; };
  if (!std::ranges::is_sorted(events, {}, id)) std::ranges::sort(events, {}, id);
  auto repeats = std::ranges::unique(events, {}, id);
  events.erase(repeats.begin(), repeats.end());
}

Ordered pointers_to(std::span<const EventView> events) {
  Ordered pointers;
  pointers.reserve(events.size());
  for (const EventView& event : events) pointers.push_back(&event);
  return pointers;
}

Status check(const Properties& properties, const EventView& event) {
  Status checked = properties.check(event.operations);
  if (checked) return ok;
  Error error = checked.error();
  error.what = "event " + to_text(event.id) + ": " + error.what;
  return error;
}

// REQUIRES: the operations were checked; events come in the order of their ids.
void apply(const Properties& properties, const EventView& event, Registers& registers) {
  for (const Operations::Change& change : event.operations.changes) {
    const Property* property = properties.find(change.property);
    auto held = registers.find(change.property);
    if (held == registers.end()) {
      held = registers.emplace(property->name, Register{property->initial, {}}).first;
    }
    property->rule->apply(held->second.value, change);
    held->second.event = event.id;
  }
}

Head head_of(const Ordered& events) {
  std::vector<Links> links;
  links.reserve(events.size());
  for (const EventView* event : events) {
    links.push_back({event->id, {event->parents.begin(), event->parents.end()}});
  }
  return plait::head_of(links);
}

// Those that are later than the first new one: what an older one did is in the row.
Ordered in_order(std::span<const EventView> fresh, std::span<const EventView> later) {
  Ordered ordered = pointers_to(fresh);
  put_in_order(ordered);
  for (const EventView& event : later)
    if (!ordered.empty() && event.id > ordered.front()->id) ordered.push_back(&event);
  put_in_order(ordered);
  return ordered;
}

// One property, from what the row holds to what it is to hold.
class Merging {
 public:
  Merging(const Property& property, Life life, const Present& present)
      : property_(property), life_(life), present_(present) {}

  void apply(const Operations::Change& change, const EventId& event, bool is_fresh) {
    const MergeRule& rule = *property_.rule;
    bool replaces = change.verb == "set";
    event_ = event;
    is_won_ = is_fresh;
    if (is_fresh || replaces) is_touched_ = is_fresh;
    // What the row holds is the last set and the sum of what came after it. So a stored set undoes
    // older new ones, and a stored add counts only where it now stands behind a new set.
    bool is_in_the_sum = !rule.is_idempotent && !is_fresh;
    if (is_in_the_sum && replaces) is_begun_ = is_replaced_ = false;
    if (is_in_the_sum && !is_replaced_) return;
    if (!is_begun_ && !replaces) begin();
    rule.apply(value_, change);
    is_begun_ = true;
    is_replaced_ |= replaces;
  }

  // Whether a new event decides or changes it, and what it is can be told.
  bool is_new() const {
    bool is_known = is_replaced_ || life_ != Life::dead;
    if (!is_begun_ || !is_known || !is_touched_) return false;
    return is_won_ || life_ != Life::alive || value_ != held();
  }
  Register take() && { return {std::move(value_), event_}; }

 private:
  void begin() {
    if (life_ == Life::alive) value_ = held();
    if (life_ == Life::absent) value_ = property_.initial;
  }

  Json held() const {
    Json value = present_(property_);
    const MergeRule& rule = *property_.rule;
    return rule.normal == nullptr ? value : rule.normal(std::move(value));
  }

  const Property& property_;
  Life life_;
  const Present& present_;
  Json value_;
  EventId event_;             // the last that names it
  bool is_begun_ = false;     // `value_` holds something
  bool is_replaced_ = false;  // by a set, so the row's value plays no part
  bool is_touched_ = false;   // by a new event, since the last stored set
  bool is_won_ = false;       // the last that names it is a new one
};

RowWrite row_write(Life before, const Effect& effect) {
  switch (before) {
    case Life::absent:
      return effect.life == Life::alive ? RowWrite::insert : RowWrite::none;
    case Life::alive:
      if (effect.life == Life::dead) return RowWrite::remove;
      return effect.registers.empty() ? RowWrite::none : RowWrite::update;
    case Life::dead:
      return effect.life == Life::alive ? RowWrite::restore : RowWrite::none;
  }
  return RowWrite::none;
}

}  // namespace

std::string_view name(RowWrite write) { return row_write_names[static_cast<std::size_t>(write)]; }

Result<State> fold(const Properties& properties, std::span<const EventView> events) {
  Ordered ordered = pointers_to(events);
  put_in_order(ordered);
  State state;
  for (const EventView* event : ordered) {
    if (Status checked = check(properties, *event); !checked) return checked.error();
    if (event->parents.empty() && !state.genesis) state.genesis = event->id;
    if (event->operations.creates || event->operations.deletes) {
      state.life = event->operations.creates ? Life::alive : Life::dead;
      state.life_event = event->id;
    }
    apply(properties, *event, state.registers);
  }
  state.head = head_of(ordered);
  return state;
}

// The new events and what is later are applied again, in the order of ids, to what the row holds:
// what only old events decide stands there already, and stays.
Result<Effect> effect(const Properties& properties, Life life, const Present& present,
                      std::span<const EventView> fresh, std::span<const EventView> later) {
  std::unordered_set<EventId> is_fresh;
  for (const EventView& event : fresh) is_fresh.insert(event.id);
  Ordered ordered = in_order(fresh, later);

  Effect result;
  result.life = life;
  std::map<std::string_view, Merging> merging;
  for (const EventView* event : ordered) {
    if (Status checked = check(properties, *event); !checked) return checked.error();
    bool decides = is_fresh.contains(event->id);
    if (event->operations.creates || event->operations.deletes) {
      result.life_event = decides ? std::optional(event->id) : std::nullopt;
      result.life = !decides ? life : event->operations.creates ? Life::alive : Life::dead;
    }
    for (const Operations::Change& change : event->operations.changes) {
      auto found = merging.find(change.property);
      if (found == merging.end()) {
        const Property& property = *properties.find(change.property);
        found = merging.emplace(property.name, Merging(property, life, present)).first;
      }
      found->second.apply(change, event->id, decides);
    }
  }
  for (auto& [property, merged] : merging)
    if (merged.is_new()) result.registers.emplace(property, std::move(merged).take());
  result.row = row_write(life, result);
  return result;
}

}  // namespace plait
