// extension/tick.cpp: ticks: batches of committed transactions, the unit in which the feed is read.

#include "extension/tick.h"

#include <algorithm>

#include "extension/node.h"
#include "extension/random.h"
#include "extension/table.h"

namespace plait {

namespace {

enum TickColumn { tick_seq = 1, tick_nonce, tick_era, tick_upto, tick_at };
constexpr int tick_columns = tick_at;

bytea* sent_form(Datum snapshot) {
  return DatumGetByteaP(DirectFunctionCall1(pg_snapshot_send, snapshot));
}

std::string_view bytes_of(bytea* sent) { return {VARDATA(sent), VARSIZE(sent) - VARHDRSZ}; }

// A row of plait.tick as Postgres gives it.
struct RawTick {
  std::int64_t seq;
  std::int64_t nonce;
  std::int16_t era;
  bytea* upto;
  TimestampTz at;
};

RawTick read_row(TupleTableSlot* slot) {
  slot_getallattrs(slot);
  const Datum* value = slot->tts_values;
  return {DatumGetInt64(value[tick_seq - 1]), DatumGetInt64(value[tick_nonce - 1]),
          DatumGetInt16(value[tick_era - 1]), sent_form(value[tick_upto - 1]),
          DatumGetTimestampTz(value[tick_at - 1])};
}

Tick tick_of(const RawTick& raw) {
  return {
      {raw.seq, static_cast<std::uint64_t>(raw.nonce)}, raw.era, Upto(bytes_of(raw.upto)), raw.at};
}

std::optional<Tick> tick_numbered(std::int64_t seq, Snapshot snapshot) {
  RawTick raw{};
  bool found = pg([&] {
    Table table = open_table("tick", AccessShareLock);
    Probe probe = open_probe(table, 0, 1, snapshot);
    Datum key = Int64GetDatum(seq);
    set_probe(probe, &key);
    bool exists = next_row(probe, ForwardScanDirection);
    if (exists) raw = read_row(probe.slot);
    close_probe(probe);
    close_table(table);
    return exists;
  });
  if (!found) return std::nullopt;
  return tick_of(raw);
}

// Up to `count` ticks from a number on; of one era, or of any.
List* read_from(std::int64_t seq, const std::int16_t* era, int count, Snapshot snapshot) {
  List* rows = NIL;
  Table table = open_table("tick", AccessShareLock);
  TupleTableSlot* slot = table_slot_create(table.relation, nullptr);
  IndexScanDesc scan = index_beginscan(table.relation, table.indexes[0].relation, snapshot, 1, 0);
  ScanKeyData key;
  ScanKeyInit(&key, 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(seq));
  index_rescan(scan, &key, 1, nullptr, 0);
  while (list_length(rows) < count && index_getnext_slot(scan, ForwardScanDirection, slot)) {
    CHECK_FOR_INTERRUPTS();
    bool is_null;
    Datum own_era = slot_getattr(slot, tick_era, &is_null);
    if (era != nullptr && DatumGetInt16(own_era) != *era) continue;
    auto* raw = static_cast<RawTick*>(palloc(sizeof(RawTick)));
    *raw = read_row(slot);
    rows = lappend(rows, raw);
  }
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  close_table(table);
  return rows;
}

// Reads the big-endian integers of Postgres' send format.
class Received {
 public:
  explicit Received(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t integer(std::size_t size) {
    std::uint64_t value = 0;
    for (; size > 0; --size, bytes_.remove_prefix(1))
      value = value << 8 | static_cast<std::uint8_t>(bytes_.front());
    return value;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

Upto::Upto(std::string_view sent) {
  Received received(sent);
  std::uint64_t count = received.integer(4);
  received.integer(8);  // xmin: the first of those running, or xmax
  xmax_ = received.integer(8);
  for (; count > 0; --count) running_.push_back(received.integer(8));
}

bool Upto::finished(std::uint64_t xid) const {
  return xid < xmax_ && !std::ranges::binary_search(running_, xid);
}

std::uint64_t Upto::first_unfinished(std::uint64_t xid) const {
  auto running = std::ranges::lower_bound(running_, xid);
  return running != running_.end() ? *running : std::max(xid, xmax_);
}

Upto upto_now() {
  return Upto(bytes_of(pg([] { return sent_form(OidFunctionCall0(F_PG_CURRENT_SNAPSHOT)); })));
}

std::optional<Tick> newest_tick(Snapshot snapshot) {
  RawTick raw{};
  bool found = pg([&] {
    Table table = open_table("tick", AccessShareLock);
    Probe probe = open_probe(table, 0, 0, snapshot);
    set_probe(probe, nullptr);
    bool exists = next_row(probe, BackwardScanDirection);
    if (exists) raw = read_row(probe.slot);
    close_probe(probe);
    close_table(table);
    return exists;
  });
  if (!found) return std::nullopt;
  return tick_of(raw);
}

std::optional<Tick> newest_tick_of(std::int16_t era, Snapshot snapshot) {
  std::optional<Tick> tick = newest_tick(snapshot);
  if (tick && tick->era != era) return std::nullopt;
  return tick;
}

std::optional<Tick> first_tick_from(std::int64_t seq, Snapshot snapshot) {
  List* rows = pg([&] { return read_from(seq, nullptr, 1, snapshot); });
  if (rows == NIL) return std::nullopt;
  return tick_of(*static_cast<RawTick*>(linitial(rows)));
}

std::vector<Tick> ticks_after(std::int64_t seq, std::int16_t era, int count, Snapshot snapshot) {
  List* rows = pg([&] { return read_from(seq + 1, &era, count, snapshot); });
  std::vector<Tick> ticks;
  ListCell* cell;
  foreach (cell, rows) ticks.push_back(tick_of(*static_cast<RawTick*>(lfirst(cell))));
  return ticks;
}

Tick expect_tick(std::string_view cursor, Snapshot snapshot) {
  Cursor wanted = or_refuse(parse_cursor(cursor));
  std::optional<OwnNode> own = known_own_node();
  std::optional<Tick> tick = tick_numbered(wanted.seq, snapshot);
  if (!own || !tick || tick->cursor != wanted || tick->era != own->era)
    refuse(Code::cursor_unknown,
           "there is no tick " + std::string(cursor) + " in this life of the database", "cursor",
           "The database was restored, or the tick is no longer kept: read the tables anew, from "
           "plait.cursor() on.");
  return *std::move(tick);
}

Cursor write_tick(std::int64_t seq, std::int16_t era) {
  Cursor cursor{seq, random_word()};
  pg([&] {
    Table table = open_table("tick", RowExclusiveLock);
    Datum values[tick_columns];
    bool nulls[tick_columns] = {};
    values[tick_seq - 1] = Int64GetDatum(cursor.seq);
    values[tick_nonce - 1] = Int64GetDatum(static_cast<std::int64_t>(cursor.nonce));
    values[tick_era - 1] = Int16GetDatum(era);
    values[tick_upto - 1] = OidFunctionCall0(F_PG_CURRENT_SNAPSHOT);
    values[tick_at - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
    insert_row(table, values, nulls);
    close_table(table);
    ForceSyncCommit();
  });
  return cursor;
}

std::int64_t delete_ticks_before(TimestampTz time) {
  return pg([&] {
    // Of two at once the second finds nothing to do.
    Table table = open_table("tick", ShareUpdateExclusiveLock);
    Probe probe = open_probe(table, 0, 0, SnapshotSelf);
    set_probe(probe, nullptr);
    bool is_floor_found = false;
    std::int64_t deleted = 0;
    while (next_row(probe, BackwardScanDirection)) {
      CHECK_FOR_INTERRUPTS();
      slot_getallattrs(probe.slot);
      if (is_floor_found) {
        delete_row(table, &probe.slot->tts_tid, SnapshotSelf);
        ++deleted;
      } else {
        is_floor_found = DatumGetTimestampTz(probe.slot->tts_values[tick_at - 1]) <= time;
      }
    }
    close_probe(probe);
    close_table(table);
    CommandCounterIncrement();
    return deleted;
  });
}

}  // namespace plait
