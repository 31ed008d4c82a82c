// extension/feed_walk.h: the events of finished transactions between two ticks, found by
// transaction.
//
// It walks the distinct transaction ids of the index (era, xid). What no bound wants, or what still
// runs, is passed over by a new descent, before any page of the table is touched: the cost follows
// transactions, not the events of open ones. Everything here runs inside pg().
#pragma once

#include "extension/wall.h"

#include "extension/table.h"
#include "extension/tick.h"

namespace plait {

struct FeedRange {
  std::int16_t era = 0;
  const Upto* after = nullptr;  // NULL: from the beginning, events of earlier eras included
  const Upto* upto = nullptr;   // NULL: all that the walk's snapshot calls finished
};

class FeedWalk {
 public:
  void open(const FeedRange& range, Snapshot snapshot);
  // To the next event that the snapshot shows; in the order of transaction ids, not of event ids.
  bool next();
  // A row of plait.event, until the next next().
  TupleTableSlot* row() const { return slot_; }
  // The row of an event that next() found earlier, by its place; it is there: events are never
  // moved.
  void fetch(ItemPointer place);
  void close();

 private:
  enum class Verdict { wanted, passed_over, at_end };

  void seek(std::uint64_t xid);
  void begin_era();
  Verdict judge(std::uint64_t xid);
  bool is_finished(std::uint64_t xid) const;

  FeedRange range_;
  Snapshot snapshot_ = nullptr;
  std::uint64_t snapshot_xmin_ = 0;
  std::uint64_t snapshot_xmax_ = 0;
  std::uint64_t own_ = 0;  // 0: this transaction has written nothing
  Table table_{};
  Relation index_ = nullptr;
  IndexScanDesc scan_ = nullptr;
  TupleTableSlot* slot_ = nullptr;
  bool in_earlier_eras_ = false;
  bool has_judged_ = false;
  std::uint64_t judged_ = 0;  // the transaction that was found wanted
};

// Whether the range has any event that the snapshot shows.
bool has_events(const FeedRange& range, Snapshot snapshot);

}  // namespace plait
