// core/merge/state.cpp: reading a state.

#include "core/merge/state.h"

#include <array>

#include "core/merge/merge.h"

namespace plait {
namespace {

constexpr std::array<std::string_view, 3> life_names = {"absent", "alive", "dead"};
static_assert(life_names.size() == static_cast<std::size_t>(Life::dead) + 1);

}  // namespace

std::string_view name(Life life) { return life_names[static_cast<std::size_t>(life)]; }

Json values(const State& state, const Properties& properties) {
  Json all = Json::object();
  for (const Property& property : properties.all()) {
    auto held = state.registers.find(property.name);
    all.set(property.name, held == state.registers.end() ? property.initial : held->second.value);
  }
  return all;
}

std::optional<EventId> winner(const State& state, std::string_view property) {
  auto held = state.registers.find(property);
  return held == state.registers.end() ? state.genesis : std::optional(held->second.event);
}

}  // namespace plait
