// extension/changes.cpp: the feed as SQL rows: every committed event exactly once, whole ticks
// only.
//
// Between ticks a and b lie the events whose transaction was unfinished in upto(a) and finished in
// upto(b), ordered by event id, so parents come first. (tick, id) is one total order, the same for
// every reader for ever. A transaction that is open for an hour delays only itself. Of a collection
// that the caller sees net he gets rows as they stand now (net_changes).

#include <algorithm>
#include <optional>
#include <vector>

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/entity_key.h"
#include "extension/event_columns.h"
#include "extension/feed_walk.h"
#include "extension/key.h"
#include "extension/net_changes.h"
#include "extension/node.h"
#include "extension/tick.h"

namespace plait {

namespace {

// cursor, collection, entity, key | event columns
constexpr int own_columns = 4;
constexpr int change_columns = own_columns + EventColumns::count;

struct FoundEvent {
  EventId id;
  ItemPointerData place;  // of a net collection's: none
  int collection;
};

// What a unit's rows say beside their events.
struct Told {
  Datum cursor = 0;  // 0: no tick has it yet
  std::optional<TimestampTz> recorded;
};

class ChangeWriter {
 public:
  ChangeWriter(FunctionCallInfo fcinfo, Snapshot snapshot) : snapshot_(snapshot), keys_(snapshot) {
    pg([&] {
      InitMaterializedSRF(fcinfo, 0);
      auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
      store_ = result->setResult;
      columns_ = result->setDesc;
      row_memory_ =
          AllocSetContextCreate(CurrentMemoryContext, "plait change", ALLOCSET_DEFAULT_SIZES);
    });
  }

  // Writes the events of a range that the caller may see, by id; how many. Their places are sorted,
  // not their rows: a bulk load of a million events needs some 40 MB here.
  std::size_t write(const FeedRange& range, const Told& told) {
    FeedWalk walk;
    pg([&] { walk.open(range, snapshot_); });
    std::vector<FoundEvent> events = gather(walk);
    std::ranges::sort(events, {}, &FoundEvent::id);
    std::size_t written = 0;
    for (FoundEvent& event : events) {
      Reading& reading = reading_of(event.collection);
      written += reading.net ? write_net(reading, event.id, told)
                             : write_event(reading, walk, event, told);
    }
    pg([&] { walk.close(); });
    return written;
  }

  void close() { keys_.close(); }

 private:
  struct Reading {
    int number;
    CollectionRef collection;  // empty: not for the caller
    Datum name;
    std::optional<NetChanges> net;
  };

  std::vector<FoundEvent> gather(FeedWalk& walk) {
    for (Reading& reading : readings_)
      if (reading.net) reading.net->clear();
    std::vector<FoundEvent> events;
    FoundEvent event;
    auto next = [&] {
      if (!walk.next()) return false;
      bool is_null;
      event.id = EventId(datum_ulid(slot_getattr(walk.row(), event_id, &is_null)));
      event.collection = DatumGetInt32(slot_getattr(walk.row(), event_collection, &is_null));
      event.place = walk.row()->tts_tid;
      return true;
    };
    while (pg(next)) {
      Reading& reading = reading_of(event.collection);
      if (reading.net)
        reading.net->add(entity_of(walk), event.id);
      else if (reading.collection)
        events.push_back(event);
    }
    for (Reading& reading : readings_)
      if (reading.net)
        for (const EventId& id : reading.net->gathered())
          events.push_back({id, {}, reading.number});
    return events;
  }

  static EntityId entity_of(FeedWalk& walk) {
    return pg([&] {
      bool is_null;
      return EntityId(datum_ulid(slot_getattr(walk.row(), event_entity, &is_null)));
    });
  }

  Reading& reading_of(int number) {
    auto known = std::ranges::find(readings_, number, &Reading::number);
    if (known != readings_.end()) return *known;
    Reading& reading = readings_.emplace_back(Reading{number, collection_numbered(number), 0, {}});
    if (!reading.collection) return reading;
    reading.name = text_datum(reading.collection->name);
    Sight sight = pg([&] { return access_to(*reading.collection).sight; });
    if (sight == Sight::none) reading.collection = nullptr;
    if (sight == Sight::net) reading.net.emplace(reading.collection);
    return reading;
  }

  bool write_event(const Reading& reading, FeedWalk& walk, FoundEvent& event, const Told& told) {
    EntityId entity;
    MemoryContext outer = pg([&] {
      MemoryContextReset(row_memory_);
      walk.fetch(&event.place);
      slot_getallattrs(walk.row());
      entity = EntityId(datum_ulid(walk.row()->tts_values[event_entity - 1]));
      return MemoryContextSwitchTo(row_memory_);
    });
    Datum values[change_columns] = {};
    bool nulls[change_columns] = {};
    event_columns_.read(walk.row(), told.recorded, values + own_columns, nulls + own_columns);
    put(reading, entity, keys_.key_of(*reading.collection, entity), told, values, nulls, outer);
    return true;
  }

