// extension/root_layout.cpp: rows of a leaf as the tracked table has them.

#include "extension/root_layout.h"

namespace plait {

void RootLayout::open(Relation table, const Collection& collection) {
  if (RelationGetRelid(table) == collection.relation) return;
  map_ = convert_tuples_by_name(RelationGetDescr(table), collection.columns);
  if (map_ != nullptr) converted_ = MakeSingleTupleTableSlot(collection.columns, &TTSOpsVirtual);
}

TupleTableSlot* RootLayout::convert(TupleTableSlot* row) {
  return map_ == nullptr ? row : execute_attr_map_slot(map_->attrMap, row, converted_);
}

void RootLayout::close() {
  if (map_ == nullptr) return;
  ExecDropSingleTupleTableSlot(converted_);
  free_conversion_map(map_);
  map_ = nullptr;
}

}  // namespace plait
