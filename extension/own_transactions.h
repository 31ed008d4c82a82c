// extension/own_transactions.h: procedures that end the transaction of their CALL and begin their
// own.
#pragma once

#include "extension/wall.h"

#include <string>

#include "extension/subtransaction.h"

namespace plait {

// Refuses not_supported where the CALL may not end its transaction.
void expect_no_block(FunctionCallInfo fcinfo, const std::string& procedure,
                     const std::string& hint);

// The transactions of one CALL, READ COMMITTED whatever the session's are. Outside pg().
class OwnTransactions {
 public:
  // The CALL's first one is over, with its snapshot; the next has none.
  void open();
  // Runs `work` in a transaction, in memory of its own, and commits. Of what is not `durable` a
  // crash may take the latest; it is visible, and its locks are free, without waiting for the disk.
  template <typename Work>
  void run(bool durable, Work work) {
    begin(durable);
    work();
    commit();
  }
  // The present one, which did nothing, is the CALL's to commit.
  void close();

 private:
  void begin(bool durable);
  void commit();

  MemoryContext memory_ = nullptr;
};

// The waits of the present subtransaction end after so long, by 55P03. Inside pg().
void wait_at_most(int ms);

// Runs `work` in a subtransaction in which each lock is waited for at most so long; false: it took
// longer, and all that `work` did and locked is undone. Outside pg().
template <typename Work>
bool give_up_after(int ms, Work work) {
  try {
    in_subtransaction([&] {
      pg([&] { wait_at_most(ms); });
      work();
      return true;
    });
    return true;
  } catch (const PgError& error) {
    if (error.data().sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE) throw;
    return false;
  }
}

}  // namespace plait
