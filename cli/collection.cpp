// cli/collection.cpp: the schema, and rows by their keys.

#include "cli/collection.h"

#include <algorithm>
#include <utility>

#include "core/query/sql.h"

namespace plait::cli {

namespace {

std::string text_member(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  return member != nullptr && member->is_string() ? member->as_string() : std::string();
}

const Json::Array& array_member(const Json& object, std::string_view name) {
  static const Json::Array none;
  const Json* member = object.find(name);
  return member != nullptr && member->is_array() ? member->as_array() : none;
}

Collection read_collection(const Json& told) {
  Collection collection;
  collection.name = text_member(told, "name");
  for (const Json& property : array_member(told, "key")) {
    if (property.is_string()) collection.key.push_back(property.as_string());
  }
  for (const Json& property : array_member(told, "properties")) {
    collection.properties.push_back({text_member(property, "name"), text_member(property, "type")});
  }
  const Json* readable = told.find("readable");
  bool can_be_read = readable != nullptr && readable->is_boolean() && readable->as_boolean();
  if (!can_be_read) collection.why_not = text_member(told, "readable");
  if (!can_be_read && collection.why_not.empty())
    collection.why_not = "the gateway's role cannot read it";
  return collection;
}

// The values of a key of several columns, as text.
Result<Json> key_values(const Collection& collection, const std::string& key) {
  if (collection.key.size() == 1) return Json::array({Json::string(key)});
  auto parsed = parse_json(key);
  if (parsed && parsed->is_array() && parsed->as_array().size() == collection.key.size())
    return parsed;
  std::string columns;
  for (const std::string& name : collection.key) columns += (columns.empty() ? "" : ", ") + name;
  return Error{Code::bad_value,
               "\"" + key + "\" is no key of " + collection.name,
               {},
               "it is a JSON array of " + columns + R"(, quoted for the shell: '["1","42"]')"};
}

}  // namespace

std::vector<std::string> Collection::names() const {
  std::vector<std::string> names = key;
  for (const Property& property : properties) {
    if (std::ranges::find(key, property.name) == key.end()) names.push_back(property.name);
  }
  return names;
}

std::vector<Collection> read_collections(const Json& schema) {
  std::vector<Collection> collections;
  for (const Json& told : array_member(schema, "collections"))
    collections.push_back(read_collection(told));
  return collections;
}

Result<Collection> find_collection(const Json& schema, std::string_view name) {
  std::string known;
  for (Collection& collection : read_collections(schema)) {
    if (collection.name != name) {
      known += (known.empty() ? "" : ", ") + collection.name;
      continue;
    }
    if (collection.why_not.empty()) return std::move(collection);
    return Error{Code::permission_denied,
                 std::string(name) + " cannot be read: " + collection.why_not,
                 {},
                 {}};
  }
  return Error{Code::unknown_collection,
               "there is no collection " + std::string(name),
               {},
               known.empty()
                   ? "none is tracked yet: SELECT plait.track('" + std::string(name) + "')"
                   : "there are " + known};
}

Result<wire::FetchQuery> row_query(const Collection& collection, const std::string& key) {
  auto values = key_values(collection, key);
  if (!values) return values.error();
  wire::FetchQuery fetch{query::quoted_identifier(collection.name) + " where ", std::move(*values)};
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    if (i > 0) fetch.query += " and ";
    fetch.query += query::quoted_identifier(collection.key[i]) + " = $" + std::to_string(i + 1);
  }
  return fetch;
}

}  // namespace plait::cli
