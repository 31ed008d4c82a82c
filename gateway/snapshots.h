// gateway/snapshots.h: rows of plait.snapshot() as the gateway passes them on.
#pragma once

#include <string>
#include <vector>

#include "gateway/batch.h"
#include "gateway/database.h"

namespace plait::gateway {

// SELECT's columns: entity, key, head, state.
inline constexpr std::string_view snapshot_columns = "s.entity, s.key, s.head, s.state";

Ulid id_of(std::string_view text);
inline EntityId entity_of(std::string_view text) { return EntityId(id_of(text)); }
Head head_of(std::string_view array);

// Row `row` of such a SELECT, as `rows` and `add` carry it.
std::string row_text(const Rows& rows, int row);
// The same with its values read.
RowNow row_now(const Rows& rows, int row);

}  // namespace plait::gateway
