// extension/held_back.cpp: who holds back what of the feed.

#include "extension/held_back.h"

#include <vector>

#include "core/result.h"
#include "extension/columns.h"
#include "extension/table.h"
#include "extension/tick.h"

namespace plait {

namespace {

// Operators are called as functions: nobody's search_path decides what = means.
constexpr const char* with_sessions = R"(
  SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
           'holds', h.holds, 'xid', h.xid::pg_catalog.text, 'prepared', p.gid,
           'since', COALESCE(p.prepared, a.xact_start), 'pid', a.pid,
           'user', COALESCE(p.owner, a.usename), 'application', a.application_name,
           'state', a.state)) ORDER BY h.xid)::pg_catalog.text
    FROM (SELECT 'its events' AS holds, xid, NULL AS pid FROM pg_catalog.unnest($1) AS xid
          UNION ALL
          SELECT 'all ticks', NULL, l.pid FROM pg_catalog.pg_locks l
           WHERE l.granted AND pg_catalog.oideq(l.relation, $2)
             AND pg_catalog.textne(l.mode, 'AccessShareLock')
             AND pg_catalog.textne(l.mode, 'RowShareLock')) h
    LEFT JOIN pg_catalog.pg_stat_activity a
           ON pg_catalog.xideq(a.backend_xid, h.xid::pg_catalog.xid)
              OR pg_catalog.int4eq(a.pid, h.pid)
    LEFT JOIN pg_catalog.pg_prepared_xacts p
           ON pg_catalog.xideq(p.transaction, h.xid::pg_catalog.xid))";

constexpr const char* without_sessions = R"(
  SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
           'holds', 'its events', 'xid', xid::pg_catalog.text))::pg_catalog.text
    FROM pg_catalog.unnest($1) AS xid WHERE $2 IS NOT NULL)";

bool may_read_sessions() {
  for (const char* view : {"pg_stat_activity", "pg_prepared_xacts", "pg_locks"}) {
    Oid oid = get_relname_relid(view, PG_CATALOG_NAMESPACE);
    if (pg_class_aclcheck(oid, GetUserId(), ACL_SELECT) != ACLCHECK_OK) return false;
  }
  return true;
}

// The transactions with events that are there for who sees what is not committed too.
class Written {
 public:
  Written(std::int16_t era, StrategyNumber which) : era_(era) {
    InitDirtySnapshot(dirty_);
    table_ = open_table("event", AccessShareLock);
    probe_ = open_probe(table_, index_over(table_, {event_era, event_xid}), 2, &dirty_, which);
  }
  // This one, or the first one from there on; 0: none.
  std::uint64_t find(std::uint64_t xid) {
    Datum key[] = {Int16GetDatum(era_), UInt64GetDatum(xid)};
    set_probe(probe_, key);
    if (!next_row(probe_, ForwardScanDirection)) return 0;
    bool is_null;
    return DatumGetUInt64(slot_getattr(probe_.slot, event_xid, &is_null));
  }
  void close() {
    close_probe(probe_);
    close_table(table_);
  }

 private:
  std::int16_t era_;
  SnapshotData dirty_;
  Table table_;
  Probe probe_;
};

// Of the open transactions those that have written events; what a savepoint took back does not
// count. A snapshot lists those others that run before its end; what began since is found by its
// events.
std::vector<std::uint64_t> with_events(std::int16_t era) {
  std::vector<std::uint64_t> found;
  if (pg([] { return RecoveryInProgress(); })) return found;
  Upto now = upto_now();
  std::vector<std::uint64_t> listed = now.running();
  std::uint64_t own = pg([] { return U64FromFullTransactionId(GetTopFullTransactionIdIfAny()); });
  if (own != 0 && own < now.end()) listed.push_back(own);
  pg([&] {
    Written one(era, BTEqualStrategyNumber);
    for (std::uint64_t xid : listed)
      if (one.find(xid) != 0) found.push_back(xid);
    one.close();
    Written begun(era, BTGreaterEqualStrategyNumber);
    for (std::uint64_t xid = now.end(); (xid = begun.find(xid)) != 0; ++xid)
      if (TransactionIdIsInProgress(static_cast<TransactionId>(xid))) found.push_back(xid);
    begun.close();
  });
  return found;
}

// Inside pg().
const char* describe(const std::vector<std::uint64_t>& xids) {
  ArrayBuildState* array = initArrayResult(XID8OID, CurrentMemoryContext, false);
  for (std::uint64_t xid : xids)
    accumArrayResult(array, UInt64GetDatum(xid), false, XID8OID, CurrentMemoryContext);
  Oid types[] = {XID8ARRAYOID, OIDOID};
  Datum values[] = {makeArrayResult(array, CurrentMemoryContext),
                    ObjectIdGetDatum(plait_relation("feed_lock"))};
  MemoryContext outer = CurrentMemoryContext;
  SPI_connect();
  int done = SPI_execute_with_args(may_read_sessions() ? with_sessions : without_sessions, 2, types,
                                   values, nullptr, true, 1);
  if (done != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(done));
  const char* text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
  if (text != nullptr) text = MemoryContextStrdup(outer, text);
  SPI_finish();
  return text;
}

}  // namespace

Json held_back(std::int16_t era) {
  std::vector<std::uint64_t> xids = with_events(era);
  const char* text = pg([&] { return describe(xids); });
  return text == nullptr ? Json::array() : or_refuse(parse_json(text));
}

}  // namespace plait
