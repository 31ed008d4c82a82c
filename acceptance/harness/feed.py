# acceptance/harness/feed.py: what must be true of a sequence of delivered changes.


def whole_and_once(rows, stored):
    """`rows`: (cursor, …, id, parents, xid) in order of delivery as dicts; `stored`: every committed
    event's id -> xid. Each once, parents first, transactions in one tick, ticks in order."""
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} events came twice"
    missing, surplus = set(stored) - set(ids), set(ids) - set(stored)
    assert not missing, f"{len(missing)} of {len(stored)} events never came, so {sorted(missing)[:3]}"
    assert not surplus, f"{len(surplus)} events came that are not there: {sorted(surplus)[:3]}"
    seen = set()
    for row in rows:
        absent = [parent for parent in row["parents"] if parent not in seen]
        assert not absent, f"{row['id']} came before its parents {absent}"
        seen.add(row["id"])
    ticks = [int(row["cursor"].split(".")[0]) for row in rows]
    assert ticks == sorted(ticks), "ticks went back"
    tick_of = {}
    for row, tick in zip(rows, ticks):
        assert tick_of.setdefault(row["xid"], tick) == tick, f"transaction {row['xid']} is torn over ticks"
        assert row["xid"] == stored[row["id"]]
    for earlier, later in zip(rows, rows[1:]):
        assert earlier["cursor"] != later["cursor"] or earlier["id"] < later["id"], "not in id order"


def stored_xids(database):
    return dict(database.sql("SELECT id::text, xid::text FROM plait.event"))
