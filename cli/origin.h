// cli/origin.h: who this user's events come from: an origin's id and its clock, in a file.
//
// The file is one line of JSON, {"hlc":"0199d2b4c8f07a21","origin":"01KAJ0T7C6B5A4Z3Y2X1W0V9TS"}. A
// stamp is written there, durably, before it is given out, so no two events of an origin ever have
// one time, however many commands run at once and whenever the machine stops.
#pragma once

#include <optional>
#include <string>

#include "core/event/hlc.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait::cli {

struct Stamp {
  NodeId origin;
  Hlc hlc;
};

// The next stamp: greater than all before and than `seen`. The file is created, with a new origin,
// where there is none. Refuses internal (the file cannot be used), bad_value (it is no such file).
Result<Stamp> next_stamp(const std::string& path, Hlc now, Hlc seen);

// $XDG_STATE_HOME/plait/origin, else $HOME/.local/state/plait/origin; nothing: neither is set.
std::optional<std::string> origin_path();

}  // namespace plait::cli
