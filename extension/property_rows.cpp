// extension/property_rows.cpp: the rows of plait.property and the names in plait.collection, kept
// in step with a table's columns.

#include "extension/property_rows.h"

#include <algorithm>
#include <string>
#include <vector>

#include "extension/columns.h"
#include "extension/datum.h"
#include "extension/table.h"

namespace plait {

namespace {

constexpr int property_columns = property_key_position;

// What plait.property says of one property.
struct Row {
  ItemPointerData tid;
  char* name;
  char* column;  // NULL: gone
  AttrNumber attribute;
};

List* read_rows(int collection) {
  List* rows = NIL;
  Table table = open_table("property", AccessShareLock);
  Probe probe = open_probe(table, 0, 1, SnapshotSelf);
  Datum key = Int32GetDatum(collection);
  set_probe(probe, &key);
  while (next_row(probe, ForwardScanDirection)) {
    auto* row = static_cast<Row*>(palloc0(sizeof(Row)));
    slot_getallattrs(probe.slot);
    row->tid = probe.slot->tts_tid;
    row->name = TextDatumGetCString(probe.slot->tts_values[property_name - 1]);
    if (!probe.slot->tts_isnull[property_column - 1])
      row->column = TextDatumGetCString(probe.slot->tts_values[property_column - 1]);
    if (!probe.slot->tts_isnull[property_attribute - 1])
      row->attribute = DatumGetInt16(probe.slot->tts_values[property_attribute - 1]);
    rows = lappend(rows, row);
  }
  close_probe(probe);
  close_table(table);
  return rows;
}

// Writes a property's row anew with another value in one of its columns; `is_null`: none.
void set_value(ItemPointer tid, PropertyColumn column, Datum value, bool is_null) {
  Table table = open_table("property", RowExclusiveLock);
  TupleTableSlot* slot = table_slot_create(table.relation, nullptr);
  if (table_tuple_fetch_row_version(table.relation, tid, SnapshotSelf, slot)) {
    slot_getallattrs(slot);
    slot->tts_isnull[column - 1] = is_null;
    slot->tts_values[column - 1] = value;
    update_row(table, tid, SnapshotSelf, slot->tts_values, slot->tts_isnull);
  }
  ExecDropSingleTupleTableSlot(slot);
  close_table(table);
}

// Sets the column of a property; NULL: it is gone.
void set_column(ItemPointer tid, const char* column) {
  set_value(tid, property_column, column == nullptr ? 0 : CStringGetTextDatum(column),
            column == nullptr);
}

struct Default {
  bool is_constant;  // a value that every existing row has
  bool is_present;
  Datum value;
};

Default default_of(Relation relation, AttrNumber attribute) {
  Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation), attribute - 1);
  Default found{};
  if (column->attgenerated != '\0') return found;
  found.is_present = column->attidentity != '\0';
  if (found.is_present) return found;
  Node* expression = build_column_default(relation, attribute);
  if (expression == nullptr) return found;
  found.is_present = true;
  expression = eval_const_expressions(nullptr, expression);
  if (!IsA(expression, Const)) return found;
  auto* constant = reinterpret_cast<Const*>(expression);
  found.is_present = !constant->constisnull;
  found.is_constant = !constant->constisnull;
  found.value = constant->constvalue;
  return found;
}

int key_position(Relation relation, AttrNumber attribute) {
  Oid primary = RelationGetPrimaryKeyIndex(relation);
  if (!OidIsValid(primary)) return -1;
  Relation index = index_open(primary, AccessShareLock);
  int position = -1;
  for (int i = 0; i < index->rd_index->indnkeyatts; ++i)
    if (index->rd_index->indkey.values[i] == attribute) position = i;
  index_close(index, AccessShareLock);
  return position;
}

// Whether the column's values are explained by its initial value.
bool insert_property(int collection, Relation relation, AttrNumber attribute, const char* name,
                     std::string& initial) {
  Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation), attribute - 1);
  Table table = open_table("property", RowExclusiveLock);
  Datum values[property_columns] = {Int32GetDatum(collection), CStringGetTextDatum(name),
                                    CStringGetTextDatum(NameStr(column->attname)),
                                    Int16GetDatum(attribute), CStringGetTextDatum("lww")};
  bool nulls[property_columns] = {};
  nulls[property_initial - 1] = nulls[property_key_position - 1] = true;
  Default found = default_of(relation, attribute);
  if (found.is_constant) {
    int level = pin_settings();
    WireType* type = wire_type(column->atttypid, column->atttypmod, CurrentMemoryContext);
    initial.clear();
    append_wire(initial, *type, found.value);
    unpin_settings(level);
    values[property_initial - 1] = DirectFunctionCall1(jsonb_in, CStringGetDatum(initial.c_str()));
    nulls[property_initial - 1] = false;
  }
  int position = key_position(relation, attribute);
  if (position >= 0) {
    values[property_key_position - 1] = Int16GetDatum(static_cast<int16>(position));
    nulls[property_key_position - 1] = false;
  }
  insert_row(table, values, nulls);
  close_table(table);
  return found.is_constant || !found.is_present;
}

