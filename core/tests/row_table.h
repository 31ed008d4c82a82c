// core/tests/row_table.h: a table of one entity, kept as the database keeps it: by effects alone.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/merge/fold.h"
#include "core/tests/drawn_history.h"

namespace plait {

using Row = std::map<std::string, std::string>;  // values as JSON text

inline Row row_of(const State& state, const Properties& properties) {
  Row row;
  Json all = values(state, properties);
  for (const auto& [property, value] : all.as_object()) row[property] = to_text(value);
  return row;
}

// A database of one entity: a ledger, and the row as long as the entity lives. It knows no values
// of a dead entity, and folds only to restore one.
class RowTable {
 public:
  RowTable(const Properties& properties, Row initial)
      : properties_(properties), initial_(std::move(initial)) {}

  // A commit of some events: what is known already is dropped.
  void commit(const std::vector<const DrawnEvent*>& batch) {
    std::map<EventId, const DrawnEvent*> fresh;
    for (const DrawnEvent* event : batch) {
      if (!ledger_.contains(event->id)) fresh.emplace(event->id, event);
    }
    if (fresh.empty()) return;
    auto later = ledger_.upper_bound(fresh.begin()->first);
    Life life = row_ ? Life::alive : ledger_.empty() ? Life::absent : Life::dead;
    auto present = [&](const Property& property) { return json_of(row_->at(property.name)); };
    auto changed = effect(properties_, life, present, views(fresh.begin(), fresh.end()),
                          views(later, ledger_.end()));
    ASSERT_TRUE(changed);
    last_ = *changed;
    ledger_.insert(fresh.begin(), fresh.end());
    write(last_);
  }

  const std::optional<Row>& row() const { return row_; }
  const Effect& last() const { return last_; }
  std::vector<const DrawnEvent*> events() const {
    std::vector<const DrawnEvent*> all;
    for (const auto& [id, event] : ledger_) all.push_back(event);
    return all;
  }

 private:
  using Ledger = std::map<EventId, const DrawnEvent*>;

  static std::vector<EventView> views(Ledger::const_iterator from, Ledger::const_iterator to) {
    std::vector<EventView> some;
    for (; from != to; ++from) some.push_back(from->second->view());
    return some;
  }

  void write(const Effect& changed) {
    switch (changed.row) {
      case RowWrite::none:
        return;
      case RowWrite::remove:
        ASSERT_TRUE(row_);
        row_.reset();
        return;
      case RowWrite::insert:
        ASSERT_FALSE(row_);
        row_ = initial_;
        break;
      case RowWrite::restore:
        ASSERT_FALSE(row_);
        row_ = changed.registers.size() == initial_.size() ? initial_ : whole_state();
        break;
      case RowWrite::update:
        ASSERT_TRUE(row_);
        ASSERT_FALSE(changed.registers.empty());
    }
    for (const auto& [property, held] : changed.registers) (*row_)[property] = to_text(held.value);
  }

  Row whole_state() const {
    auto state = fold(properties_, views(ledger_.begin(), ledger_.end()));
    EXPECT_TRUE(state);
    return row_of(*state, properties_);
  }

  const Properties& properties_;
  Row initial_;
  Ledger ledger_;
  std::optional<Row> row_;
  Effect last_;
};

}  // namespace plait
