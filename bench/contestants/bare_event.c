// bench/contestants/bare_event.c: a row trigger that writes what an event of Plait's takes (a row
// of its width, two index entries) and computes nothing: no operations, id, order or author. What
// is left of the price when everything but the tables is free.
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_MODULE_MAGIC;

// What every event says, made once a backend.
typedef struct {
  Oid table;
  Datum inserted;
  Datum updated;
  Datum context;
  Datum no_parents;
  Datum one_parent;
} Constants;

static Datum json(const char* text) { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); }

static Datum ids(int count) {
  Size size = VARHDRSZ + (Size)count * UUID_LEN;
  bytea* bytes = palloc0(size);
  SET_VARSIZE(bytes, size);
  return PointerGetDatum(bytes);
}

static const Constants* constants(void) {
  static Constants made;
  if (OidIsValid(made.table)) return &made;
  MemoryContext outer = MemoryContextSwitchTo(TopMemoryContext);
  made.inserted = json(
      "{\"set\": {\"note\": \"a note\", \"year\": 2001, \"title\": \"a new title\", "
      "\"artist\": \"an artist\", \"stars\": 0}, \"create\": true}");
  made.updated = json("{\"set\": {\"stars\": 12}}");
  made.context = json("{}");
  made.no_parents = ids(0);
  made.one_parent = ids(1);
  MemoryContextSwitchTo(outer);
  made.table = get_relname_relid("event", get_namespace_oid("bare", false));
  return &made;
}

PG_FUNCTION_INFO_V1(bare_event);
Datum bare_event(PG_FUNCTION_ARGS) {
  const TriggerData* trigger = (const TriggerData*)fcinfo->context;
  const Constants* says = constants();
  bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
  HeapTuple row = is_update ? trigger->tg_newtuple : trigger->tg_trigtuple;
  bool is_null;
  uint32 key = pg_hton32(
      DatumGetUInt32(heap_getattr(row, 1, RelationGetDescr(trigger->tg_relation), &is_null)));
  uint64 now = pg_hton64((uint64)GetCurrentTimestamp());
  uint64 salt = pg_prng_uint64(&pg_global_prng_state);
  pg_uuid_t entity = {{0}};
  pg_uuid_t id;
  memcpy(entity.data + 12, &key, 4);
  memcpy(id.data, &now, 8);
  memcpy(id.data + 8, &salt, 8);
  Datum values[] = {UUIDPGetDatum(&entity),
                    UUIDPGetDatum(&id),
                    UInt64GetDatum(U64FromFullTransactionId(GetTopFullTransactionId())),
                    UInt64GetDatum(salt),
                    Int32GetDatum(1),
                    Int32GetDatum(1),
                    Int32GetDatum(1),
                    Int16GetDatum(1),
                    is_update ? says->one_parent : says->no_parents,
                    is_update ? says->updated : says->inserted,
                    says->context};
  bool nulls[lengthof(values)] = {false};
  Relation table = table_open(says->table, RowExclusiveLock);
  CatalogTupleInsert(table, heap_form_tuple(RelationGetDescr(table), values, nulls));
  table_close(table, NoLock);
  return PointerGetDatum(NULL);
}
