// gateway/snapshots.cpp: text of Postgres → rows.

#include "gateway/snapshots.h"

namespace plait::gateway {

namespace {

[[noreturn]] void misread(std::string_view what) {
  throw DatabaseError{{Code::internal, "the extension gave what is not " + std::string(what), "",
                       "use a gateway of the extension's release"},
                      "",
                      "",
                      false};
}

}  // namespace

Ulid id_of(std::string_view text) {
  auto id = parse_ulid(text);
  if (!id) misread("an id");
  return *id;
}

Head head_of(std::string_view array) {
  Head head;
  for (const std::string& id : array_items(array)) head.push_back(EventId(id_of(id)));
  return head;
}

std::string row_text(const Rows& rows, int row) {
  std::string out;
  wire::append_row(out, entity_of(rows.text(row, 0)), rows.text(row, 1), head_of(rows.text(row, 2)),
                   rows.text(row, 3));
  return out;
}

RowNow row_now(const Rows& rows, int row) {
  auto state = parse_json(rows.text(row, 3), {stored_json_depth_max});
  if (!state) misread("a state");
  return {std::string(rows.text(row, 1)), head_of(rows.text(row, 2)), std::move(*state),
          row_text(rows, row)};
}

}  // namespace plait::gateway
