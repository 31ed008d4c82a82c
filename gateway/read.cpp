// gateway/read.cpp: results and what changed since a cursor, as SQL.

#include "gateway/read.h"

#include <unordered_set>

#include "core/wire/cursor.h"
#include "gateway/snapshots.h"

namespace plait::gateway {

namespace {

using Parameters = std::vector<std::optional<std::string>>;

// Rows joined by commas, in pieces of about a message.
class Chunks {
 public:
  explicit Chunks(const ReadBounds& bounds) : bounds_(bounds) {}

  void add(const std::string& row) {
    bytes_ += row.size() + 1;
    if (bytes_ > bounds_.result_bytes_max) {
      throw DatabaseError{
          {Code::too_large,
           "the result has more than " + std::to_string(bounds_.result_bytes_max) + " bytes", "",
           "narrow the query"},
          "",
          "",
          false};
    }
    if (chunks_.empty() || chunks_.back().size() + row.size() > bounds_.chunk_bytes) {
      chunks_.push_back(row);
    } else {
      chunks_.back() += ',';
      chunks_.back() += row;
    }
  }
  std::vector<std::string> take() { return std::move(chunks_); }

 private:
  const ReadBounds& bounds_;
  std::size_t bytes_ = 0;
  std::vector<std::string> chunks_;
};

// `t.*` is the whole row even where a column is called t.
std::string select_rows(const Wish& wish) {
  return "SELECT " + std::string(snapshot_columns) + " FROM " + wish.table +
         " t, LATERAL plait.snapshot(t.*) s WHERE (" + wish.where.text + ")";
}

Parameters parameters_of(const Wish& wish) {
  return Parameters(wish.where.parameters.begin(), wish.where.parameters.end());
}

std::string entities_text(const std::vector<EntityId>& entities) {
  std::vector<std::string> ids;
  for (const EntityId& entity : entities) ids.push_back(to_text(entity));
  return array_text(ids);
}

FirstResult read_whole(Database& database, const Wish& wish, const ReadBounds& bounds) {
  FirstResult result;
  Chunks chunks(bounds);
  database.each(select_rows(wish), parameters_of(wish), [&](const Rows& row) {
    result.members.push_back(entity_of(row.text(0, 0)));
    chunks.add(row_text(row, 0));
  });
  result.chunks = chunks.take();
  return result;
}

// The entities that have events after the cursor; nothing: the whole result is wanted instead.
std::optional<std::vector<EntityId>> changed_since(Database& database, const std::string& cursor,
                                                   const std::string& collection, std::int64_t tick,
                                                   const ReadBounds& bounds) {
  auto since = parse_cursor(cursor);
  if (!since || since->seq > tick || tick - since->seq > bounds.ticks_max) return std::nullopt;
  database.run("SAVEPOINT since");
  try {
    Rows rows = database.run(
        "SELECT DISTINCT entity FROM plait.changes_since($1) WHERE collection = $2 LIMIT " +
            std::to_string(bounds.changes_max + 1),
        {cursor, collection});
    if (static_cast<std::size_t>(rows.count()) > bounds.changes_max) return std::nullopt;
    std::vector<EntityId> entities;
    for (int row = 0; row < rows.count(); ++row) entities.push_back(entity_of(rows.text(row, 0)));
    return entities;
  } catch (const DatabaseError& error) {
    if (error.error.code != Code::cursor_unknown) throw;
    database.run("ROLLBACK TO SAVEPOINT since");
    return std::nullopt;
  }
}

// What is in the result now of the entities that changed, and what is not.
FirstResult read_changes(Database& database, const Wish& wish, const std::vector<EntityId>& changed,
                         const ReadBounds& bounds) {
  FirstResult result;
  result.reset = false;
  database.each(
      "SELECT plait.identity(t.*) FROM " + wish.table + " t WHERE (" + wish.where.text + ")",
      parameters_of(wish),
      [&](const Rows& row) { result.members.push_back(entity_of(row.text(0, 0))); });
  std::unordered_set<EntityId> members(result.members.begin(), result.members.end());
  std::unordered_set<EntityId> gone(changed.begin(), changed.end());
  Chunks chunks(bounds);
  database.each("SELECT " + std::string(snapshot_columns) + " FROM plait.snapshots($1, $2) s",
                {wish.collection, entities_text(changed)}, [&](const Rows& row) {
                  EntityId entity = entity_of(row.text(0, 0));
                  gone.erase(entity);
                  if (members.contains(entity)) return chunks.add(row_text(row, 0));
                  wire::Remove& remove = result.remove.emplace_back();
                  remove.entity = entity;
                  remove.head = head_of(row.text(0, 2));
                });
  for (const EntityId& entity : gone) {
    wire::Remove& remove = result.remove.emplace_back();
    remove.entity = entity;
    remove.gone = true;
  }
  result.chunks = chunks.take();
  return result;
}

}  // namespace

FirstResult read_first(Database& database, const FirstRead& read, const Position& position,
                       const ReadBounds& bounds) {
  const Wish& wish = *read.wish;
  std::optional<std::vector<EntityId>> changed;
  if (read.since)
    changed = changed_since(database, *read.since, wish.collection, position.tick, bounds);
  FirstResult result =
      changed ? read_changes(database, wish, *changed, bounds) : read_whole(database, wish, bounds);
  result.position = position;
  return result;
}

FetchedRows read_rows(Database& database, const FetchRead& read, const Position& position,
                      const ReadBounds& bounds) {
  Chunks chunks(bounds);
  database.each(select_rows(*read.wish), parameters_of(*read.wish),
                [&](const Rows& row) { chunks.add(row_text(row, 0)); });
  return {position.tick, chunks.take()};
}

FetchedRows read_rows(Database& database, const EntitiesRead& read, const Position& position,
                      const ReadBounds& bounds) {
  Chunks chunks(bounds);
  database.each("SELECT " + std::string(snapshot_columns) + " FROM plait.snapshots($1, $2) s",
                {read.collection, entities_text(read.entities)},
                [&](const Rows& row) { chunks.add(row_text(row, 0)); });
  return {position.tick, chunks.take()};
}

}  // namespace plait::gateway
