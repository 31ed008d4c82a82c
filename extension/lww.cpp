// extension/lww.cpp: the aggregate plait.lww(value, event_id): what last writer wins leaves.

#include "extension/wall.h"

#include "core/event/ulid.h"
#include "extension/table.h"

namespace plait {

namespace {

// The write with the greatest id so far. NULL is a value like any other.
struct LastWrite {
  Ulid event;
  Datum value;
  bool is_null;
  int16 length;
  bool by_value;
};

LastWrite* first_write(FunctionCallInfo fcinfo, MemoryContext memory) {
  auto* write = static_cast<LastWrite*>(MemoryContextAllocZero(memory, sizeof(LastWrite)));
  write->is_null = true;
  get_typlenbyval(get_fn_expr_argtype(fcinfo->flinfo, 1), &write->length, &write->by_value);
  return write;
}

void keep(LastWrite& last, FunctionCallInfo fcinfo, MemoryContext memory) {
  if (!last.is_null && !last.by_value) pfree(DatumGetPointer(last.value));
  last.is_null = PG_ARGISNULL(1);
  if (last.is_null) return;
  MemoryContext outer = MemoryContextSwitchTo(memory);
  // An expanded array or record is flattened by this.
  last.value = datumCopy(PG_GETARG_DATUM(1), last.by_value, last.length);
  MemoryContextSwitchTo(outer);
}

}  // namespace

// plait.lww_step(state internal, value anyelement, event_id plait.ulid) -> internal
PLAIT_FUNCTION(plait_lww_step) {
  return pg([&] {
    MemoryContext memory;
    if (!AggCheckCallContext(fcinfo, &memory))
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("plait.lww_step is a part of the aggregate plait.lww")));
    auto* last = PG_ARGISNULL(0) ? nullptr : reinterpret_cast<LastWrite*>(PG_GETARG_POINTER(0));
    if (!PG_ARGISNULL(2)) {  // a value that no event wrote takes no part
      Ulid event = datum_ulid(PG_GETARG_DATUM(2));
      bool is_later = last == nullptr || last->event < event;
      if (last == nullptr) last = first_write(fcinfo, memory);
      if (is_later) {
        keep(*last, fcinfo, memory);
        last->event = event;
      }
    }
    fcinfo->isnull = last == nullptr;
    return PointerGetDatum(last);
  });
}

// plait.lww_final(state internal, value anyelement, event_id plait.ulid) -> anyelement
PLAIT_FUNCTION(plait_lww_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto* last = reinterpret_cast<const LastWrite*>(PG_GETARG_POINTER(0));
  fcinfo->isnull = last->is_null;
  return last->value;
}

}  // namespace plait
