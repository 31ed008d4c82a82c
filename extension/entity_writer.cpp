// extension/entity_writer.cpp: neighbouring events of one entity become one row write and their
// rows in the ledger.

#include "extension/entity_writer.h"

#include <algorithm>

#include "extension/access.h"
#include "extension/author.h"
#include "extension/entity_key.h"
#include "extension/identity.h"
#include "extension/key.h"
#include "extension/merge_view.h"
#include "extension/node.h"
#include "extension/reference.h"
#include "extension/settings.h"
#include "extension/stored_event.h"
#include "extension/under_way.h"

namespace plait {

namespace {

// How many events after a late one a merge looks at.
constexpr std::int64_t later_events_max = 10'000;

// The registers as the events alone say them: a reference is for the follow-up to resolve.
RowValues without_references(const Collection& collection, const RowValues& values) {
  RowValues result;
  for (const auto& [name, value] : values) {
    const TrackedProperty* property = collection.property(name);
    if (property != nullptr && !property->derived && !referred_entity(collection, *property, value))
      result.emplace(name, value);
  }
  return result;
}

RowValues values_of(const Registers& registers) {
  RowValues values;
  for (const auto& [name, reg] : registers) values.emplace(name, reg.value);
  return values;
}

void expect_written(std::uint64_t rows, const Collection& collection, const RequestedEvent& first) {
  if (rows == 0)
    refuse(Code::write_refused,
           "a trigger or policy of collection " + collection.name + " let no row through",
           first.where(), "A BEFORE trigger returned NULL, or no policy covers this row.");
}

}  // namespace

void refuse_key_taken(const RequestedEvent& first) {
  refuse(Code::entity_exists, "an entity with this key exists already", first.where("/entity"),
         "Fetch it by its key and send an update; if it is not for you to see, or was deleted, "
         "create another key.");
}

EntityWriter::EntityWriter(const Collection& collection, const EntityId& entity, EntityLocks& locks)
    : collection_(collection),
      locks_(locks),
      locked_(locks.of(collection, entity)),
      properties_(properties_of(collection)) {
  EntityPosition position = position_of(collection, entity);
  head_ = position.head;
  had_wide_head_ = head_.size() > 1;
}

void EntityWriter::write(std::span<const RequestedEvent* const> events,
                         Expectations& expectations) {
  const RequestedEvent& first = *events.front();
  for (const RequestedEvent* requested : events)
    if (requested->event.is_genesis()) check_genesis(*requested);
  check_parents(events);
  Head head = advance_head(events);
  Effect effect = effect_of(events);
  write_row(effect, first, expectations);
  locked_.life = effect.life;
  store(events, head);
}

// Design 3: what a genesis may name as its entity.
void EntityWriter::check_genesis(const RequestedEvent& requested) {
  if (!head_.empty() || locked_.life != Life::absent) {
    std::string head = "Its head is in this commit";
    if (!head_.empty())
      head = may_read_whole() ? "Its head is " + to_text(head_.back()) : "Fetch its head";
    refuse(Code::entity_exists, "entity " + to_text(locked_.entity) + " exists already",
           requested.where("/entity"),
           head + ": send an update, or a create with parents to restore it.");
  }
  auto operations = or_refuse(read_operations(requested.event.operations));
  if (!operations.creates)
    refuse(Code::bad_event, "an event without parents does not create",
           requested.where("/operations"),
           "A genesis has {\"create\": true}; all else names its parents.");
  if (!requested.event.entity) return;
  bool is_natural = requested.event.entity->hlc() == 0 || collection_.naming == Naming::ulid;
  if (collection_.naming == Naming::genesis && requested.event.entity->hlc() == 0)
    refuse(Code::bad_entity, "a stamped id is needed in collection " + collection_.name,
           requested.where("/entity"), "Leave entity out: the genesis' own id becomes it.");
  if (!is_natural) return;
  std::string natural = natural_key(collection_, *requested.event.entity);
  Json key = or_refuse(parse_json(natural));
  for (std::size_t i = 0; i < collection_.key.size(); ++i) {
    const TrackedProperty& property =
        collection_.properties[static_cast<std::size_t>(collection_.key[i])];
    const Json* set = requested.event.operations.find("set");
    const Json* value = set == nullptr ? nullptr : set->find(property.name);
    if (value == nullptr) continue;
    std::string said = value->is_string() ? value->as_string() : to_text(*value);
    if (said != key.as_array()[i].as_string())
      refuse(Code::bad_entity, "the entity's id says another key than its " + property.name,
             requested.where("/entity"), "Send the id of that key, or leave the property out.");
  }
}

void EntityWriter::check_parents(std::span<const RequestedEvent* const> events) {
  std::vector<EventId> here;
  for (const RequestedEvent* requested : events) {
    std::string missing;
    for (const EventId& parent : requested->event.parents) {
      if (std::ranges::find(here, parent) != here.end()) continue;
      if (read_event(collection_.number, locked_.entity, parent, SnapshotSelf)) continue;
      missing += (missing.empty() ? "" : ", ") + to_text(parent);
    }
    if (!missing.empty())
      refuse(Code::missing_parents, "no events of this entity: " + missing,
             requested->where("/parents"),
             "Send them first; parents are events of the same entity.");
    here.push_back(requested->event.id);
  }
}

Head EntityWriter::advance_head(std::span<const RequestedEvent* const> events) {
  Head head = head_;
  for (const RequestedEvent* requested : events) {
    if (requested->expects_head && requested->event.parents != head)
      refuse(Code::head_moved, "the head of " + to_text(locked_.entity) + " is another one",
             requested->where("/parents"), "Fetch the entity, decide again, stamp a new event.");
    head = advance(head, requested->event.id, requested->event.parents);
  }
  if (head.size() > head_width_max)
    refuse(Code::head_too_wide,
           "the head would have " + std::to_string(head.size()) + " events, " +
               std::to_string(head_width_max) + " are allowed",
           events.front()->where("/parents"), "Fetch the entity and name its head as parents.");
  return head;
}

Effect EntityWriter::effect_of(std::span<const RequestedEvent* const> events) {
  for (const RequestedEvent* requested : events)
    fresh_.push_back({requested->event.id, requested->event.parents,
                      or_refuse(read_operations(requested->event.operations))});
  std::vector<StoredEvent> stored;
  bool is_late = !head_.empty() && head_.back() > events.front()->event.id;
  if (is_late)
    stored = read_events(
        {collection_.number, locked_.entity, events.front()->event.id, later_events_max + 1},
        SnapshotSelf);
  if (static_cast<std::int64_t>(stored.size()) > later_events_max)
    refuse(Code::history_compacted,
           "more than " + std::to_string(later_events_max) + " events came after this one",
           events.front()->where("/id"), "Stamp it again on the present head.");
  Present present = [&](const Property& property) { return present_value(property.name); };
  return or_refuse(effect(properties_, locked_.life, present, fresh_, views(stored)));
}

// What the row holds, as on the wire.
Json EntityWriter::present_value(const std::string& name) const {
  const TrackedProperty* property = collection_.property(name);
  if (property == nullptr) return Json();  // its column is gone
  std::string text = "null";
  HeapTuple row = row_as_it_is(collection_, or_refuse(parse_json(locked_.key)));
  pg([&] {
    bool is_null;
    Datum value = heap_getattr(row, property->attribute, collection_.columns, &is_null);
    if (!is_null) append_wire(text = "", *property->type, value);
  });
  return or_refuse(parse_json(text, {stored_json_depth_max}));
}

void EntityWriter::write_row(const Effect& effect, const RequestedEvent& first,
                             Expectations& expectations) {
  if (effect.row == RowWrite::none) return;
  auto [found, is_new] = expectations.try_emplace({collection_.number, locked_.entity});
  Expectation& expected = found->second;
  if (is_new) {
    expected.collection = locked_.collection;
    if (locked_.life == Life::alive) {
      expected.first_key = expected.last_key = locked_.key;
      expected.image = row_as_it_is(collection_, or_refuse(parse_json(locked_.key)));
    }
  }
  switch (effect.row) {
    case RowWrite::insert:
      return insert(with_key(values_of(effect.registers), first), first, expected);
    case RowWrite::restore:
      return insert(restored_values(effect, first), first, expected);
    case RowWrite::update:
      return update(values_of(effect.registers), first, expected);
    case RowWrite::remove:
      return remove(first, expected);
    case RowWrite::none:
      return;
  }
}

bool EntityWriter::may_read_whole() const {
  return pg([&] { return access_to(collection_).sight == Sight::whole; });
}

// The whole state of a dead entity; of its history only what the caller may see.
RowValues EntityWriter::restored_values(const Effect& effect, const RequestedEvent& first) {
  RowValues values = values_of(effect.registers);
  bool is_whole = std::ranges::all_of(collection_.properties, [&](const TrackedProperty& property) {
    return property.derived || property.key_position >= 0 || values.contains(property.name);
  });
  if (!is_whole) {
    if (!may_read_whole())
      refuse(Code::restore_incomplete, "a restore by this role must name every property",
             first.where("/operations/set"), "It may not read the whole table, so name them all.");
    std::vector<StoredEvent> stored =
        read_events({collection_.number, locked_.entity}, SnapshotSelf);
    std::vector<EventView> all = views(stored);
    all.insert(all.end(), fresh_.begin(), fresh_.end());
    Json state =
        values_of(collection_, properties_, locked_.entity, or_refuse(fold(properties_, all)));
    values.clear();
    for (const auto& [name, value] : state.as_object())
      if (const TrackedProperty* property = collection_.property(name);
          property && !property->derived)
        values.emplace(name, value);
  }
  values = with_key(std::move(values), first);
  // A key column that came after its death: its default says, for no key is null.
  std::erase_if(values, [&](const auto& named) {
    const TrackedProperty* property = collection_.property(named.first);
    return named.second.is_null() && property != nullptr && property->key_position >= 0;
  });
  return values;
}

// The registers as the row takes them: references resolved.
RowValues EntityWriter::resolved(const RowValues& values, const std::string& where) const {
  RowValues result;
  for (const auto& [name, value] : values) {
    const TrackedProperty* property = collection_.property(name);
    if (property == nullptr || property->derived) continue;
    auto entity = referred_entity(collection_, *property, value);
    result.emplace(name, entity ? resolve_reference(collection_, *property, *entity, locks_,
                                                    where + "/operations/set/" + name)
                                : value);
  }
  return result;
}

// Adds the key columns where the entity says them: by its key as it was, or by its id.
RowValues EntityWriter::with_key(RowValues values, const RequestedEvent&) {
  std::string key = locked_.key;
  bool named_by_id = locked_.entity.hlc() == 0 || collection_.naming == Naming::ulid;
  if (key.empty() && named_by_id && locked_.life == Life::absent)
    key = natural_key(collection_, locked_.entity);
  if (key.empty()) return values;
  Json array = or_refuse(parse_json(key));
  for (std::size_t i = 0; i < collection_.key.size(); ++i) {
    const std::string& name =
        collection_.properties[static_cast<std::size_t>(collection_.key[i])].name;
    auto value = values.find(name);
    if (value == values.end() || value->second.is_null())
      values.insert_or_assign(name, array.as_array()[i]);
  }
  return values;
}

// A dead entity has the key. Which, and its head, is told to those alone who may read it; to others
// it is as any row that they do not see.
void EntityWriter::refuse_taken(const std::string& key, const EntityId& owner,
                                const RequestedEvent& first) {
  if (!may_read_whole()) refuse_key_taken(first);
  refuse(Code::entity_exists, "the key " + key + " is entity " + to_text(owner) + "'s",
         first.where("/entity"),
         "It was deleted: restore it with a create on its head " +
             to_text(position_of(collection_, owner).head.back()) + ".");
}

void EntityWriter::insert(RowValues values, const RequestedEvent& first, Expectation& expected) {
  std::size_t from = notes();
  expect_written(insert_row(collection_, resolved(values, first.where())), collection_, first);
  std::string key = key_noted_after(collection_.relation, from, "");
  auto owner = entity_with_key(collection_, key, SnapshotSelf);
  // Read as it is now: whoever created and deleted this row meanwhile was waited for by the insert.
  bool is_taken = locked_.life == Life::absent && owner &&
                  !read_events({collection_.number, *owner, {}, 1}, SnapshotSelf).empty();
  if (is_taken) refuse_taken(key, *owner, first);
  expected.image = row_image(collection_, nullptr, without_references(collection_, values));
  if (expected.first_key.empty()) expected.born_key = key;
  expected.last_key = key;
  locked_.key = key;
  pg([&] {
    EntityId natural;
    Ledger ledger;
    ledger.open(SnapshotSelf, RowExclusiveLock);
    bool has_natural = natural_of_key(collection_, key, &natural);
    take_key(ledger, collection_, locked_.entity, has_natural ? &natural : nullptr, key);
    ledger.close();
    CommandCounterIncrement();
  });
}

void EntityWriter::update(const RowValues& values, const RequestedEvent& first,
                          Expectation& expected) {
  RowValues columns = resolved(values, first.where());
  if (columns.empty()) return;
  std::size_t from = notes();
  Json key = or_refuse(parse_json(locked_.key));
  expect_written(update_row(collection_, key, columns), collection_, first);
  expected.image = row_image(collection_, expected.image, without_references(collection_, values));
  std::string key_now = key_noted_after(collection_.relation, from, locked_.key);
  if (key_now.empty() || key_now == locked_.key) return;
  expected.last_key = locked_.key = key_now;
  pg([&] {
    EntityId natural;
    Ledger ledger;
    ledger.open(SnapshotSelf, RowExclusiveLock);
    leave_key(ledger, collection_, locked_.entity);
    CommandCounterIncrement();
    bool has_natural = natural_of_key(collection_, key_now, &natural);
    take_key(ledger, collection_, locked_.entity, has_natural ? &natural : nullptr, key_now);
    ledger.close();
    CommandCounterIncrement();
  });
}

void EntityWriter::remove(const RequestedEvent& first, Expectation& expected) {
  expect_written(delete_row(collection_, or_refuse(parse_json(locked_.key))), collection_, first);
  expected.image = nullptr;
}

void EntityWriter::store(std::span<const RequestedEvent* const> events, const Head& head) {
  OwnNode own = own_node();
  int actor = actor_number();
  Datum context = context_setting();
  std::vector<std::string> operations;
  std::vector<int> origins;
  for (const RequestedEvent* requested : events) {
    operations.push_back(to_text(requested->event.operations));
    origins.push_back(node_number(requested->event.origin));
  }
  CanonicalJsonb jsonb;
  bool named_by_key =
      !locked_.key.empty() && locked_.key == natural_key(collection_, locked_.entity);
  pg([&] {
    Ledger ledger;
    ledger.open(SnapshotSelf, RowExclusiveLock);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = events[i]->event;
      ledger.add(collection_.number, {locked_.entity, event.id, *event.salt, origins[i], actor,
                                      own.era, event.parents, jsonb.write(operations[i]), context});
    }
    ledger.flush();
    if (head.size() > 1)
      ledger.put_entity(collection_.number, locked_.entity, locked_.key, named_by_key, head);
    else if (had_wide_head_)
      ledger.put_entity(collection_.number, locked_.entity, locked_.key, named_by_key, {});
    ledger.close();
    CommandCounterIncrement();
  });
  if (head.size() > head_join_width) join(head);
}

// An event without operations whose parents are the whole head.
void EntityWriter::join(const Head& head) {
  Author author(collection_);
  author.describe("{}");
  bool named_by_key =
      !locked_.key.empty() && locked_.key == natural_key(collection_, locked_.entity);
  pg([&] {
    Ledger ledger;
    ledger.open(SnapshotSelf, RowExclusiveLock);
    author.write(ledger, locked_.entity, head);
    author.flush(ledger);
    ledger.flush();
    ledger.put_entity(collection_.number, locked_.entity, locked_.key, named_by_key, {});
    ledger.close();
    CommandCounterIncrement();
  });
}

}  // namespace plait
