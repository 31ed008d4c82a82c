// cli/text.h: values, rows and errors as lines to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/event/hlc.h"
#include "core/event/json.h"

namespace plait::cli {

// A wire value: strings that cannot be mistaken as they are, all else as JSON. Nothing in it moves
// a terminal's cursor.
std::string value_text(const Json& value);

// title="Origin of Symmetry"  year=2001: members in the order of `properties`, others behind them.
std::string members_text(const Json& object, const std::vector<std::string>& properties);

// What the operations of an event did: create title=Bliss  year=2001
std::string operations_text(const Json& operations, const std::vector<std::string>& properties);

// plait: album has no property "yaer" (position 13) [unknown_property]
//   it has id, title, year
std::string error_text(const Error& error);

// The query with a mark under the place that an error names ("position 13"); empty: it names none.
std::string marked_query(std::string_view query, const Error& error);

}  // namespace plait::cli
