// core/dag/order.cpp: parents first is the order of ids.

#include "core/dag/order.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace plait {

Result<std::vector<std::size_t>> parents_first(std::span<const Links> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (Status grows = check_grows(events[i].event, events[i].parents); !grows) {
      Error error = grows.error();
      error.where = std::to_string(i);
      return error;
    }
  }
  std::vector<std::size_t> order(events.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return events[i].event; });
  return order;
}

}  // namespace plait