  // False: the caller does not see the row that the event changed.
  bool write_net(Reading& reading, const EventId& event, const Told& told) {
    const NetRow* row = reading.net->row_of(event);
    if (row == nullptr) return false;
    MemoryContext outer = pg([&] {
      MemoryContextReset(row_memory_);
      return MemoryContextSwitchTo(row_memory_);
    });
    Datum values[change_columns] = {};
    bool nulls[change_columns] = {};
    Datum operations = jsonb_datum("{\"set\":" + state_text(*row) + "}");
    net_event_columns(event, operations, told.recorded, values + own_columns, nulls + own_columns);
    put(reading, row->entity, row->key, told, values, nulls, outer);
    return true;
  }

  // Completes a row and goes back to the memory of before.
  void put(const Reading& reading, const EntityId& entity, const std::string& key, const Told& told,
           Datum* values, bool* nulls, MemoryContext outer) {
    std::string shown = key.empty() ? "" : key_argument(key);
    pg([&] {
      values[0] = told.cursor;
      values[1] = reading.name;
      values[2] = ulid_datum(entity);
      if (!key.empty())
        values[3] =
            PointerGetDatum(cstring_to_text_with_len(shown.data(), static_cast<int>(shown.size())));
      nulls[0] = told.cursor == 0;
      nulls[3] = key.empty();
      tuplestore_putvalues(store_, columns_, values, nulls);
      MemoryContextSwitchTo(outer);
    });
  }

  Snapshot snapshot_;
  Tuplestorestate* store_ = nullptr;
  TupleDesc columns_ = nullptr;
  MemoryContext row_memory_ = nullptr;
  EntityKeys keys_;
  EventColumns event_columns_;
  std::vector<Reading> readings_;
};

// The tick that a reader stands at; nothing: the beginning.
std::optional<Tick> start_argument(FunctionCallInfo fcinfo, Snapshot snapshot) {
  if (PG_ARGISNULL(0)) return std::nullopt;
  return expect_tick(text_argument(fcinfo, 0), snapshot);
}

int ticks_argument(FunctionCallInfo fcinfo) {
  int ticks_max = PG_ARGISNULL(1) ? 100 : PG_GETARG_INT32(1);
  if (ticks_max < 1)
    refuse(Code::bad_value, "ticks_max is " + std::to_string(ticks_max), "ticks_max",
           "Ask for one tick at least.");
  return ticks_max;
}

// The units after `stand`, of which at most ticks_max told something: one that is empty for this
// caller costs nothing, or it would never get past a hundred of them.
void write_ticks(ChangeWriter& writer, std::optional<Tick> stand, std::int16_t era, int ticks_max,
                 Snapshot snapshot) {
  constexpr int ticks_a_look = 100;
  for (int told_ticks = 0; told_ticks < ticks_max;) {
    std::int64_t seq = stand ? stand->cursor.seq : 0;
    std::vector<Tick> ticks = ticks_after(seq, era, std::min(ticks_max, ticks_a_look), snapshot);
    if (ticks.empty()) return;
    for (Tick& tick : ticks) {
      FeedRange range{era, stand ? &stand->upto : nullptr, &tick.upto};
      Told told{text_datum(to_text(tick.cursor)), tick.at};
      if (writer.write(range, told) > 0) ++told_ticks;
      stand = std::move(tick);
      if (told_ticks == ticks_max) return;
    }
  }
}

}  // namespace

// plait.changes(after text, ticks_max integer) -> setof …
PLAIT_FUNCTION(plait_changes) {
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  int ticks_max = ticks_argument(fcinfo);
  std::optional<Tick> stand = start_argument(fcinfo, snapshot);
  std::optional<OwnNode> own = known_own_node();
  ChangeWriter writer(fcinfo, snapshot);
  if (own) write_ticks(writer, std::move(stand), own->era, ticks_max, snapshot);
  writer.close();
  return static_cast<Datum>(0);
}

// plait.changes_since(after text) -> setof …
PLAIT_FUNCTION(plait_changes_since) {
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  std::optional<Tick> stand = start_argument(fcinfo, snapshot);
  std::optional<OwnNode> own = known_own_node();
  ChangeWriter writer(fcinfo, snapshot);
  // In a life that no one has written in, all events are of earlier ones.
  std::int16_t era = own ? own->era : PG_INT16_MAX;
  writer.write({era, stand ? &stand->upto : nullptr, nullptr}, {});
  writer.close();
  return static_cast<Datum>(0);
}

}  // namespace plait
