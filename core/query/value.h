// core/query/value.h: a value in the form in which it is compared.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/event/decimal.h"
#include "core/event/json.h"
#include "core/query/type.h"

namespace plait::query {

// monostate is NULL; integers, moments and ranks are std::int64_t; a string is owned, a string_view
// belongs to the state that it was read from.
using Value = std::variant<std::monostate, bool, std::int64_t, Decimal, double, std::string,
                           std::string_view>;

inline bool is_null(const Value& value) { return value.index() == 0; }

// A wire value of this type (design §4, "Values on the wire"). Nothing: the type has no such value.
// REQUIRES: not Family::other. The result may point into `wire`.
std::optional<Value> read_wire(const Json& wire, Family family,
                               const std::vector<std::string>& labels);

// Brings an integer into a float domain, text into char's; leaves all else as it is.
Value to_domain(Value value, Domain domain);

// The order of two values of one domain. REQUIRES: neither is NULL.
std::weak_ordering compare(const Value& a, const Value& b);

// char(n) as it is compared.
std::string_view without_trailing_blanks(std::string_view text);

}  // namespace plait::query
