// core/merge/fold.cpp: operations applied in the order of ids.

#include "core/merge/fold.h"

#include <algorithm>
#include <array>
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
    property->rule->apply(held->second, change, event.id);
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

// The new events and what is later, folded together: where the winner is a new event it decides the
// present value, where it is an old one the present value stands as it is.
Result<Effect> effect(const Properties& properties, Life life, std::span<const EventView> fresh,
                      std::span<const EventView> later) {
  std::unordered_set<EventId> is_fresh;
  for (const EventView& event : fresh) is_fresh.insert(event.id);
  Ordered ordered = pointers_to(fresh);
  for (const EventView& event : later) ordered.push_back(&event);
  put_in_order(ordered);

  Effect result;
  result.life = life;
  for (const EventView* event : ordered) {
    if (Status checked = check(properties, *event); !checked) return checked.error();
    if (event->operations.creates || event->operations.deletes) {
      bool decides = is_fresh.contains(event->id);
      result.life_event = decides ? std::optional(event->id) : std::nullopt;
      result.life = !decides ? life : event->operations.creates ? Life::alive : Life::dead;
    }
    apply(properties, *event, result.registers);
  }
  std::erase_if(result.registers,
                [&](const auto& held) { return !is_fresh.contains(held.second.event); });
  result.row = row_write(life, result);
  return result;
}

}  // namespace plait
