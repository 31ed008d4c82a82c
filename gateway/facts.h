// gateway/facts.h: what every session of this gateway may be told.
#pragma once

#include <string>

#include "core/event/ulid.h"
#include "core/wire/message.h"
#include "gateway/catalogue.h"
#include "gateway/position.h"

namespace plait::gateway {

struct Facts {
  std::string server;  // name and version
  wire::Limits limits;
  NodeId database;  // this life of it
  CataloguePtr catalogue;
  Position position;
  bool draining = false;  // no new work
};

// What a session needs to know of the present, beside the facts.
struct Now {
  std::int64_t ms = 0;  // of a clock that never goes back
  Hlc hlc = 0;
};

}  // namespace plait::gateway
