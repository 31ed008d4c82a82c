# acceptance/test_maintenance.py: what administrators do to every table of a database, Plait's own among them, while
# it is written.
import itertools
import random
import threading

import pytest

from acceptance.harness.backfill import Writer
from acceptance.harness.follower import Follower, delivered
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker
from acceptance.model import ulid
from acceptance.model.world import Refused
from acceptance.test_backfill import fill, whole

OWN = ["event", "entity", "node", "actor", "collection", "property", "tick"]
# Each index holds exactly what its table holds.
CHECKED = """SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
             WHERE c.relam = 403 AND c.relnamespace IN ('plait'::regnamespace, 'public'::regnamespace) AND indisvalid"""


class Client(Worker):
    """Commits rows and changes of them, of which it wants none refused, until it is told to stop."""

    def __init__(self, database, rng):
        super().__init__()
        self.world = SqlWorld(database, rng, fixtures=False)
        self.stopped = threading.Event()

    def stop(self):
        self.stopped.set()
        self.finish()

    def work(self):
        for n in itertools.count(500_000):
            line = self.world.line("item", ulid.ulid_from_integer(n))
            line.commit_each("A@10 create v=1 w=x", "B@20(A) v=2", "C@30(A) v=3", "D@40(B,C) del")
            if self.stopped.is_set():
                return


def sound(database):
    whole(database)
    told = database.column("SELECT id FROM plait.changes_since(NULL)")
    assert len(set(told)) == len(told) == database.value("SELECT count(*) FROM plait.event")
    database.sql("CREATE EXTENSION IF NOT EXISTS amcheck")
    database.sql(CHECKED)


def test_tables_and_indexes_are_built_anew_beside_writers_and_readers(database, rng, tmp_path):
    fill(database, 2000)
    database.sql("SELECT plait.track('item')")
    follower = Follower(database.cluster.dsn(database.name), tmp_path / "followed")
    follower.start()
    writers = [Writer(n, database, "item", 2000, random.Random(rng.random())) for n in range(4)]
    client = Client(database, rng)
    for writer in [*writers, client]:
        writer.start()
    admin = database.connect()
    for _ in range(3):
        for table in OWN:
            database.sql(f"REINDEX TABLE CONCURRENTLY plait.{table}", on=admin)
            database.sql(f"VACUUM FULL plait.{table}", on=admin)
        database.sql("REINDEX TABLE CONCURRENTLY item", on=admin)
        database.sql("CLUSTER plait.event USING event_xid", on=admin)
    for writer in [*writers, client]:
        writer.stop()
    sound(database)
    database.sql("CALL plait.advance()")
    stored = database.value("SELECT count(*) FROM plait.event")
    until(lambda: sum(len(found) for _, found in delivered(follower.path)) == stored, "the follower is there", 90)
    follower.kill()


def cut_off(database, command):
    """Runs it until it waits for somebody, and no further."""
    admin = database.connect()
    pid = admin.info.backend_pid
    worker = Worker(lambda: database.sql(command, on=admin))
    worker.start()
    until(lambda: database.value("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", pid), "it waits")
    database.sql("SELECT pg_cancel_backend(%s)", pid)
    with pytest.raises(Refused) as caught:
        worker.finish()
    assert caught.value.sqlstate == "57014"


def test_indexes_of_an_administrator_are_kept(database):
    """His own, and what a REINDEX CONCURRENTLY that was cut off has left."""
    fill(database, 100)
    database.sql("""SELECT plait.track('item');
        CREATE INDEX ON plait.event (actor); CREATE INDEX ON plait.event (origin) WHERE collection < 0;
        CREATE INDEX ON plait.event (era, xid) WHERE collection < 0; CREATE INDEX ON plait.event ((operations ->> 'set'));
        CREATE INDEX ON plait.event USING hash (origin); CREATE INDEX ON plait.entity (head);
        CREATE INDEX ON plait.event (era DESC, xid DESC)""")
    holder = database.connect(autocommit=False)
    database.sql("LOCK plait.event, plait.entity IN ROW EXCLUSIVE MODE", on=holder)
    for table in ("event", "entity"):
        cut_off(database, f"REINDEX TABLE CONCURRENTLY plait.{table}")
    holder.commit()
    left = database.column("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    assert left
    database.sql("INSERT INTO item SELECT n, n, 'new' FROM generate_series(1000, 1100) n;"
                 "UPDATE item SET v = v + 1 WHERE id > 50; DELETE FROM item WHERE id % 10 = 0")
    database.sql("CALL plait.advance()")
    database.sql("UPDATE item SET id = -id WHERE id % 7 = 0")
    sound(database)
    for index in left:
        database.sql(f"DROP INDEX {index}")
    database.sql("REINDEX SCHEMA CONCURRENTLY plait")
    database.sql("REINDEX INDEX CONCURRENTLY plait.event_xid")  # ours is the youngest now
    database.sql("UPDATE item SET v = 0")
    sound(database)
    cursor = database.value("SELECT plait.cursor()")
    database.sql("BEGIN; UPDATE item SET v = 2; ROLLBACK")
    database.sql("UPDATE item SET v = 1")
    told = database.column("SELECT entity FROM plait.changes_since(%s) WHERE operations = '{\"set\": {\"v\": 1}}'", cursor)
    assert sorted(told) == sorted(database.column("SELECT plait.identity(item) FROM item"))
