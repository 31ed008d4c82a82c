// extension/own_transactions.cpp: procedures that end the transaction of their CALL and begin their
// own.

#include "extension/own_transactions.h"

#include <algorithm>

namespace plait {

namespace {

void set(const char* name, const char* value, GucAction action) {
  set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, action, true, 0, false);
}

// Above READ COMMITTED a procedure's reading of Plait's tables would conflict with their writers.
void commit_and_begin() {
  SPI_commit();
  set("transaction_isolation", "read committed", GUC_ACTION_LOCAL);
}

}  // namespace

void expect_no_block(FunctionCallInfo fcinfo, const std::string& procedure,
                     const std::string& hint) {
  bool is_atomic = fcinfo->context == nullptr || !IsA(fcinfo->context, CallContext) ||
                   reinterpret_cast<CallContext*>(fcinfo->context)->atomic;
  if (is_atomic)
    refuse(Code::not_supported, procedure + " cannot run in a transaction block", "", hint);
}

void OwnTransactions::open() {
  pg([&] {
    SPI_connect_ext(SPI_OPT_NONATOMIC);
    memory_ =
        AllocSetContextCreate(CurrentMemoryContext, "plait transaction", ALLOCSET_DEFAULT_SIZES);
    MemoryContextSwitchTo(memory_);
    commit_and_begin();
  });
}

void OwnTransactions::begin(bool durable) {
  if (!durable) pg([] { set("synchronous_commit", "off", GUC_ACTION_LOCAL); });
}

void OwnTransactions::commit() {
  pg([&] {
    commit_and_begin();
    MemoryContextReset(memory_);
  });
}

void OwnTransactions::close() {
  pg([] { SPI_finish(); });
}

void wait_at_most(int ms) {
  // 0 would be for ever. Saved: the subtransaction's end takes it back, whatever that is.
  set("lock_timeout", psprintf("%dms", std::max(ms, 1)), GUC_ACTION_SAVE);
}

}  // namespace plait
