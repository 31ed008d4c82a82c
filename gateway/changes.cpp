// gateway/changes.cpp: three reads a batch: the events, the rows, and winners where events do not
// tell.

#include "gateway/changes.h"

#include <algorithm>
#include <unordered_map>

#include "core/event/operations.h"
#include "gateway/snapshots.h"

namespace plait::gateway {

namespace {

// The events of one entity in a batch, by id.
struct Gathered {
  EntityId entity;
  std::vector<FeedEvent> events;
};
using ByCollection = std::map<std::string, std::vector<Gathered>, std::less<>>;

FeedEvent read_event(const Rows& row) {
  FeedEvent event{EventId(id_of(row.text(0, 2))), head_of(row.text(0, 3)), false, {}, true};
  auto json = parse_json(row.text(0, 4), {stored_json_depth_max});
  // An operation that this release does not know changes what nobody here can name: the head alone
  // tells.
  auto operations = json ? read_operations(*json) : Result<Operations>(json.error());
  if (!operations) return event;
  event.creates = operations->creates;
  for (const auto& change : operations->changes) {
    event.only_sets &= change.verb == "set";
    event.properties.emplace_back(change.property);
  }
  return event;
}

ByCollection read_events(Database& database, const std::string& cursor, const Watched& watched) {
  std::vector<std::string> names;
  for (const auto& [name, telling] : watched) names.push_back(name);
  ByCollection gathered;
  std::map<std::string, std::unordered_map<EntityId, std::size_t>, std::less<>> places;
  database.each(
      "SELECT collection, entity, id, parents, operations FROM plait.changes_since($1) "
      "WHERE collection = ANY ($2)",
      {cursor, array_text(names)}, [&](const Rows& row) {
        std::string collection(row.text(0, 0));
        EntityId entity = entity_of(row.text(0, 1));
        auto& entities = gathered[collection];
        auto [place, is_new] = places[collection].try_emplace(entity, entities.size());
        if (is_new) entities.push_back({entity, {}});
        entities[place->second].events.push_back(read_event(row));
      });
  return gathered;
}

std::unordered_map<EntityId, std::shared_ptr<const RowNow>> read_rows(
    Database& database, const std::string& collection, const std::vector<Gathered>& entities) {
  std::vector<std::string> ids;
  for (const Gathered& gathered : entities) ids.push_back(to_text(gathered.entity));
  std::unordered_map<EntityId, std::shared_ptr<const RowNow>> found;
  database.each("SELECT " + std::string(snapshot_columns) + " FROM plait.snapshots($1, $2) s",
                {collection, array_text(ids)}, [&](const Rows& row) {
                  found[entity_of(row.text(0, 0))] =
                      std::make_shared<const RowNow>(row_now(row, 0));
                });
  return found;
}

Json name_list(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names) list.push(Json::string(name));
  return list;
}

// Asks who holds the properties of these changes.
void read_winners(Database& database, const std::string& collection,
                  const std::map<EntityId, std::shared_ptr<Change>>& changes) {
  if (changes.empty()) return;
  Json asked = Json::array();
  for (const auto& [entity, change] : changes) {
    Json one = Json::object();
    one.set("entity", Json::string(to_text(entity)));
    one.set("properties", name_list(change->properties));
    asked.push(std::move(one));
  }
  Rows rows = database.run(
      "SELECT w.entity, plait.winners($1, w.entity::plait.ulid, w.properties) "
      "FROM jsonb_to_recordset($2::jsonb) w(entity text, properties text[])",
      {collection, to_text(asked)});
  for (int row = 0; row < rows.count(); ++row) {
    auto told = parse_json(rows.text(row, 1));
    if (!told || !told->is_object()) continue;
    Change& change = *changes.at(entity_of(rows.text(row, 0)));
    for (const auto& [property, event] : told->as_object()) {
      if (event.is_string()) change.won.emplace_back(property, EventId(id_of(event.as_string())));
    }
  }
}

std::vector<std::string> named_properties(const std::vector<FeedEvent>& events) {
  std::vector<std::string> names;
  for (const FeedEvent& event : events) {
    for (const std::string& name : event.properties) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

bool names_any(const std::vector<std::string>& properties, const std::vector<std::string>& key) {
  return std::ranges::any_of(key, [&](const std::string& name) {
    return std::ranges::find(properties, name) != properties.end();
  });
}

std::vector<ChangePtr> changes_of(Database& database, const std::string& collection,
                                  const Telling& telling, std::vector<Gathered>& entities) {
  auto rows = read_rows(database, collection, entities);
  std::vector<std::shared_ptr<Change>> changes;
  std::map<EntityId, std::shared_ptr<Change>> undecided;
  for (Gathered& gathered : entities) {
    auto change = std::make_shared<Change>();
    change->entity = gathered.entity;
    change->created = std::ranges::any_of(gathered.events, &FeedEvent::creates);
    change->properties = named_properties(gathered.events);
    auto row = rows.find(gathered.entity);
    if (row != rows.end()) {
      change->row = row->second;
      auto winners = winners_of_chain(gathered.events, change->row->head);
      if (winners) change->won = std::move(*winners);
      if (!winners && !change->properties.empty()) undecided.emplace(gathered.entity, change);
    }
    changes.push_back(std::move(change));
  }
  read_winners(database, collection, undecided);
  for (const auto& change : changes) {
    if (!change->properties.empty())
      change->properties.insert(change->properties.end(), telling.derived.begin(),
                                telling.derived.end());
    change->key_changed = names_any(change->properties, telling.key);
  }
  return std::vector<ChangePtr>(changes.begin(), changes.end());
}

std::size_t bytes_of(const Change& change) {
  constexpr std::size_t fixed = 256;
  // The row as text, and about twice as much as values.
  return fixed + (change.row ? 3 * change.row->text.size() : 0);
}

}  // namespace

std::optional<wire::Winners> winners_of_chain(std::span<const FeedEvent> events,
                                              std::span<const EventId> head) {
  if (head.size() != 1 || head.front() != events.back().id) return std::nullopt;
  for (std::size_t i = 1; i < events.size(); ++i) {
    const auto& parents = events[i].parents;
    if (parents.size() != 1 || parents.front() != events[i - 1].id) return std::nullopt;
  }
  wire::Winners winners;
  for (const FeedEvent& event : events) {
    if (!event.only_sets) return std::nullopt;
    for (const std::string& property : event.properties) {
      auto known = std::ranges::find(winners, property, &wire::Winners::value_type::first);
      if (known == winners.end()) {
        winners.emplace_back(property, event.id);
      } else {
        known->second = event.id;
      }
    }
  }
  return winners;
}

void read_changes(Database& database, const std::string& cursor, const Watched& watched,
                  Batch& batch) {
  for (auto& [collection, entities] : read_events(database, cursor, watched)) {
    auto changes = changes_of(database, collection, watched.find(collection)->second, entities);
    for (const ChangePtr& change : changes) batch.bytes += bytes_of(*change);
    batch.changes.emplace(collection, std::move(changes));
  }
}

}  // namespace plait::gateway
