// extension/argument.h: arguments and results of SQL functions. Outside pg().
#pragma once

#include "extension/wall.h"

#include <string>
#include <string_view>
#include <vector>

#include "core/dag/head.h"
#include "core/event/json.h"
#include "core/event/ulid.h"

namespace plait {

// REQUIRES: the argument is not NULL.
std::string text_argument(FunctionCallInfo fcinfo, int argument);
Json jsonb_argument(FunctionCallInfo fcinfo, int argument);
// plait.ulid[]: ascending, distinct. Refuses bad_value: a NULL element, more than one dimension.
Head head_argument(FunctionCallInfo fcinfo, int argument);
// plait.ulid[], in the order given.
std::vector<EntityId> entities_argument(FunctionCallInfo fcinfo, int argument);
// What an event trigger's function was called for. Refuses bad_value: it was not.
const EventTriggerData* event_argument(FunctionCallInfo fcinfo);

Datum text_datum(std::string_view text);
Datum jsonb_datum(const std::string& json);
Datum ulid_result(const Ulid& ulid);
Datum head_datum(const Head& head);

}  // namespace plait
