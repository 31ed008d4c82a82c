// core/query/evaluate.h: is a predicate true of a state? Three-valued, as Postgres decides it.
#pragma once

#include "core/event/json.h"
#include "core/query/term.h"
#include "core/result.h"

namespace plait::query {

enum class Truth : std::uint8_t { no, unknown, yes };

// `state`: an object of wire values by property, as snapshots carry it; a property that it does not
// have is NULL. A row is in the result iff the answer is `yes`. Refuses bad_value (the property in
// Error::where) where the state holds what its column's type cannot, that is, when predicate and
// state belong to different schemas. Allocates only for numeric and text conversions; cost: linear
// in the predicate, logarithmic in a list of IN.
Result<Truth> evaluate(const Predicate& predicate, const Json& state);

}  // namespace plait::query
