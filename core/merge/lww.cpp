// core/merge/lww.cpp: last writer wins.

#include "core/merge/lww.h"

namespace plait {

void apply_lww(Json& value, const Operations::Change& change) { value = *change.value; }

}  // namespace plait