std::string free_name(const std::vector<std::string>& taken, const std::string& column) {
  std::string name = column;
  for (int n = 2; std::ranges::find(taken, name) != taken.end(); ++n)
    name = column + "_" + std::to_string(n);
  return name;
}

// Writes the row of a collection anew if `change` has changed it in the slot.
template <typename Change>
void change_collection(int number, Change change) {
  Table table = open_table("collection", RowExclusiveLock);
  Probe probe = open_probe(table, 0, 1, SnapshotSelf);
  Datum key = Int32GetDatum(number);
  set_probe(probe, &key);
  if (next_row(probe, ForwardScanDirection)) {
    slot_getallattrs(probe.slot);
    if (change(probe.slot->tts_values)) {
      ItemPointerData tid = probe.slot->tts_tid;
      update_row(table, &tid, SnapshotSelf, probe.slot->tts_values, probe.slot->tts_isnull);
    }
  }
  close_probe(probe);
  close_table(table);
}

void follow_table(int number, Oid relation) {
  change_collection(number, [&](Datum* values) {
    const char* schema = get_namespace_name(get_rel_namespace(relation));
    const char* name = get_rel_name(relation);
    bool is_same = strcmp(TextDatumGetCString(values[collection_schema - 1]), schema) == 0 &&
                   strcmp(TextDatumGetCString(values[collection_table - 1]), name) == 0;
    values[collection_schema - 1] = CStringGetTextDatum(schema);
    values[collection_table - 1] = CStringGetTextDatum(name);
    return !is_same;
  });
}

}  // namespace

bool follow_columns(int collection, Oid relid) {
  List* rows = pg([&] {
    follow_table(collection, relid);
    return read_rows(collection);
  });
  std::vector<std::string> taken;
  std::vector<AttrNumber> known;
  Relation relation = pg([&] { return relation_open(relid, AccessShareLock); });
  TupleDesc columns = RelationGetDescr(relation);
  ListCell* cell;
  foreach (cell, rows) {
    auto* row = static_cast<Row*>(lfirst(cell));
    taken.emplace_back(row->name);
    if (row->column == nullptr) continue;
    bool is_live = row->attribute > 0 && row->attribute <= columns->natts &&
                   !TupleDescAttr(columns, row->attribute - 1)->attisdropped;
    const char* present =
        is_live ? NameStr(TupleDescAttr(columns, row->attribute - 1)->attname) : nullptr;
    if (is_live) known.push_back(row->attribute);
    if (present == nullptr || std::string_view(present) != row->column)
      pg([&] { set_column(&row->tid, present); });
  }
  bool adds_values = false;
  std::string initial;
  for (AttrNumber at = 1; at <= columns->natts; ++at) {
    Form_pg_attribute column = TupleDescAttr(columns, at - 1);
    if (column->attisdropped || std::ranges::find(known, at) != known.end()) continue;
    std::string name = free_name(taken, NameStr(column->attname));
    taken.push_back(name);
    bool is_explained = pg([&] {
      bool explained = insert_property(collection, relation, at, name.c_str(), initial);
      if (name != NameStr(column->attname))
        ereport(NOTICE, (errmsg("column %s is property %s: another property had its name",
                                NameStr(column->attname), name.c_str())));
      return explained;
    });
    adds_values |= !is_explained;
  }
  pg([&] {
    relation_close(relation, NoLock);
    CommandCounterIncrement();
  });
  return adds_values;
}

void set_key(int collection, Oid relid, const std::string& naming) {
  pg([&] {
    change_collection(collection, [&](Datum* values) {
      values[collection_naming - 1] = CStringGetTextDatum(naming.c_str());
      return true;
    });
    List* rows = read_rows(collection);
    Relation relation = relation_open(relid, AccessShareLock);
    ListCell* cell;
    foreach (cell, rows) {
      auto* row = static_cast<Row*>(lfirst(cell));
      int position = row->column == nullptr ? -1 : key_position(relation, row->attribute);
      set_value(&row->tid, property_key_position, Int16GetDatum(static_cast<int16>(position)),
                position < 0);
    }
    relation_close(relation, NoLock);
  });
}

}  // namespace plait
