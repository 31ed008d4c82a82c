# acceptance/test_backfill.py: plait.track_concurrently beside writers: nobody is stopped, nothing escapes, one genesis an entity.
import os
import random
import signal

import psycopg2
import pytest

from acceptance.harness.backfill import HeldUp, Tracking, Writer, hold
from acceptance.harness.follower import Follower, delivered
from acceptance.harness.waiting import until
from acceptance.model.world import Refused

WRITERS = 8
KILLS = 5 * (5 if os.environ.get("SOAK") else 1)
GENESES = "SELECT count(*), count(DISTINCT (collection, entity)) FROM plait.event WHERE parents = ''"
LEFT = "SELECT count(*) FROM plait.backfill"


def fill(database, rows, key="int"):
    database.sql(f"CREATE TABLE item (id {key} PRIMARY KEY, v int, w text)")
    database.sql(f"INSERT INTO item SELECT n, n, 'as it was ' || n FROM generate_series(1, {rows}) n")


def whole(database):
    """What must hold at the end: every row is its events, which began once."""
    assert database.verify() == []
    geneses, entities = database.sql(GENESES)[0]
    assert geneses == entities == database.value("SELECT count(DISTINCT entity) FROM plait.event")
    assert database.value(LEFT) == 0


def rows_as_followed(path):
    """The table as a follower of the feed has it: entity -> (v, w)."""
    rows = {}
    for _, found in delivered(path):
        for _, entity, operations in found:
            if "delete" in operations:
                del rows[entity]
            else:
                rows.setdefault(entity, {}).update(operations.get("set", {}))
    return {entity: (row.get("v"), row.get("w")) for entity, row in rows.items()}


