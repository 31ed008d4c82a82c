// extension/relocate.cpp: the OIDs and attribute numbers that the catalogue caches, found again by
// name.

#include "extension/relocate.h"

#include "extension/columns.h"
#include "extension/table.h"

namespace plait {

namespace {

// Writes each row of a table anew after `change` has changed it in the slot. The rows are gathered
// first, for a scan would meet those that it has just written.
template <typename Change>
void rewrite(const char* name, Change change) {
  Table table = open_table(name, RowExclusiveLock);
  TupleTableSlot* slot = table_slot_create(table.relation, nullptr);
  TableScanDesc scan = table_beginscan(table.relation, SnapshotSelf, 0, nullptr);
  List* places = NIL;
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    auto* place = static_cast<ItemPointer>(palloc(sizeof(ItemPointerData)));
    *place = slot->tts_tid;
    places = lappend(places, place);
  }
  table_endscan(scan);
  ListCell* cell;
  foreach (cell, places) {
    auto* place = static_cast<ItemPointer>(lfirst(cell));
    if (!table_tuple_fetch_row_version(table.relation, place, SnapshotSelf, slot)) continue;
    slot_getallattrs(slot);
    change(slot);
    update_row(table, place, SnapshotSelf, slot->tts_values, slot->tts_isnull);
  }
  ExecDropSingleTupleTableSlot(slot);
  close_table(table);
  CommandCounterIncrement();
}

void find_relation(TupleTableSlot* collection) {
  Datum* values = collection->tts_values;
  values[collection_relation - 1] =
      ObjectIdGetDatum(relation_named(TextDatumGetCString(values[collection_schema - 1]),
                                      TextDatumGetCString(values[collection_table - 1])));
}

Oid relation_of_collection(Datum number) {
  Table table = open_table("collection", AccessShareLock);
  Probe probe = open_probe(table, 0, 1, SnapshotSelf);
  set_probe(probe, &number);
  Oid relation = InvalidOid;
  bool is_null;
  if (next_row(probe, ForwardScanDirection))
    relation = DatumGetObjectId(slot_getattr(probe.slot, collection_relation, &is_null));
  close_probe(probe);
  close_table(table);
  return relation;
}

void find_attribute(TupleTableSlot* property) {
  Datum* values = property->tts_values;
  if (property->tts_isnull[property_column - 1]) return;
  Oid relation = relation_of_collection(values[property_collection - 1]);
  AttrNumber attribute = InvalidAttrNumber;
  if (OidIsValid(relation))
    attribute = get_attnum(relation, TextDatumGetCString(values[property_column - 1]));
  values[property_attribute - 1] = Int16GetDatum(attribute);
  property->tts_isnull[property_attribute - 1] = false;
}

}  // namespace

Oid relation_named(const char* schema, const char* table) {
  Oid schema_oid = get_namespace_oid(schema, true);
  return OidIsValid(schema_oid) ? get_relname_relid(table, schema_oid) : InvalidOid;
}

void relocate_catalogue() {
  rewrite("collection", find_relation);
  rewrite("property", find_attribute);
}

}  // namespace plait
