// cli/change_lines.h: what a unit did to a query, as lines to read or as one line of JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/collection.h"
#include "client-sdk/cpp/session.h"

namespace plait::cli {

//   tick 42
//     ~ 254  stars=5 (was null)
//     - 255  gone
// The first result is headed by the query: album where year > 2000: 26 rows at tick 41
// A new row's key stands before it, so it is not among its properties.
std::string change_lines(std::string_view query, const std::optional<std::string>& cursor,
                         const client::QueryChanges& changes, const Collection& collection);

// {"add":[{"entity","head","key","state"}],"cursor","first"?,"remove":[{"entity","gone","key"}],"tick",
//  "update":[{"before","entity","head","key","set"}]}
std::string change_json(const std::optional<std::string>& cursor,
                        const client::QueryChanges& changes);

}  // namespace plait::cli
