// core/merge/lww.cpp: last writer wins.

#include "core/merge/lww.h"

namespace plait {

void apply_lww(Register& before, const Operations::Change& change, const EventId& event) {
  before.value = *change.value;
  before.event = event;
}

}  // namespace plait