@pytest.mark.parametrize("key, rows", [("int", 200_000), ("text", 50_000)])
def test_eight_writers_meanwhile(database, rng, tmp_path, key, rows):
    fill(database, rows, key)
    writers = [Writer(n, database, "item", rows, random.Random(rng.random())) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    tracking = Tracking(database, "item")
    tracking.start()
    follower = Follower(database.cluster.dsn(database.name), tmp_path / "followed", columns=("entity::text", "operations"))
    follower.start()
    modes = set()
    while tracking.is_alive():
        # The transaction that made the triggers is over, its locks too, which go after it can be seen: it is in a later one.
        begun, held = database.sql("""SELECT (SELECT xact_start FROM pg_stat_activity WHERE pid = %s) > (SELECT max(since) FROM plait.backfill),
            (SELECT array_agg(mode) FROM pg_locks WHERE pid = %s AND relation = 'item'::regclass)""", tracking.pid, tracking.pid)[0]
        modes |= set(held or []) if begun else set()
        tracking.join(0.01)
    tracking.finish()
    for writer in writers:
        writer.stop()
    assert all(writer.done > 10 for writer in writers), [writer.done for writer in writers]
    assert modes <= {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
    whole(database)
    # Some of the geneses are writers', and each batch is a transaction.
    by_us = int(tracking.notices[-1].split(": ")[-1].split()[0])
    geneses, _ = database.sql(GENESES)[0]
    assert 0 < by_us < geneses
    assert database.value("SELECT max(n) FROM (SELECT count(*) n FROM plait.event GROUP BY xid) x") < rows / 3
    database.sql("CALL plait.advance()")
    stored = database.value("SELECT count(*) FROM plait.event")
    until(lambda: sum(len(found) for _, found in delivered(follower.path)) == stored, "the follower is there", 90)
    follower.kill()
    assert rows_as_followed(follower.path) == {
        entity: (v, w) for entity, v, w in database.sql("SELECT plait.identity(item)::text, v, w FROM item")}


def test_a_long_writer_is_waited_for_and_stops_nobody(database):
    fill(database, 1000)
    first, second = (database.connect(autocommit=False) for _ in range(2))
    database.sql("INSERT INTO item VALUES (-1, 0, 'open')", on=first)
    tracking = Tracking(database, "item")
    tracking.start()
    assert tracking.reaches("waiting for writers")["waits_for"] == [first.info.backend_pid]
    # Who writes meanwhile waits for nobody: no request for a lock stands before him.
    database.sql("SET lock_timeout = 1")
    for n in range(20):
        database.sql("UPDATE item SET v = v + 1 WHERE id = %s", n)
    # And who wrote after that is in the way again when the first one ends: the lock is asked for, and given up.
    database.sql("INSERT INTO item VALUES (-2, 0, 'open too')", on=second)
    database.sql("RESET lock_timeout")
    first.commit()
    assert until(lambda: (tracking.progress() or {}).get("waits_for") == [second.info.backend_pid], "it waits for the second one")
    for n in range(20):
        database.sql("UPDATE item SET v = v + 1 WHERE id = %s", n)
    second.commit()
    tracking.finish()
    whole(database)


def test_nothing_is_held_while_a_row_is_waited_for(database):
    fill(database, 5000)
    held_up = HeldUp(database, "id % 1000 = 0")
    told = held_up.told
    assert (told["waits_for"], told["held"], told["rows"]) == ([held_up.holder.info.backend_pid], 5, 4995)
    assert database.sql("SELECT mode FROM pg_locks WHERE pid = %s AND relation = 'item'::regclass", told["pid"]) == []
    free = database.connect(autocommit=False)
    assert len(database.sql("SELECT id FROM item FOR UPDATE SKIP LOCKED", on=free)) == 4995
    free.rollback()
    database.sql("CREATE INDEX ON item (v)")
    assert database.verify() == []  # rows without events have their turn yet
    with pytest.raises(Refused, match="being_tracked"):
        database.sql("SELECT plait.track('item')")
    held_up.go_on()
    whole(database)


def test_nobody_subscribes_to_half_of_a_table(database, gateway):
    fill(database, 100)
    held_up = HeldUp(database, "id = 7")
    client = gateway().client()
    refused = client.begin_watch("item")
    client.wait(lambda: refused.error, "an answer")
    assert refused.error["code"] == "being_tracked"
    held_up.go_on()
    assert len(client.watch("item").rows) == 100


def test_a_rewritten_table_is_gone_through_anew(database):
    fill(database, 5000)
    held_up = HeldUp(database, "id = 5000")
    database.sql("DELETE FROM item WHERE id < 4000")
    database.sql("SELECT pg_cancel_backend(%s)", held_up.tracking.pid)
    with pytest.raises(Refused):
        held_up.tracking.finish()
    held_up.holder.rollback()
    database.sql("VACUUM FULL item")  # the row without events is where others were before
    assert database.value("SELECT pg_relation_size('item') / 8192") < held_up.told["blocks"] - 1
    database.sql("CALL plait.track_concurrently('item')")
    whole(database)


def test_killed_again_and_again(durable_cluster, new_database, rng):
    database = new_database(on=durable_cluster())
    fill(database, 60_000)
    for kills in range(KILLS):
        holder = hold(database, "id IN (1, 30000, 60000)")  # it cannot come to its end
        tracking = Tracking(database, "item")
        writer = Writer(kills, database, "item", 60_000, random.Random(rng.random()))
        enough = rows_done(database) + rng.randrange(60_000 // KILLS)
        tracking.start()
        writer.start()
        until(lambda: rows_done(database) > enough or (tracking.progress() or {}).get("held"), "a batch")
        kill(database, tracking, whole_server=kills % 2 == 0)
        for lost in (tracking, writer):
            with pytest.raises((Refused, psycopg2.Error)):
                lost.finish()
        # Both have ended, so Postgres has seen the death and begun to recover.
        database.main = until(lambda: connection(database), "a session")
    database.sql("CALL plait.track_concurrently('item')")
    whole(database)
    assert database.value("SELECT count(DISTINCT xid) FROM plait.event WHERE parents = ''") > KILLS


def rows_done(database):
    return database.value("SELECT coalesce(sum(rows), 0) FROM plait.backfill")


def kill(database, tracking, whole_server):
    """One backend's death makes Postgres end all others and recover."""
    if whole_server:
        database.cluster.kill()
        database.cluster.start()
    else:
        os.kill(tracking.pid, signal.SIGKILL)


def connection(database):
    try:
        return database.connect()
    except psycopg2.OperationalError:
        return None


def test_a_dump_in_the_middle_goes_on(database, new_database, tmp_path):
    fill(database, 3000)
    held_up = HeldUp(database, "id IN (7, 9)")
    path = str(tmp_path / "dump")
    database.cluster.tool("pg_dump", "-f", path, database.name)
    held_up.go_on()
    target = new_database(extension=False)
    database.cluster.tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", target.name, "-f", path)
    target.sql("UPDATE item SET v = v WHERE id = 9; UPDATE item SET v = 0 WHERE id = 8")
    assert target.value("SELECT relation::text FROM plait.progress") == "item"
    with pytest.raises(Refused, match="being_tracked"):
        target.sql("SELECT plait.track('item')")
    target.sql("CALL plait.track_concurrently('item')")
    whole(target)
