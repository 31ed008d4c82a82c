// extension/throw_probe.cpp: a test's hook: throws across the wall whatever can be thrown.
//
// No SQL function of the extension names it. regress/sql/wall.sql makes its own of these symbols,
// to see that errors arrive whole, ten thousand of them, and leave nothing behind.

#include "extension/wall.h"

#include <malloc.h>

#include <new>
#include <stdexcept>

#include "extension/argument.h"

namespace plait {

namespace {

int alive = 0;

// What must be destroyed on the way out; its text is too long to lie in the object itself.
struct Witness {
  Witness() { ++alive; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { --alive; }
  std::string text = std::string(1'000, 'w');
};

void raise_postgres_error() {
  Witness witness;
  pg([] {
    ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE), errmsg("raised by Postgres"),
                    errdetail("its detail"), errhint("its hint")));
  });
}

void run_nested(const std::string& sql) {
  Witness witness;
  pg([&] {
    SPI_connect();
    SPI_execute(sql.c_str(), false, 0);
    SPI_finish();
  });
}

void throw_kind(const std::string& kind) {
  Witness witness;
  if (kind == "postgres") raise_postgres_error();
  if (kind == "refusal") refuse(Code::bad_value, "refused", "/operations/set", "mend it");
  if (kind == "bare refusal") refuse(Code::head_moved, "refused");
  if (kind == "bad_alloc") throw std::bad_alloc();
  if (kind == "exception") throw std::runtime_error("a broken promise");
  if (kind == "number") throw 42;
  run_nested(kind);  // SQL, which may come here again
}

}  // namespace

PLAIT_FUNCTION(plait_test_throw) {
  throw_kind(text_argument(fcinfo, 0));
  return static_cast<Datum>(0);
}

// How many witnesses were not destroyed.
PLAIT_FUNCTION(plait_test_alive) { return Int32GetDatum(alive); }

// Bytes of the heap in use: exceptions that nobody ended stay there.
PLAIT_FUNCTION(plait_test_heap) {
  return Int64GetDatum(static_cast<std::int64_t>(mallinfo2().uordblks));
}

}  // namespace plait
