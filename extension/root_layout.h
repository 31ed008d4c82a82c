// extension/root_layout.h: rows of a leaf as the tracked table has them.
//
// A leaf may have its columns in another order, or dropped ones between them. All that Plait knows
// of a row is in the layout of the tracked table, so rows are brought into it where they are read.
#pragma once

#include "extension/wall.h"

#include "extension/catalogue.h"

namespace plait {

// Everything inside pg().
class RootLayout {
 public:
  void open(Relation table, const Collection& collection);
  // The same slot where the layouts agree; else one that is good until the next call, as long as
  // `row` is.
  TupleTableSlot* convert(TupleTableSlot* row);
  void close();

 private:
  TupleConversionMap* map_ = nullptr;
  TupleTableSlot* converted_ = nullptr;
};

}  // namespace plait
