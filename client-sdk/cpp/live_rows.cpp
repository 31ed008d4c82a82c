// client-sdk/cpp/live_rows.cpp: rows, deltas and their net effect.

#include "client-sdk/cpp/live_rows.h"

#include <utility>

namespace plait::client {

namespace {

// The members of `now` that `before` does not have alike, and what it has instead.
Change difference(const wire::Row& before, const wire::Row& now) {
  Change change{Change::Kind::updated, now};
  for (const auto& [property, value] : now.state.as_object()) {
    const Json* old = before.state.find(property);
    if (old != nullptr && *old == value) continue;
    change.set.set(property, value);
    change.before.set(property, old ? *old : Json());
  }
  return change;
}

}  // namespace

LiveRows::Touched& LiveRows::touch(const EntityId& entity) {
  auto [at, is_new] = touched_at_.try_emplace(entity, touched_.size());
  if (is_new) {
    auto held = rows_.find(entity);
    touched_.push_back({entity, held == rows_.end() ? std::nullopt : std::optional(held->second)});
  }
  return touched_[at->second];
}

void LiveRows::put(const wire::Row& row) {
  touch(row.entity);
  rows_[row.entity] = row;
}

// One that is no member is nothing to us.
void LiveRows::update(const wire::Update& update) {
  auto held = rows_.find(update.entity);
  if (held == rows_.end()) return;
  touch(update.entity);
  wire::Row& row = held->second;
  row.head = update.head;
  if (update.key) row.key = *update.key;
  for (const auto& [property, value] : update.set.as_object()) row.state.set(property, value);
}

void LiveRows::remove(const wire::Remove& remove) {
  auto held = rows_.find(remove.entity);
  if (held == rows_.end()) return;
  Touched& touched = touch(remove.entity);
  touched.gone = remove.gone;
  rows_.erase(held);
}

void LiveRows::apply(const wire::Rows& rows) {
  if (rows.reset) {
    for (const auto& [entity, row] : rows_) touch(entity).gone = true;
    rows_.clear();
  }
  for (const wire::Row& row : rows.rows) put(row);
  for (const wire::Remove& gone : rows.remove) remove(gone);
}

void LiveRows::apply(const wire::Delta& delta) {
  for (const wire::Row& row : delta.add) put(row);
  for (const wire::Update& changed : delta.update) update(changed);
  for (const wire::Remove& gone : delta.remove) remove(gone);
}

std::vector<Change> LiveRows::take_changes() {
  std::vector<Change> changes;
  for (Touched& touched : touched_) {
    auto now = rows_.find(touched.entity);
    if (now == rows_.end()) {
      if (!touched.before) continue;
      changes.push_back({Change::Kind::removed, std::move(*touched.before)});
      changes.back().gone = touched.gone;
    } else if (!touched.before) {
      changes.push_back({Change::Kind::added, now->second});
    } else if (Change change = difference(*touched.before, now->second);
               !change.set.as_object().empty() || touched.before->key != now->second.key) {
      changes.push_back(std::move(change));
    }
  }
  touched_.clear();
  touched_at_.clear();
  return changes;
}

}  // namespace plait::client
