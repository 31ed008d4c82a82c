// extension/schema.cpp: plait.schema(): collections and properties as gateways and clients need
// them.

#include "extension/wall.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "extension/access.h"
#include "extension/argument.h"

namespace plait {

namespace {

struct TableName {
  const char* schema;
  const char* table;
  const char* not_readable;
};

// Postgres' own types by their plain names, others with their schema, whatever the search_path
// says.
std::string type_name(const WireType& type) {
  std::string_view name = pg([&] {
    return format_type_extended(type.type, type.typmod,
                                FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
  });
  constexpr std::string_view own = "pg_catalog.";
  if (name.starts_with(own)) name.remove_prefix(own.size());
  return std::string(name);
}

// Who subscribed to half of a table would take it for the whole.
const char* why_not(const Collection& collection) {
  const char* reason = access_to(collection).why_not_whole;
  return reason == nullptr && collection.being_backfilled ? "its rows are being given their genesis"
                                                          : reason;
}

Json describe_property(const TrackedProperty& property) {
  Json json = Json::object();
  json.set("name", Json::string(property.name));
  json.set("column", Json::string(property.column));
  json.set("type", Json::string(type_name(*property.type)));
  json.set("merge", Json::string(property.merge));
  json.set("not_null", Json::boolean(property.not_null));
  if (property.derived) json.set("derived", Json::boolean(true));
  if (!property.initial.empty())
    json.set("initial", or_refuse(parse_json(property.initial, {stored_json_depth_max})));
  return json;
}

Json describe_collection(const Collection& collection) {
  TableName name = pg([&] {
    return TableName{get_namespace_name(get_rel_namespace(collection.relation)),
                     get_rel_name(collection.relation), why_not(collection)};
  });
  Json json = Json::object();
  json.set("name", Json::string(collection.name));
  json.set("schema", Json::string(name.schema));
  json.set("table", Json::string(name.table));
  Json key = Json::array();
  for (int position : collection.key)
    key.push(Json::string(collection.properties[static_cast<std::size_t>(position)].name));
  json.set("key", std::move(key));
  json.set("readable",
           name.not_readable == nullptr ? Json::boolean(true) : Json::string(name.not_readable));
  // In the order of the table's columns, as people know it.
  std::vector<const TrackedProperty*> in_order;
  for (const TrackedProperty& property : collection.properties) in_order.push_back(&property);
  std::ranges::sort(in_order, {}, &TrackedProperty::attribute);
  if (collection.being_backfilled) json.set("being_tracked", Json::boolean(true));
  Json properties = Json::array();
  for (const TrackedProperty* property : in_order) properties.push(describe_property(*property));
  json.set("properties", std::move(properties));
  return json;
}

}  // namespace

// plait.schema() -> jsonb
PLAIT_FUNCTION(plait_schema) {
  Json collections = Json::array();
  for (const CollectionRef& collection : all_collections()) {
    bool has_table = pg([&] { return get_rel_name(collection->relation) != nullptr; });
    if (collection->tracked && has_table) collections.push(describe_collection(*collection));
  }
  Json schema = Json::object();
  schema.set("collections", std::move(collections));
  return jsonb_datum(to_text(schema));
}

}  // namespace plait
