// cli/collection.h: what the gateway's schema says of a collection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/event/json.h"
#include "core/result.h"
#include "core/wire/message.h"

namespace plait::cli {

struct Property {
  std::string name;
  std::string type;  // of the column, as SQL writes it
};

struct Collection {
  std::string name;
  std::vector<std::string> key;  // properties
  std::vector<Property> properties;
  std::string why_not;  // it cannot be read; empty: it can

  std::vector<std::string> names() const;  // of its properties, the key's first
};

std::vector<Collection> read_collections(const Json& schema);

// Refuses unknown_collection (the others in Error::hint), permission_denied (it cannot be read).
Result<Collection> find_collection(const Json& schema, std::string_view name);

// The query for the row of a key: the value's text for one key column, else a JSON array of them.
// Refuses bad_value.
Result<wire::FetchQuery> row_query(const Collection& collection, const std::string& key);

}  // namespace plait::cli
