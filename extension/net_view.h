// extension/net_view.h: the rows of some entities as their caller's own SELECT shows them.
//
// For who sees a collection by policies or by columns (Sight::net). One SELECT of the columns that
// he may read, run as himself, in the snapshot of his statement: policies, security barriers and
// column rights are Postgres' own. What it does not show is not there.
#pragma once

#include "extension/wall.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/ulid.h"
#include "extension/catalogue.h"

namespace plait {

// A row that the caller sees. Its views belong to the collection.
struct NetRow {
  struct Value {
    const TrackedProperty* property;
    std::string json;  // canonical
  };
  EntityId entity;
  std::string key;            // array
  std::vector<Value> values;  // of the columns that he may read, in canonical order of their names
};

// {"name": value …}, canonical.
std::string state_text(const NetRow& row);

// Outside pg().
class NetView {
 public:
  // REQUIRES: Sight::net. Raises what Postgres raises where row_security is off.
  explicit NetView(CollectionRef collection);

  // The rows of those entities that the caller sees, in any order. Cost: one SELECT by the key.
  std::vector<NetRow> rows(std::span<const EntityId> entities);
  std::optional<NetRow> row(const EntityId& entity);

  // For how many entities rows() may be asked at once, so that it holds about a MiB.
  std::size_t batch() const { return batch_; }

 private:
  void read(const std::vector<Json::Array>& keys, std::vector<NetRow>& rows);
  void fit_batch(std::size_t bytes);
  void read_row(HeapTuple row, TupleDesc columns, NetRow& out);

  CollectionRef collection_;
  std::vector<const TrackedProperty*> columns_;
  std::vector<int> key_places_;  // in columns_, in key order
  std::string sql_;
  std::size_t batch_ = 64;
};

}  // namespace plait
