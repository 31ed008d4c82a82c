// gateway/catalogue.h: the collections, as plait.schema() tells of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/query/check.h"
#include "core/result.h"

namespace plait::gateway {

struct Collection {
  query::Schema schema;              // name, and the properties that have a column
  std::string table;                 // "public"."album", quoted
  std::vector<std::string> key;      // properties
  std::vector<std::string> derived;  // of generated columns
  std::string why_not;               // not readable, for this reason; empty: readable
  bool being_tracked = false;        // then it will be, soon
  Json told;                         // as plait.schema() gave it
};

class Catalogue {
 public:
  // The labels of enums by type name, as format_type gives it.
  using EnumLabels = std::map<std::string, std::vector<std::string>, std::less<>>;

  Catalogue() = default;
  // `schema`: plait.schema()'s answer. Refuses internal: it has another shape.
  static Result<Catalogue> read(const Json& schema, const EnumLabels& labels);

  // Refuses unknown_collection (with the names that there are), being_tracked, and not_supported
  // for one that this gateway must not read.
  Result<std::shared_ptr<const Collection>> readable(std::string_view name) const;
  // nullptr: there is none.
  std::shared_ptr<const Collection> find(std::string_view name) const;

  const Json& told() const { return told_; }
  // The collections that are not the same in the other one.
  std::vector<std::string> differences(const Catalogue& other) const;

 private:
  std::map<std::string, std::shared_ptr<const Collection>, std::less<>> collections_;
  Json told_ = Json::object();
};
using CataloguePtr = std::shared_ptr<const Catalogue>;

}  // namespace plait::gateway
