// core/merge/winners.cpp: newest first, the first operation on a property is its last.

#include "core/merge/winners.h"

namespace plait {

Winners::Winners(std::span<const std::string_view> properties)
    : open_(properties.begin(), properties.end()) {}

void Winners::add(const EventView& event) {
  auto decide = [&](auto property) {
    found_.emplace(*property, event.id);
    return open_.erase(property);
  };
  for (const Operations::Change& change : event.operations.changes) {
    if (auto property = open_.find(change.property); property != open_.end()) decide(property);
  }
  if (!event.parents.empty()) return;
  for (auto property = open_.begin(); property != open_.end();) property = decide(property);
}

}  // namespace plait
