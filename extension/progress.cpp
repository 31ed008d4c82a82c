// extension/progress.cpp: plait.backfills(), which plait.progress shows: how far
// plait.track_concurrently has come.

#include <algorithm>

#include "extension/argument.h"
#include "extension/backfill.h"
#include "extension/backfill_claim.h"
#include "extension/catalogue.h"
#include "extension/node.h"

namespace plait {

namespace {

enum Column {
  progress_collection,
  progress_relation,
  progress_phase,
  progress_rows,
  progress_blocks_done,
  progress_blocks,
  progress_held,
  progress_since,
  progress_last_batch,
  progress_pid,
  progress_columns
};

struct ProgressRow {
  Datum values[progress_columns] = {};
  bool nulls[progress_columns];
  ProgressRow() { std::fill_n(nulls, progress_columns, true); }
  void set(Column column, Datum value) {
    values[column] = value;
    nulls[column] = false;
  }
};

const char* phase_of(const Backfill& backfill) {
  if (backfill.next < backfill.blocks) return "geneses";
  return backfill.held > 0 ? "rows that others hold" : "done";
}

Datum interval_of(std::int64_t us) {
  auto* interval = static_cast<Interval*>(palloc0(sizeof(Interval)));
  interval->time = us;
  return IntervalPGetDatum(interval);
}

bool may_read(Oid relation) {
  return pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

class Progress {
 public:
  explicit Progress(FunctionCallInfo fcinfo)
      : result_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
    if (std::optional<OwnNode> own = known_own_node()) era_ = own->era;
    pg([&] {
      InitMaterializedSRF(fcinfo, 0);
      claims_ = backfill_claims();
      backfills_ = read_backfills(0, GetActiveSnapshot());
    });
  }

  void tell() {
    for (int i = 0; i < list_length(backfills_); ++i)
      tell_backfill(*static_cast<Backfill*>(list_nth(backfills_, i)));
    for (int i = 0; i < list_length(claims_); ++i)
      tell_waiting(*static_cast<BackfillClaim*>(list_nth(claims_, i)));
  }

 private:
  void tell_backfill(const Backfill& backfill) {
    CollectionRef collection = collection_numbered(backfill.collection);
    // In another life of the database its table has another number, which the next CALL finds.
    Oid table = backfill.era == era_ ? backfill.relation : collection->relation;
    pg([&] {
      begun_ = lappend_oid(begun_, collection->relation);
      bool is_there =
          get_rel_name(collection->relation) != nullptr && get_rel_name(table) != nullptr;
      if (!is_there || !may_read(collection->relation)) return;
      ProgressRow row;
      row.set(progress_collection, CStringGetTextDatum(collection->name.c_str()));
      row.set(progress_relation, ObjectIdGetDatum(table));
      row.set(progress_phase, CStringGetTextDatum(phase_of(backfill)));
      row.set(progress_rows, Int64GetDatum(backfill.rows));
      row.set(progress_blocks_done, Int64GetDatum(backfill.next));
      row.set(progress_blocks, Int64GetDatum(backfill.blocks));
      row.set(progress_held, Int64GetDatum(backfill.held));
      row.set(progress_since, TimestampTzGetDatum(backfill.since));
      if (backfill.batch_us > 0) row.set(progress_last_batch, interval_of(backfill.batch_us));
      tell_pid(row, collection->relation);
      tuplestore_putvalues(result_->setResult, result_->setDesc, row.values, row.nulls);
    });
  }

  // Its collection does not exist yet.
  void tell_waiting(const BackfillClaim& claim) {
    pg([&] {
      if (list_member_oid(begun_, claim.relation) || !may_read(claim.relation)) return;
      ProgressRow row;
      row.set(progress_relation, ObjectIdGetDatum(claim.relation));
      row.set(progress_phase, CStringGetTextDatum("waiting for writers"));
      tell_pid(row, claim.relation);
      tuplestore_putvalues(result_->setResult, result_->setDesc, row.values, row.nulls);
    });
  }

  void tell_pid(ProgressRow& row, Oid relation) {
    ListCell* cell;
    foreach (cell, claims_) {
      auto* claim = static_cast<BackfillClaim*>(lfirst(cell));
      if (claim->relation == relation) row.set(progress_pid, Int32GetDatum(claim->pid));
    }
  }

  ReturnSetInfo* result_;
  int era_ = 0;  // none began yet
  List* claims_ = NIL;
  List* backfills_ = NIL;
  List* begun_ = NIL;
};

}  // namespace

// plait.backfills() -> setof (collection, relation, phase, …)
PLAIT_FUNCTION(plait_backfills) {
  Progress(fcinfo).tell();
  return static_cast<Datum>(0);
}

}  // namespace plait
