# acceptance/test_crash.py: kill -9 of Postgres and of the gateway: what was acknowledged is there, nothing is missed.
import concurrent.futures
import os
import random
import threading

import pytest
import websockets

from acceptance.harness.agreement import agrees
from acceptance.harness.client import Client
from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.follower import Follower, calls, delivered
from acceptance.harness.live import catches_up
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker
from acceptance.model import ulid
from acceptance.model.world import Refused

KILLS = 20 if os.environ.get("SOAK") else 5  # of Postgres, and as many of the gateway
LOST = (OSError, AssertionError, TimeoutError, concurrent.futures.TimeoutError, websockets.WebSocketException)


@pytest.fixture
def lazy_wal(durable_cluster, new_database, rng):
    """A server that flushes what nobody waits for only every ten seconds; a worker's commits would wake who flushes."""
    database = new_database(on=durable_cluster(wal_writer_delay="10s", autovacuum="off", checkpoint_timeout="1h",
                                               **{"plait.worker_idle": "0"}))
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE log (id int PRIMARY KEY, v int)")
    world.track("log")
    return world


def crash_and_restart(world):
    database = world.database
    database.cluster.kill()
    database.cluster.start()
    database.main = database.connect()


def test_a_transaction_id_that_is_given_out_again(lazy_wal, gateway):  # RES-05 (a), core 16
    database = lazy_wal.database
    client = gateway(database).client()
    watch = client.watch("log")
    database.sql("INSERT INTO log VALUES (1, 1)")
    catches_up(client, watch, database)
    told = feed(database, None)
    for attempt in range(1, 6):  # who flushes in between, and be it a late tick, saves the ids
        used = rolled_back(database, attempt)
        database.sql("CALL plait.advance()")
        cursor = database.value("SELECT plait.cursor()")
        crash_and_restart(lazy_wal)
        for i in range(10):
            database.sql("INSERT INTO log VALUES (%s, 2)", 100 * attempt + i)
        told += feed(database, cursor)
        if used & set(stored_xids(database).values()):
            break
    assert used & set(stored_xids(database).values()), "no id was given out again: this run shows nothing"
    assert {row["id"] for row in told} == set(stored_xids(database))
    catches_up(client, watch, database)
    agrees(lazy_wal, "log")


def rolled_back(database, attempt):
    """Writes and takes it back; the transactions' ids."""
    used = set()
    for i in range(4):
        database.sql("BEGIN")
        database.sql("INSERT INTO log VALUES (%s, 1)", 10_000 * attempt + i)
        used.add(database.value("SELECT pg_current_xact_id()::text"))
        database.sql("ROLLBACK")
    return used


def feed(database, cursor):
    database.sql("CALL plait.advance()")
    return database.records("SELECT cursor, id::text, parents::text[], xid::text FROM plait.changes(%s, 1000)", cursor)


def test_a_commit_that_was_visible_and_is_gone(lazy_wal, gateway):  # RES-05 (b)
    database = lazy_wal.database
    client = gateway(database).client()
    watch = client.watch("log")
    database.sql("INSERT INTO log VALUES (1, 1)")
    catches_up(client, watch, database)
    database.sql("SET synchronous_commit = off; INSERT INTO log VALUES (2, 2)")
    client.wait(lambda: "2" in watch.states(), "the row, once its tick is durable")
    crash_and_restart(lazy_wal)
    assert database.value("SELECT v FROM log WHERE id = 2") == 2, "what a tick delivered is durable"
    database.sql("INSERT INTO log VALUES (3, 3)")
    catches_up(client, watch, database)


def test_an_acknowledged_commit_is_durable_whatever_the_role_says(lazy_wal, gateway):  # RES-05
    database = lazy_wal.database
    server = gateway(database)
    database.sql("ALTER ROLE acceptance_gateway SET synchronous_commit = off")
    database.sql("ALTER ROLE acceptance_app SET synchronous_commit = off")
    server.kill()
    server.start()
    client = server.client()
    line = lazy_wal.line("log", "0000000000000000000000002A")
    # While another holds the feed's lock no reader makes a tick, which would flush what the commit did not.
    database.sql("BEGIN; LOCK TABLE plait.feed_lock IN SHARE ROW EXCLUSIVE MODE", on=database.connect())
    client.commit([line.event("A@10 create v=7")])
    crash_and_restart(lazy_wal)
    assert database.column("SELECT v FROM log WHERE id = 74") == [7]


