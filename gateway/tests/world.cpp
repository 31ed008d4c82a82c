// gateway/tests/world.cpp: the world's states and the clients' mirrors of them.

#include "gateway/tests/world.h"

namespace plait::gateway {

const std::vector<Condition>& conditions() {
  static const std::vector<Condition> all = {
      {"album", [](const Album&) { return true; }},
      {"album where year > 2000", [](const Album& a) { return a.year > 2000; }},
      {"album where name = 'x'", [](const Album& a) { return a.name == "x"; }},
      {"album where name = 'x' or (year > 1990 and year < 1995)",
       [](const Album& a) { return a.name == "x" || (a.year > 1990 && a.year < 1995); }},
      {"album where not (year >= 1990)", [](const Album& a) { return a.year < 1990; }},
  };
  return all;
}

Albums World::result(const Condition& condition, std::int64_t tick) const {
  Albums result = at(tick);
  std::erase_if(result, [&](const auto& row) { return !condition.holds(row.second); });
  return result;
}

EventId World::next_event(std::int64_t id) {
  return EventId(make_ulid(++last_event_ << 16, static_cast<std::uint64_t>(id)));
}

void World::put(std::int64_t id, std::int64_t year) {
  Albums next = states_.back();
  const EventId event = next_event(id);
  events_[tick() + 1].push_back({id, !next.contains(id), {"year"}, event});
  next[id] = {year, next.contains(id) ? next[id].name : "x", event};
  states_.push_back(std::move(next));
}

void World::erase(std::int64_t id) {
  Albums next = states_.back();
  events_[tick() + 1].push_back({id, false, {}, next_event(id)});
  next.erase(id);
  states_.push_back(std::move(next));
}

void World::advance(Random& random) {
  Albums next = states_.back();
  std::vector<Event>& events = events_[tick() + 1];
  const std::size_t count = random.below(5);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t id = random.between(1, 12);
    const EventId event = next_event(id);
    auto found = next.find(id);
    if (found == next.end()) {
      // What a restore does not name comes back from elsewhere: here the name is always x then.
      const bool names_all = random.chance(50);
      next[id] = {random.between(1985, 2005), names_all && random.chance(50) ? "y" : "x", event};
      events.push_back({id, true, {"year"}, event});
      if (names_all) events.back().properties.push_back("name");
    } else if (random.chance(25)) {
      next.erase(found);
      events.push_back({id, false, {}, event});
    } else {
      found->second.head = event;
      std::vector<std::string> properties;
      if (random.chance(70)) {
        found->second.year = random.between(1985, 2005);
        properties.push_back("year");
      }
      if (random.chance(40)) {
        found->second.name = random.chance(50) ? "x" : "y";
        properties.push_back("name");
      }
      events.push_back({id, false, properties, event});
    }
  }
  states_.push_back(std::move(next));
}

Position World::position(std::int64_t tick) const {
  std::string snapshot = std::to_string(1001 + tick) + ":" + std::to_string(1001 + tick) + ":";
  Position position{tick, std::nullopt, *Finished::parse(snapshot)};
  if (tick > 0) position.cursor = cursor(tick);
  return position;
}

bool World::knows(const std::string& text) const {
  auto cursor = parse_cursor(text);
  return cursor && cursor->nonce == salt_ && cursor->seq <= tick();
}

std::set<std::int64_t> World::changed(std::int64_t from, std::int64_t to) const {
  std::set<std::int64_t> ids;
  for (std::int64_t tick = from + 1; tick <= to; ++tick) {
    auto events = events_.find(tick);
    if (events == events_.end()) continue;
    for (const Event& event : events->second) ids.insert(event.id);
  }
  return ids;
}

BatchPtr World::batch(std::int64_t from, std::int64_t to) const {
  auto batch = std::make_shared<Batch>();
  batch->position = position(to);
  std::map<std::int64_t, std::shared_ptr<Change>> changes;
  for (std::int64_t tick = from + 1; tick <= to; ++tick) {
    auto events = events_.find(tick);
    if (events == events_.end()) continue;
    for (const Event& event : events->second) {
      auto& change = changes[event.id];
      if (!change) change = std::make_shared<Change>();
      change->entity = entity(event.id);
      change->created |= event.creates;
      for (const std::string& property : event.properties) {
        std::erase(change->properties, property);
        std::erase_if(change->won, [&](const auto& won) { return won.first == property; });
        change->properties.push_back(property);
        change->won.emplace_back(property, event.event);
      }
    }
  }
  for (auto& [id, change] : changes) {
    auto row = at(to).find(id);
    if (row == at(to).end()) {
      change->won.clear();
    } else {
      change->row = std::make_shared<RowNow>(RowNow{std::to_string(id),
                                                    {row->second.head},
                                                    state(id, row->second),
                                                    row_text(id, row->second)});
    }
    batch->changes["album"].push_back(change);
    batch->bytes += 500;
  }
  return batch;
}

Json World::state(std::int64_t id, const Album& album) {
  Json state = Json::object();
  state.set("id", Json::integer(id));
  state.set("year", Json::integer(album.year));
  state.set("name", Json::string(album.name));
  return state;
}

std::string World::row_text(std::int64_t id, const Album& album) {
  std::string out;
  wire::append_row(out, entity(id), std::to_string(id), {&album.head, 1},
                   to_text(state(id, album)));
  return out;
}

