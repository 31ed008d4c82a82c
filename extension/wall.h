// extension/wall.h: the wall between Postgres' errors and C++'s: one gate each way.
//
//   PLAIT_FUNCTION(plait_head) { … }   what SQL calls; whatever it throws becomes an ereport, after
//                                      the last C++ object is gone
//   pg([&] { … })                      the only way into Postgres: its longjmp becomes a PgError
//   that
//                                      holds the whole ErrorData
//
// Inside pg() no object with a destructor may be born: a longjmp does not run it. What the lambda
// captures by reference belongs to the caller and is safe. Only a subtransaction may swallow a
// PgError. CamelCase is Postgres' and stands inside pg(); snake_case is ours.
//
// This header comes first in every file of the extension: it alone includes Postgres' headers.
#pragma once

// Postgres 15 leaves it empty, and all else here is hidden.
#define PGDLLEXPORT __attribute__((visibility("default")))

extern "C" {
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/nbtree.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/partition.h"
#include "catalog/pg_am.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_subscription_rel.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "common/shortest_dec.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/hyperloglog.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_type.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "pgstat.h"
#include "port/pg_bswap.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "rewrite/rewriteHandler.h"
#include "storage/bufmgr.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/partcache.h"
#include "utils/pg_locale.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/sortsupport.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"
#include "utils/uuid.h"
#include "utils/varlena.h"
#include "utils/wait_event.h"
#include "utils/xid8.h"
}

// Postgres' ports of C functions, which C++'s own headers cannot bear.
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#undef strerror
#undef strerror_r
#undef gettext
#undef dgettext
#undef ngettext
#undef dngettext
#undef bind

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/result.h"

namespace plait {

// An error of Postgres on its way through C++; the ErrorData lives in the memory context that was
// current when it was raised.
class PgError : public std::exception {
 public:
  explicit PgError(ErrorData* data) : data_(data) {}
  const ErrorData& data() const { return *data_; }
  ErrorData* release() const { return data_; }
  const char* what() const noexcept override { return data_->message; }

 private:
  ErrorData* data_;
};

// An Error of ours on its way to the wall.
class Refusal : public std::exception {
 public:
  explicit Refusal(Error error) : error_(std::move(error)) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.what.c_str(); }

 private:
  Error error_;
};

[[noreturn]] void refuse(Code code, std::string what, std::string where = "",
                         std::string hint = "");

template <typename T>
T or_refuse(Result<T> result) {
  if (!result) throw Refusal(result.error());
  return *std::move(result);
}

namespace wall {

// What catches a longjmp, kept apart so that the template below is small.
struct Guard {
  sigjmp_buf* outer_stack;
  ErrorContextCallback* outer_context;
  MemoryContext outer_memory;
};
inline Guard enter() { return {PG_exception_stack, error_context_stack, CurrentMemoryContext}; }
inline void leave(const Guard& guard) {
  PG_exception_stack = guard.outer_stack;
  error_context_stack = guard.outer_context;
}
[[noreturn]] void throw_pg_error(const Guard& guard);

Datum call(Datum (*body)(FunctionCallInfo), FunctionCallInfo fcinfo);

}  // namespace wall

// Runs `work` with Postgres' errors turned into PgError. Costs one sigsetjmp: put a whole batch of
// calls into one pg(). A C++ exception out of `work` passes through.
template <typename Work>
auto pg(Work&& work) -> decltype(work()) {
  using Value = decltype(work());
  wall::Guard guard = wall::enter();
  sigjmp_buf here;
  if (sigsetjmp(here, 0) != 0) wall::throw_pg_error(guard);
  PG_exception_stack = &here;
  try {
    if constexpr (std::is_void_v<Value>) {
      work();
      wall::leave(guard);
    } else {
      static_assert(std::is_trivially_destructible_v<Value>, "a longjmp would not destroy it");
      Value value = work();
      wall::leave(guard);
      return value;
    }
  } catch (...) {
    wall::leave(guard);
    throw;
  }
}

}  // namespace plait

// Defines a function that SQL calls and that only computes: it calls nothing of Postgres and throws
// nothing, so it needs no wall, whose price a comparison would feel.
#define PLAIT_COMPARISON(name)                                                      \
  _Pragma("GCC visibility push(default)") extern "C" { PG_FUNCTION_INFO_V1(name); } \
  _Pragma("GCC visibility pop") Datum name(FunctionCallInfo fcinfo)

// Defines a function that SQL calls; `fcinfo` is in scope.
#define PLAIT_FUNCTION(name)                                                                 \
  static Datum name##_body(FunctionCallInfo fcinfo);                                         \
  _Pragma("GCC visibility push(default)") extern "C" {                                       \
    PG_FUNCTION_INFO_V1(name);                                                               \
    Datum name(FunctionCallInfo fcinfo) { return ::plait::wall::call(name##_body, fcinfo); } \
  }                                                                                          \
  _Pragma("GCC visibility pop") static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
