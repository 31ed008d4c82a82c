// gateway/outbox.cpp: the queue, and how its units become one.

#include "gateway/outbox.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/wire/message.h"

namespace plait::gateway {

Outbox::Item Outbox::tick_item(const std::optional<std::string>& cursor,
                               std::vector<std::string> commits) {
  Item item{Kind::tick, {}, cursor, std::move(commits)};
  item.part.text = std::make_shared<const std::string>(to_text(wire::Tick{cursor, item.commits}));
  return item;
}

void Outbox::count(const Item& item, int sign) {
  std::size_t bytes = item.part.message().size();
  bytes_ += sign > 0 ? bytes : -bytes;
  if (item.kind == Kind::tick) ticks_ += sign > 0 ? 1 : -1;
  if (!item.is_result()) waiting_bytes_ += sign > 0 ? bytes : -bytes;
}

void Outbox::push(Item item) {
  count(item, 1);
  items_.push_back(std::move(item));
}

void Outbox::say(std::string message) { say_rows(std::move(message), ""); }

void Outbox::say_rows(std::string message, std::string request) {
  UnitPart part;
  part.text = std::make_shared<const std::string>(std::move(message));
  part.query = std::move(request);
  push({Kind::outside, std::move(part), {}, {}});
}

void Outbox::add_unit(std::vector<UnitPart> parts, const std::optional<std::string>& cursor,
                      std::vector<std::string> commits) {
  for (UnitPart& part : parts) push({Kind::part, std::move(part), {}, {}});
  push(tick_item(cursor, std::move(commits)));
  const std::size_t units = ticks_ - (unit_has_begun_ ? 1 : 0);
  if (units > 1 && waiting_bytes_ >= merge_at_) {
    merge_units();
    // What is left cannot shrink further by itself: try again when as much has come on top.
    merge_at_ = std::max(bounds_.merge_bytes, 2 * waiting_bytes_);
  }
}

void Outbox::pop() {
  const Item& item = items_.front();
  if (item.kind == Kind::part) unit_has_begun_ = true;
  if (item.kind == Kind::tick) unit_has_begun_ = false;
  count(item, -1);
  items_.pop_front();
  if (items_.empty()) merge_at_ = bounds_.merge_bytes;
}

void Outbox::clear() {
  items_.clear();
  unit_has_begun_ = false;
  bytes_ = waiting_bytes_ = ticks_ = 0;
  merge_at_ = bounds_.merge_bytes;
}

void Outbox::forget(std::string_view query) {
  bool begun = unit_has_begun_;
  std::erase_if(items_, [&](const Item& item) {
    if (item.kind == Kind::tick) begun = false;
    if (begun || !item.is_result() || item.part.query != query) return false;
    count(item, -1);
    return true;
  });
}

void Outbox::merge_units() {
  auto first = items_.begin();
  if (unit_has_begun_) {
    first = std::ranges::find(items_, Kind::tick, &Item::kind);
    if (first != items_.end()) ++first;
  }
  std::deque<Item> merged(items_.begin(), first);
  std::vector<Item> results;
  std::vector<std::int64_t> order;  // groups, as they first appear
  std::map<std::int64_t, std::vector<DeltaPtr>> deltas;
  std::set<std::int64_t> joined;
  std::optional<std::string> cursor;
  std::vector<std::string> commits;
  bool any_tick = false;
  for (; first != items_.end(); ++first) {
    if (first->kind == Kind::outside) {
      merged.push_back(std::move(*first));
    } else if (first->kind == Kind::tick) {
      any_tick = true;
      cursor = first->cursor;
      std::ranges::move(first->commits, std::back_inserter(commits));
    } else if (first->part.delta) {
      auto& same = deltas[first->part.delta->group];
      if (same.empty()) order.push_back(first->part.delta->group);
      same.push_back(first->part.delta);
    } else {
      if (first->part.joins != 0) joined.insert(first->part.joins);
      results.push_back(std::move(*first));
    }
  }
  std::ranges::move(results, std::back_inserter(merged));
  for (std::int64_t group : order) {
    UnitPart part;
    part.delta = merge(deltas[group], joined.contains(group));
    if (part.delta) merged.push_back({Kind::part, std::move(part), {}, {}});
  }
  if (any_tick) merged.push_back(tick_item(cursor, std::move(commits)));
  items_ = std::move(merged);
  bytes_ = waiting_bytes_ = ticks_ = 0;
  for (const Item& item : items_) count(item, 1);
}

}  // namespace plait::gateway
