// gateway/catalogue.cpp: reads plait.schema()'s answer.

#include "gateway/catalogue.h"

#include "core/query/keywords.h"
#include "core/query/sql.h"
#include "core/wire/members.h"

namespace plait::gateway {

namespace {

using wire::Members;

query::Schema read_properties(Members& members, const Catalogue::EnumLabels& labels) {
  query::Schema schema{members.text("name"), {}};
  members.each("properties", [&](Members property) {
    auto column = property.text_or_nothing("column");
    if (!column) return;  // dropped: its history stays, its values are gone
    query::Property read{property.text("name"), *column, property.text("type"), {}};
    auto known = labels.find(read.type);
    if (known != labels.end()) read.labels = known->second;
    schema.properties.push_back(std::move(read));
  });
  return schema;
}

std::vector<std::string> read_derived(Members& members) {
  std::vector<std::string> derived;
  members.each("properties", [&](Members property) {
    if (property.boolean("derived")) derived.push_back(property.text("name"));
  });
  return derived;
}

std::vector<std::string> read_key(Members& members) {
  std::vector<std::string> key;
  for (const Json& property : members.array("key").as_array()) {
    if (property.is_string()) key.push_back(property.as_string());
  }
  return key;
}

std::string read_why_not(Members& members) {
  const Json* readable = members.find("readable");
  if (readable != nullptr && readable->is_boolean() && readable->as_boolean()) return "";
  if (readable != nullptr && readable->is_string()) return readable->as_string();
  return "it cannot be read by the gateway's role";
}

}  // namespace

Result<Catalogue> Catalogue::read(const Json& schema, const EnumLabels& labels) {
  Catalogue catalogue;
  catalogue.told_ = schema;
  wire::Wrong wrong;
  Members members(schema, "", wrong);
  members.each("collections", [&](Members told) {
    auto collection = std::make_shared<Collection>();
    collection->schema = read_properties(told, labels);
    collection->table = query::quoted_identifier(told.text("schema")) + "." +
                        query::quoted_identifier(told.text("table"));
    collection->key = read_key(told);
    collection->derived = read_derived(told);
    collection->why_not = read_why_not(told);
    collection->being_tracked = told.boolean("being_tracked");
    collection->told = told.whole();
    catalogue.collections_.insert_or_assign(collection->schema.collection, std::move(collection));
  });
  if (wrong) {
    return Error{Code::internal, "plait.schema() gave what is no schema: " + wrong->what,
                 wrong->where, "use a gateway of the extension's release"};
  }
  return catalogue;
}

std::shared_ptr<const Collection> Catalogue::find(std::string_view name) const {
  auto found = collections_.find(name);
  return found == collections_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const Collection>> Catalogue::readable(std::string_view name) const {
  auto collection = find(name);
  if (collection == nullptr) {
    std::string hint =
        collections_.empty() ? "no table is tracked: SELECT plait.track('…')" : "there are ";
    const char* between = "";
    for (const auto& [known, unused] : collections_) {
      hint += between + query::as_written(known);
      between = ", ";
    }
    return Error{Code::unknown_collection, "there is no collection \"" + std::string(name) + "\"",
                 "", hint};
  }
  if (collection->being_tracked) {
    return Error{
        Code::being_tracked, std::string(name) + " cannot be read yet: " + collection->why_not, "",
        "try again when plait.track_concurrently has come to its end: plait.progress shows "
        "how far it is"};
  }
  if (!collection->why_not.empty()) {
    return Error{
        Code::not_supported, std::string(name) + " cannot be read: " + collection->why_not, "",
        "the gateway reads tables that its role may SELECT whole, without row level security"};
  }
  return collection;
}

std::vector<std::string> Catalogue::differences(const Catalogue& other) const {
  std::vector<std::string> names;
  for (const auto& [name, collection] : collections_) {
    auto theirs = other.find(name);
    if (theirs == nullptr || theirs->told != collection->told ||
        theirs->schema.properties.size() != collection->schema.properties.size()) {
      names.push_back(name);
    }
  }
  for (const auto& [name, unused] : other.collections_) {
    if (find(name) == nullptr) names.push_back(name);
  }
  return names;
}

}  // namespace plait::gateway