CataloguePtr World::catalogue() {
  auto schema =
      parse_json(R"({"collections":[{"name":"album","schema":"public","table":"album","key":["id"],
    "readable":true,"properties":[
    {"name":"id","column":"id","type":"integer","merge":"lww","not_null":true},
    {"name":"name","column":"name","type":"text","merge":"lww","not_null":false},
    {"name":"year","column":"year","type":"integer","merge":"lww","not_null":false}]},
    {"name":"secret","schema":"public","table":"secret","key":["id"],"properties":[],
    "readable":"row level security is active"}]})");
  EXPECT_TRUE(schema);
  auto catalogue = Catalogue::read(*schema, {});
  EXPECT_TRUE(catalogue);
  return std::make_shared<const Catalogue>(*catalogue);
}

// --- the mirror ----------------------------------------------------------------------------------

void Mirror::read(std::string_view message) {
  auto reply = wire::read_reply(message);
  ASSERT_TRUE(reply) << message << ": " << reply.error().what << " at " << reply.error().where;
  if (auto* told = std::get_if<wire::Welcome>(&*reply)) {
    welcome = *told;
    cursor = told->cursor;
  } else if (auto* tick = std::get_if<wire::Tick>(&*reply)) {
    close_unit(*tick);
  } else if (std::holds_alternative<wire::Rows>(*reply) ||
             std::holds_alternative<wire::Live>(*reply) ||
             std::holds_alternative<wire::Delta>(*reply) ||
             std::holds_alternative<wire::Schema>(*reply)) {
    unit_.push_back(std::move(*reply));
  } else {
    if (auto* failure = std::get_if<wire::Failure>(&*reply); failure && failure->id) {
      auto query = queries.find(*failure->id);
      if (query != queries.end()) query->second.error = failure->code_name;
    }
    // Nothing of it may come any more: apply() refuses rows of a query that is not there.
    if (auto* gone = std::get_if<wire::Unsubscribed>(&*reply)) {
      EXPECT_TRUE(unit_.empty()) << "a message within a unit";
      queries.erase(gone->id);
    }
    answers.push_back(std::move(*reply));
  }
}

void Mirror::apply(const wire::Rows& rows) {
  auto found = queries.find(rows.id);
  ASSERT_NE(found, queries.end()) << "rows of a query that is not ours";
  Query& query = found->second;
  if (rows.reset) query.rows.clear();
  for (const wire::Row& row : rows.rows) query.rows[row.entity] = row;
  for (const wire::Remove& remove : rows.remove) query.rows.erase(remove.entity);
}

void Mirror::apply(const wire::Delta& delta, Query& query) {
  ++deltas;
  for (const wire::Row& row : delta.add) query.rows[row.entity] = row;
  for (const wire::Update& update : delta.update) {
    auto row = query.rows.find(update.entity);
    ASSERT_NE(row, query.rows.end())
        << "an update of what is no member: " << to_text(update.entity);
    row->second.head = update.head;
    for (const auto& [property, value] : update.set.as_object())
      row->second.state.set(property, value);
    for (const auto& [property, winner] : update.won) EXPECT_NE(update.set.find(property), nullptr);
    EXPECT_EQ(update.won.size(), update.set.as_object().size());
  }
  for (const wire::Remove& remove : delta.remove) query.rows.erase(remove.entity);
}

void Mirror::close_unit(const wire::Tick& tick) {
  ++units;
  for (const wire::Reply& message : unit_) {
    if (auto* rows = std::get_if<wire::Rows>(&message)) apply(*rows);
    if (auto* live = std::get_if<wire::Live>(&message)) queries.at(live->id).group = live->group;
    if (auto* delta = std::get_if<wire::Delta>(&message)) {
      for (auto& [id, query] : queries) {
        if (query.group == delta->group) apply(*delta, query);
      }
    }
  }
  unit_.clear();
  if (tick.cursor && cursor) {
    EXPECT_GE(parse_cursor(*tick.cursor)->seq, parse_cursor(*cursor)->seq)
        << "the cursor went back";
  }
  if (tick.cursor) cursor = tick.cursor;
  covered.insert(covered.end(), tick.commits.begin(), tick.commits.end());
  const std::int64_t at = cursor ? parse_cursor(*cursor)->seq : 0;
  for (const auto& [id, query] : queries) {
    if (query.group && !query.error) check(id, query, at);
  }
}

void Mirror::check(const std::string& id, const Query& query, std::int64_t tick) const {
  Albums held;
  for (const auto& [entity, row] : query.rows) {
    const Json* year = row.state.find("year");
    const Json* name = row.state.find("name");
    ASSERT_TRUE(year && name && row.head.size() == 1);
    held[std::stoll(row.key)] = {std::stoll(year->as_number()), name->as_string(),
                                 row.head.front()};
  }
  Albums truth = world_->result(*query.condition, tick);
  EXPECT_EQ(held.size(), truth.size())
      << id << " (" << query.condition->text << ") at tick " << tick;
  for (const auto& [key, album] : truth) {
    auto found = held.find(key);
    ASSERT_NE(found, held.end()) << id << " lacks " << key << " at tick " << tick;
    EXPECT_EQ(found->second.year, album.year) << id << " " << key << " at tick " << tick;
    EXPECT_EQ(found->second.name, album.name) << id << " " << key << " at tick " << tick;
    EXPECT_EQ(found->second.head, album.head) << id << " " << key << " at tick " << tick;
  }
}

}  // namespace plait::gateway
