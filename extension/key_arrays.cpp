// extension/key_arrays.cpp: many keys as parameters of one statement.

#include "extension/key_arrays.h"

#include "extension/key.h"
#include "extension/spi.h"

namespace plait {

namespace {

Datum key_array(WireType& type, const Json::Array& column) {
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (column.size() + 1)));
  bool is_null;
  for (std::size_t i = 0; i < column.size(); ++i)
    values[i] = read_stored(type, column[i], &is_null);
  return PointerGetDatum(construct_array(values, static_cast<int>(column.size()), type.base,
                                         type.length, type.by_value, type.align));
}

}  // namespace

std::string is_one_of_keys(const Collection& collection) {
  std::size_t count = collection.key.size();
  std::string arrays;
  std::string names;
  std::string condition;
  for (std::size_t i = 0; i < count; ++i) {
    std::string number = std::to_string(i + 1);
    std::string_view comma = i == 0 ? "" : ", ";
    arrays.append(comma).append("pg_catalog.unnest($" + number + ")");
    names.append(comma).append("k" + number);
    condition += (i == 0 ? "t." : " AND t.") + quoted(key_property(collection, i).column) + " ";
    condition += pg([&] { return key_equality(collection, i); });
    condition += count == 1 ? " ANY ($1)" : " k.k" + number;
  }
  if (count == 1) return condition;
  return "EXISTS (SELECT FROM ROWS FROM (" + arrays + ") k (" + names + ") WHERE " + condition +
         ")";
}

std::vector<Json::Array> key_columns(const Collection& collection,
                                     std::span<const std::string> keys) {
  std::vector<Json::Array> columns(collection.key.size());
  for (const std::string& key : keys) {
    Json values = or_refuse(parse_json(key));
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].push_back(values.as_array()[i]);
  }
  return columns;
}

void key_parameters(const Collection& collection, const std::vector<Json::Array>& columns,
                    Oid* types, Datum* values) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    WireType& type = *key_property(collection, i).type;
    types[i] = get_array_type(type.base);
    values[i] = key_array(type, columns[i]);
  }
}

}  // namespace plait