def test_the_clock_survives_a_restart(lazy_wal):  # LWW-05, core 5
    database = lazy_wal.database
    line = lazy_wal.line("log", ulid.ulid_from_integer(5))
    line.commit("A@10 create v=1")
    now = float(database.value("SELECT extract(epoch FROM clock_timestamp()) * 1000"))
    fast = line.maker.make_at(ulid.hlc_of_unix_ms(now + 40_000), [line["A"].id], {"set": {"v": 2}})
    lazy_wal.commit([fast])
    for value in (3, 4):
        database.sql("UPDATE log SET v = %s", value)
        assert database.column("SELECT v FROM log") == [value]
        crash_and_restart(lazy_wal)
    ((_, events),) = agrees(lazy_wal, "log").items()
    assert [event.parents for event in events[1:]] == [(event.id,) for event in events[:-1]]
    assert len(events) == 4 and events[2].id > fast.id


class Committer(Worker):
    """Commits through the gateway, sends the same bytes again while the outcome is unknown."""

    def __init__(self, url, world, number, stop, rng):
        super().__init__()
        self.url, self.world, self.number, self.stop, self.rng = url, world, number, stop, rng
        self.acknowledged, self.client = [], None

    def work(self):
        made = 0
        while not self.stop.is_set():
            made += 1
            line = self.world.line("rec")
            self.deliver([line.event(f"A@{made} create title=w{self.number}.{made} n={made}"),
                          line.event(f"B@{made + 1}(A) artist=b{made}")])

    def deliver(self, events):
        while True:
            try:
                if self.client is None or self.client.closed:
                    self.client = Client(self.url)
                self.client.commit(events)
                self.acknowledged += events
                return
            except Refused as error:
                if error.code not in ("unavailable", "serialization_failure"):
                    raise
            except LOST:
                self.client = None
            if self.stop.wait(0.05):
                return


def test_kills_under_load(durable_cluster, new_database, gateway, rng, tmp_path):
    """Every acknowledged commit is there; a watcher with its cursor and a follower end equal to the table."""
    database = new_database(on=durable_cluster())
    world = SqlWorld(database, rng)
    server, stop = gateway(database), threading.Event()
    committers = [Committer(server.url, SqlWorldAside(world, rng), i, stop, random.Random(rng.random()))
                  for i in range(3)]
    follower = Follower(database.cluster.dsn(database.name), tmp_path / "delivered")
    follower.start()
    watcher = Resuming(server)
    for committer in committers:
        committer.start()
    for number in range(2 * KILLS):
        goal = sum(len(committer.acknowledged) for committer in committers) + rng.randint(20, 120)
        until(lambda: sum(len(committer.acknowledged) for committer in committers) >= goal
              or any(committer.error for committer in committers), "commits go on", seconds=60)
        if number % 2:
            server.kill()
            server.start()
        else:
            follower.process.kill()
            follower.process.wait()
            database.cluster.kill()
            database.cluster.start()
            follower.start()
        watcher.resume()
    stop.set()
    for committer in committers:
        committer.finish()
    database.main = database.connect()
    database.sql("SET TimeZone = 'UTC'")
    stored = stored_xids(database)
    lost = [event.id for committer in committers for event in committer.acknowledged if event.id not in stored]
    assert not lost, f"{len(lost)} acknowledged events are gone"
    agrees(world, "rec")
    watcher.equals(database)
    names = ("cursor", "collection", "entity", "id", "parents", "xid")
    until(lambda: sum(len(rows) for _, rows in delivered(follower.path)) >= len(stored), "the follower is done")
    follower.kill()
    assert calls(follower.path) > 0
    whole_and_once([dict(zip(names, row)) for _, part in delivered(follower.path) for row in part], stored)


class SqlWorldAside:
    """Makes lines for committers without a connection of its own."""

    def __init__(self, world, rng):
        self.world, self.rng = world, random.Random(rng.random())

    def line(self, collection):
        return SqlWorld.line(self, collection)


class Resuming:
    """A watch that goes on with its cursor on a new socket whenever the old one ended."""

    def __init__(self, server):
        self.server, self.resets = server, 0
        self.client = server.client()
        self.watch = self.client.watch("rec")

    def resume(self):
        if not self.client.closed:
            return
        held, cursor = dict(self.watch.rows), self.client.cursor
        self.client = until(self._connect, "the gateway takes sockets")
        self.watch = self.client.begin_watch("rec", cursor=cursor, rows=held)
        self.client.await_live(self.watch)
        self.resets += any(frame.get("reset") for frame in self.client.frames if frame["type"] == "rows")

    def _connect(self):
        try:
            return self.server.client()
        except OSError:
            return None

    def equals(self, database):
        self.resume()
        catches_up(self.client, self.watch, database)
        assert self.resets == 0, "a cursor of this life was refused"
