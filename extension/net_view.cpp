// extension/net_view.cpp: the rows of some entities as their caller's own SELECT shows them.

#include "extension/net_view.h"

#include <algorithm>
#include <unordered_map>

#include "extension/access.h"
#include "extension/entity_key.h"
#include "extension/key.h"
#include "extension/key_arrays.h"
#include "extension/spi.h"

namespace plait {

namespace {

constexpr std::size_t batch_max = 1'024;
constexpr std::size_t batch_bytes = 1 << 20;

}  // namespace

std::string state_text(const NetRow& row) {
  std::string text = "{";
  for (const NetRow::Value& value : row.values) {
    if (text.size() > 1) text += ',';
    append_json_string(text, value.property->name);
    text += ':';
    text += value.json;
  }
  return text + '}';
}

NetView::NetView(CollectionRef collection) : collection_(std::move(collection)) {
  pg([&] {
    check_enable_rls(collection_->relation, InvalidOid, false);
    for (const TrackedProperty& property : collection_->properties)
      if (may_select(*collection_, property)) columns_.push_back(&property);
  });
  sql_ = "SELECT ";
  for (std::size_t i = 0; i < columns_.size(); ++i)
    sql_ += (i == 0 ? "t." : ", t.") + quoted(columns_[i]->column);
  for (std::size_t i = 0; i < collection_->key.size(); ++i) {
    auto column = std::ranges::find(columns_, &key_property(*collection_, i));
    key_places_.push_back(static_cast<int>(column - columns_.begin()));
  }
  sql_ += " FROM ";
  sql_ += pg([&] { return qualified_name(collection_->relation); });
  sql_ += " t WHERE " + is_one_of_keys(*collection_);
}

std::vector<NetRow> NetView::rows(std::span<const EntityId> entities) {
  std::vector<NetRow> rows;
  std::vector<std::string> keys;
  std::unordered_map<std::string, EntityId> by_key;
  std::vector<std::string> all = keys_of(*collection_, entities);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].empty() && by_key.emplace(all[i], entities[i]).second) keys.push_back(all[i]);
  if (keys.empty()) return rows;
  read(key_columns(*collection_, keys), rows);
  std::size_t bytes = 0;
  for (NetRow& row : rows) {
    row.entity = by_key.at(row.key);
    for (const NetRow::Value& value : row.values) bytes += value.json.size();
  }
  fit_batch(bytes);
  return rows;
}

void NetView::fit_batch(std::size_t bytes) {
  if (bytes > batch_bytes)
    batch_ = std::max<std::size_t>(1, batch_ / 2);
  else if (bytes <= batch_bytes / 2)
    batch_ = std::min(batch_max, batch_ * 2);
}

std::optional<NetRow> NetView::row(const EntityId& entity) {
  std::vector<NetRow> found = rows(std::span(&entity, 1));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

void NetView::read(const std::vector<Json::Array>& keys, std::vector<NetRow>& rows) {
  pg([&] {
    Oid types[INDEX_MAX_KEYS];
    Datum arguments[INDEX_MAX_KEYS];
    int level = pin_settings();
    key_parameters(*collection_, keys, types, arguments);
    unpin_settings(level);
    SPI_connect();
    int done = execute_generic(sql_.c_str(), static_cast<int>(keys.size()), types, arguments, true);
    if (done != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(done));
    level = pin_settings();
    for (std::uint64_t i = 0; i < SPI_processed; ++i) {
      rows.emplace_back();
      read_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, rows.back());
    }
    unpin_settings(level);
    SPI_finish();
  });
}

// Inside pg().
void NetView::read_row(HeapTuple row, TupleDesc columns, NetRow& out) {
  Datum key[INDEX_MAX_KEYS];
  bool is_null;
  for (std::size_t i = 0; i < key_places_.size(); ++i)
    key[i] = heap_getattr(row, key_places_[i] + 1, columns, &is_null);
  append_key(out.key, *collection_, key);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    NetRow::Value& told = out.values.emplace_back();
    told.property = columns_[i];
    std::string& json = told.json;
    Datum value = heap_getattr(row, static_cast<int>(i) + 1, columns, &is_null);
    if (is_null)
      json = "null";
    else
      append_wire(json, *columns_[i]->type, value);
  }
}

}  // namespace plait
