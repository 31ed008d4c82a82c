// extension/settings.cpp: the extension's settings (GUCs).

#include "extension/settings.h"

#include <string>

#include "core/event/json.h"

namespace plait {

namespace {

int max_clock_drift = 60'000;
int worker_idle = 3'000;
char* context = nullptr;

// The jsonb {}, which nearly every statement has.
Datum empty_object() {
  static std::uint32_t jsonb[2];
  SET_VARSIZE(jsonb, sizeof(jsonb));
  jsonb[1] = JB_FOBJECT;
  return PointerGetDatum(jsonb);
}

}  // namespace

int max_clock_drift_ms() { return max_clock_drift; }

int worker_idle_ms() { return worker_idle; }

Datum context_setting() {
  if (context == nullptr || *context == '\0') return empty_object();
  auto json = parse_json(context);
  if (!json || !json->is_object())
    refuse(Code::bad_value, std::string("plait.context is ") + context, "plait.context",
           "Set a JSON object, like {\"correlation_id\": \"…\"}, or nothing.");
  std::string text = to_text(*json);
  return pg([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.c_str())); });
}

void define_settings() {
  DefineCustomIntVariable("plait.max_clock_drift",
                          "How far ahead of the server's clock an event may be stamped.", nullptr,
                          &max_clock_drift, 60'000, 0, 24 * 3'600'000, PGC_SUSET, GUC_UNIT_MS,
                          nullptr, nullptr, nullptr);
  DefineCustomIntVariable("plait.worker_idle",
                          "How long the worker that wakes readers stays when nobody writes or "
                          "listens; 0: none is started, and readers poll.",
                          "DROP DATABASE waits 5 s for it.", &worker_idle, 3'000, 0, 60'000,
                          PGC_SUSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
  DefineCustomStringVariable("plait.context",
                             "A JSON object that the events of this transaction carry: "
                             "correlation_id, causation_id, traceparent.",
                             nullptr, &context, "", PGC_USERSET, 0, nullptr, nullptr, nullptr);
  MarkGUCPrefixReserved("plait");
}

}  // namespace plait
