// extension/size.cpp: plait.size(): what the history of each collection takes.
//
// Reads the events of a collection entity by entity, so it need remember no more than the registers
// of one.

#include <cstring>
#include <set>
#include <string>

#include "core/event/json.h"
#include "extension/access.h"
#include "extension/argument.h"
#include "extension/columns.h"
#include "extension/table.h"

namespace plait {

namespace {

struct Size {
  std::int64_t entities = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  std::int64_t registers = 0;
};

// What a value takes outside of its row.
std::int64_t toasted_bytes(Datum value) {
  auto* bytes = reinterpret_cast<struct varlena*>(DatumGetPointer(value));
  if (!VARATT_IS_EXTERNAL_ONDISK(bytes)) return 0;
  struct varatt_external pointer;
  std::memcpy(&pointer, VARDATA_EXTERNAL(bytes), sizeof(pointer));
  return VARATT_EXTERNAL_GET_EXTSIZE(pointer);
}

// The lifecycle is the register without a name.
void add_registers(std::set<std::string, std::less<>>& registers, const Json& operations) {
  for (const auto& [verb, what] : operations.as_object()) {
    if (verb == "create" || verb == "delete")
      registers.emplace();
    else if (verb != "emit" && what.is_object())
      for (const auto& [property, value] : what.as_object()) registers.emplace(property);
  }
}

Size size_of(const Collection& collection, MemoryContext row_memory) {
  struct Row {
    EntityId entity;
    std::int64_t bytes;
    const char* operations;
  };
  Table table;
  Probe probe;
  Row row{};
  pg([&] {
    table = open_table("event", AccessShareLock);
    probe = open_probe(table, 0, 1, GetActiveSnapshot());
    Datum number = Int32GetDatum(collection.number);
    set_probe(probe, &number);
  });
  auto next = [&] {
    CHECK_FOR_INTERRUPTS();
    MemoryContextReset(row_memory);
    if (!next_row(probe, ForwardScanDirection)) return false;
    MemoryContext outer = MemoryContextSwitchTo(row_memory);
    slot_getallattrs(probe.slot);
    const Datum* stored = probe.slot->tts_values;
    bool frees;
    HeapTuple tuple = ExecFetchSlotHeapTuple(probe.slot, false, &frees);
    row.entity = EntityId(datum_ulid(stored[event_entity - 1]));
    row.bytes = static_cast<std::int64_t>(MAXALIGN(tuple->t_len) + sizeof(ItemIdData)) +
                toasted_bytes(stored[event_operations - 1]) +
                toasted_bytes(stored[event_parents - 1]) + toasted_bytes(stored[event_context - 1]);
    row.operations =
        JsonbToCString(nullptr, &DatumGetJsonbP(stored[event_operations - 1])->root, 0);
    MemoryContextSwitchTo(outer);
    return true;
  };
  Size size;
  EntityId entity{};
  std::set<std::string, std::less<>> registers;
  while (pg(next)) {
    if (size.events == 0 || row.entity != entity) {
      size.registers += static_cast<std::int64_t>(registers.size());
      registers.clear();
      entity = row.entity;
      ++size.entities;
    }
    ++size.events;
    size.bytes += row.bytes;
    add_registers(registers, or_refuse(parse_json(row.operations, {stored_json_depth_max})));
  }
  size.registers += static_cast<std::int64_t>(registers.size());
  pg([&] {
    close_probe(probe);
    close_table(table);
  });
  return size;
}

}  // namespace

// plait.size(name text DEFAULT NULL) -> setof (collection, entities, events, bytes, registers)
PLAIT_FUNCTION(plait_size) {
  std::vector<CollectionRef> collections = whole_collections(fcinfo, 0);
  MemoryContext row_memory = pg([&] {
    InitMaterializedSRF(fcinfo, 0);
    return AllocSetContextCreate(CurrentMemoryContext, "plait size", ALLOCSET_DEFAULT_SIZES);
  });
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const CollectionRef& collection : collections) {
    Size size = size_of(*collection, row_memory);
    Datum values[5] = {text_datum(collection->name), Int64GetDatum(size.entities),
                       Int64GetDatum(size.events), Int64GetDatum(size.bytes),
                       Int64GetDatum(size.registers)};
    bool nulls[5] = {};
    pg([&] { tuplestore_putvalues(result->setResult, result->setDesc, values, nulls); });
  }
  return static_cast<Datum>(0);
}

}  // namespace plait
