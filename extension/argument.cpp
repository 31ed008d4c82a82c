// extension/argument.cpp: arguments and results of SQL functions.

#include "extension/argument.h"

#include <algorithm>
#include <cstring>

#include "extension/table.h"

namespace plait {

namespace {

struct Ids {
  Datum* values;
  int count;
  bool has_null;
  bool is_flat;
};

Ids ids_argument(FunctionCallInfo fcinfo, int argument) {
  return pg([&] {
    Ids ids{};
    ArrayType* array = PG_GETARG_ARRAYTYPE_P(argument);
    ids.is_flat = ARR_NDIM(array) <= 1;
    ids.has_null = array_contains_nulls(array);
    if (ids.is_flat && !ids.has_null)
      deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(Ulid), false, TYPALIGN_CHAR, &ids.values,
                        nullptr, &ids.count);
    return ids;
  });
}

template <typename T>
std::vector<T> ids_of(FunctionCallInfo fcinfo, int argument) {
  Ids ids = ids_argument(fcinfo, argument);
  if (!ids.is_flat || ids.has_null)
    refuse(Code::bad_value, "an array of ids has a NULL or more than one dimension",
           "argument " + std::to_string(argument + 1),
           "Give ids as ARRAY['…', '…']::plait.ulid[].");
  std::vector<T> result;
  for (int i = 0; i < ids.count; ++i) result.push_back(T(datum_ulid(ids.values[i])));
  return result;
}

}  // namespace

std::string text_argument(FunctionCallInfo fcinfo, int argument) {
  text* value = pg([&] { return PG_GETARG_TEXT_PP(argument); });
  return std::string(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

Json jsonb_argument(FunctionCallInfo fcinfo, int argument) {
  const char* text = pg([&] {
    Jsonb* jsonb = PG_GETARG_JSONB_P(argument);
    return JsonbToCString(nullptr, &jsonb->root, VARSIZE(jsonb));
  });
  return or_refuse(parse_json(text, {stored_json_depth_max}));
}

Head head_argument(FunctionCallInfo fcinfo, int argument) {
  Head head = ids_of<EventId>(fcinfo, argument);
  std::ranges::sort(head);
  head.erase(std::ranges::unique(head).begin(), head.end());
  return head;
}

std::vector<EntityId> entities_argument(FunctionCallInfo fcinfo, int argument) {
  return ids_of<EntityId>(fcinfo, argument);
}

const EventTriggerData* event_argument(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
    refuse(Code::bad_value, "this function was not called by an event trigger", "",
           "CREATE EXTENSION plait makes the event triggers.");
  return reinterpret_cast<const EventTriggerData*>(fcinfo->context);
}

Datum text_datum(std::string_view text) {
  return pg([&] {
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
  });
}

Datum jsonb_datum(const std::string& json) {
  return pg([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str())); });
}

Datum ulid_result(const Ulid& ulid) {
  return pg([&] {
    auto* copy = static_cast<Ulid*>(palloc(sizeof(Ulid)));
    std::memcpy(copy, &ulid, sizeof(Ulid));
    return PointerGetDatum(copy);
  });
}

Datum head_datum(const Head& head) {
  return pg([&] {
    auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (head.size() + 1)));
    for (std::size_t i = 0; i < head.size(); ++i) values[i] = ulid_datum(head[i]);
    return PointerGetDatum(construct_array(values, static_cast<int>(head.size()),
                                           plait_type("ulid"), sizeof(Ulid), false, TYPALIGN_CHAR));
  });
}

}  // namespace plait
