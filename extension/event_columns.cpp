// extension/event_columns.cpp: a row of plait.event as readers get it: numbers become ids and
// names.

#include "extension/event_columns.h"

#include "core/event/hlc.h"
#include "extension/argument.h"
#include "extension/node.h"
#include "extension/table.h"

namespace plait {

namespace {

// parents as plait.ulid[]: its elements lie in the bytea as they do in the array.
Datum parents_array(Datum stored, Oid ulid_type) {
  bytea* bytes = DatumGetByteaPP(stored);
  int count = static_cast<int>(VARSIZE_ANY_EXHDR(bytes) / sizeof(Ulid));
  auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; ++i)
    elements[i] = PointerGetDatum(VARDATA_ANY(bytes) + i * sizeof(Ulid));
  return PointerGetDatum(
      construct_array(elements, count, ulid_type, sizeof(Ulid), false, TYPALIGN_CHAR));
}

Datum salt_text(Datum salt) {
  constexpr int digits = 16;
  auto* text = static_cast<struct varlena*>(palloc(VARHDRSZ + digits));
  SET_VARSIZE(text, VARHDRSZ + digits);
  auto bits = static_cast<std::uint64_t>(DatumGetInt64(salt));
  for (int i = digits - 1; i >= 0; --i, bits >>= 4)
    VARDATA(text)[i] = "0123456789abcdef"[bits & 15];
  return PointerGetDatum(text);
}

}  // namespace

TimestampTz happened(const Ulid& id) {
  Hlc hlc = id.hlc();
  std::int64_t microseconds =
      hlc_unix_ms(hlc) * 1'000 + static_cast<std::int64_t>((hlc % hlc_per_ms) * 1'000 / hlc_per_ms);
  constexpr std::int64_t epoch_days = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
  return microseconds - epoch_days * USECS_PER_DAY;
}

void net_event_columns(const EventId& id, Datum operations, std::optional<TimestampTz> recorded,
                       Datum* values, bool* nulls) {
  for (int i = 0; i < EventColumns::count; ++i) nulls[i] = true;
  values[0] = ulid_datum(id);
  values[2] = operations;
  values[6] = TimestampTzGetDatum(happened(id));
  values[7] = TimestampTzGetDatum(recorded.value_or(0));
  nulls[0] = nulls[2] = nulls[6] = false;
  nulls[7] = !recorded;
}

EventColumns::EventColumns()
    : memory_(CurrentMemoryContext), ulid_type_(pg([] { return plait_type("ulid"); })) {}

void EventColumns::read(TupleTableSlot* row, std::optional<TimestampTz> recorded, Datum* values,
                        bool* nulls) {
  if (row->tts_nvalid < event_context) pg([&] { slot_getallattrs(row); });
  const Datum* stored = row->tts_values;
  const NodeId& origin_id = origin(DatumGetInt32(stored[event_origin - 1]));
  Datum actor_names = actor(DatumGetInt32(stored[event_actor - 1]));
  bool is_erased = row->tts_isnull[event_salt - 1];
  pg([&] {
    values[0] = stored[event_id - 1];
    values[1] = parents_array(stored[event_parents - 1], ulid_type_);
    values[2] = stored[event_operations - 1];
    values[3] = ulid_datum(origin_id);
    values[4] = actor_names;
    values[5] = stored[event_context - 1];
    values[6] = TimestampTzGetDatum(happened(datum_ulid(stored[event_id - 1])));
    values[7] = TimestampTzGetDatum(recorded.value_or(0));
    values[8] = stored[event_xid - 1];
    values[9] = is_erased ? 0 : salt_text(stored[event_salt - 1]);
    for (int i = 0; i < count; ++i) nulls[i] = false;
    nulls[7] = !recorded;
    nulls[9] = is_erased;
  });
}

const NodeId& EventColumns::origin(int number) {
  auto known = origins_.find(number);
  if (known == origins_.end()) known = origins_.emplace(number, node_id(number)).first;
  return known->second;
}

Datum EventColumns::actor(int number) {
  auto known = actors_.find(number);
  if (known != actors_.end()) return known->second;
  std::string json = actor_json(number);
  Datum names = pg([&] {
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    Datum jsonb = DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str()));
    MemoryContextSwitchTo(outer);
    return jsonb;
  });
  actors_.emplace(number, names);
  return names;
}

}  // namespace plait
