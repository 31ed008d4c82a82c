// extension/settings.h: the extension's settings (GUCs).
#pragma once

#include "extension/wall.h"

namespace plait {

// plait.max_clock_drift: how far ahead of the server's clock a client's event may be stamped.
int max_clock_drift_ms();

// plait.worker_idle: how long the worker stays when nobody writes or listens; 0: none is started.
int worker_idle_ms();

// plait.context: correlation_id, causation_id, traceparent … as jsonb; {} when unset. Lives in the
// current transaction's memory. Outside pg(). Refuses bad_value: no JSON object.
Datum context_setting();

void define_settings();  // called by _PG_init

}  // namespace plait
