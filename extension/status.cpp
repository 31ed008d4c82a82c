// extension/status.cpp: plait.status(): what this database is and how far its feed has come.

#include "extension/access.h"
#include "extension/argument.h"
#include "extension/feed.h"
#include "extension/held_back.h"
#include "extension/node.h"
#include "extension/table.h"
#include "extension/wake.h"

namespace plait {

namespace {

class StatusWriter {
 public:
  explicit StatusWriter(FunctionCallInfo fcinfo) {
    pg([&] { InitMaterializedSRF(fcinfo, 0); });
    result_ = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  }

  void tell(const char* item, const Json& value) {
    Datum values[2] = {text_datum(item), jsonb_datum(to_text(value))};
    bool nulls[2] = {};
    pg([&] { tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls); });
  }

 private:
  ReturnSetInfo* result_;
};

Json time_json(TimestampTz at) {
  const char* text = pg([&] {
    char buffer[MAXDATELEN + 1];
    JsonEncodeDateTime(buffer, TimestampTzGetDatum(at), TIMESTAMPTZOID, nullptr);
    return pstrdup(buffer);
  });
  return Json::string(text);
}

Json describe(const Collection& collection) {
  struct Facts {
    const char* table;
    const char* why_not_whole;
  };
  Facts facts = pg([&] {
    const char* table = get_rel_name(collection.relation);
    if (table != nullptr)
      table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(collection.relation)),
                                         table);
    return Facts{table, access_to(collection).why_not_whole};
  });
  Json json = Json::object();
  json.set("name", Json::string(collection.name));
  json.set("table", facts.table == nullptr ? Json::null() : Json::string(facts.table));
  json.set("tracked", Json::boolean(collection.tracked));
  json.set("readable", facts.why_not_whole == nullptr ? Json::boolean(true)
                                                      : Json::string(facts.why_not_whole));
  return json;
}

std::int64_t event_bytes() {
  return pg([] {
    return DatumGetInt64(
        DirectFunctionCall1(pg_total_relation_size, ObjectIdGetDatum(plait_relation("event"))));
  });
}

void tell_feed(StatusWriter& writer, const OwnNode& own) {
  Snapshot snapshot = pg([] { return GetActiveSnapshot(); });
  std::optional<Tick> newest = newest_tick_of(own.era, snapshot);
  writer.tell("cursor", newest ? Json::string(to_text(newest->cursor)) : Json::null());
  writer.tell("recorded", newest ? time_json(newest->at) : Json::null());
  writer.tell("complete", Json::boolean(newest && !has_news(own.era, newest, snapshot)));
  writer.tell("held_back", held_back(own.era));
}

Json describe_worker() {
  WorkerState state = pg([] { return worker_state(); });
  Json json = Json::object();
  json.set("running", Json::boolean(state.why_not == nullptr));
  if (state.why_not == nullptr)
    json.set("pid", Json::integer(state.pid));
  else
    json.set("why_not", Json::string(state.why_not));
  return json;
}

}  // namespace

// plait.status() -> setof (item text, value jsonb)
PLAIT_FUNCTION(plait_status) {
  StatusWriter writer(fcinfo);
  if (std::optional<OwnNode> own = known_own_node()) {
    writer.tell("database", Json::string(to_text(own->id)));
    writer.tell("era", Json::integer(own->era));
    tell_feed(writer, *own);
  } else {
    writer.tell("database", Json::null());  // nobody has written in this life yet
  }
  writer.tell("worker", describe_worker());
  writer.tell("event_bytes", Json::integer(event_bytes()));
  Json collections = Json::array();
  for (const CollectionRef& collection : all_collections()) collections.push(describe(*collection));
  writer.tell("collections", collections);
  return static_cast<Datum>(0);
}

}  // namespace plait
