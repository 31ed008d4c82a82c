# acceptance/test_many_followers.py: several gateways and SQL followers of one database: each misses nothing, and ticks stay few.
import threading

import pytest

from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.listener import Listener
from acceptance.harness.live import catches_up
from acceptance.harness.replica import Replica
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker

GATEWAYS, FOLLOWERS, WRITERS, ROUNDS = 3, 3, 8, 300
UPSERT = "INSERT INTO log VALUES (%s, 0) ON CONFLICT (id) DO UPDATE SET v = log.v + 1"


class Follower(Worker):
    """Keeps a copy by SQL, and looks when it is woken."""

    def __init__(self, database, stop):
        super().__init__()
        self.stop, self.listener, self.replica = stop, Listener(database), Replica(database)

    def work(self):
        while not self.stop.is_set():
            self.look()
            self.listener.wait()
        self.look()

    def look(self):
        self.replica.database.sql("CALL plait.advance()", on=self.listener.connection)
        self.replica.read(on=self.listener.connection)


@pytest.fixture
def crowd(database, rng, gateway):
    """log(id, v, w), tracked; clients that watch it, each at a gateway of its own."""
    database.sql("CREATE TABLE log (id int PRIMARY KEY, v int, w text)")
    SqlWorld(database, rng, fixtures=False).track("log")
    clients = [gateway().client() for _ in range(GATEWAYS)]
    return database, [(client, client.watch("log")) for client in clients]


def writes(database, number):
    connection = database.connect()
    return lambda: [database.sql(UPSERT, number * 100 + i % 20, on=connection) for i in range(ROUNDS)]


def tick_gaps(database):
    """Milliseconds from each tick to the next one."""
    return database.column("""SELECT extract(epoch FROM gap)::float8 * 1000 FROM (
        SELECT at - lag(at) OVER (ORDER BY seq) AS gap FROM plait.tick) g WHERE gap IS NOT NULL""")


def test_three_gateways_and_three_followers_under_eight_writers(crowd):
    """All end with the table, each event comes once; of all readers' ticks no two are less than 5 ms apart."""
    database, watches = crowd
    stop = threading.Event()
    followers = [Follower(database, stop) for _ in range(FOLLOWERS)]
    writers = [Worker(writes(database, number)) for number in range(WRITERS)]
    for worker in (*followers, *writers):
        worker.start()
    for writer in writers:
        writer.finish()
    stop.set()
    database.sql("INSERT INTO log VALUES (9999, 9)")  # wakes who waits
    for follower in followers:
        follower.finish()
    for client, watch in watches:
        catches_up(client, watch, database)
    stored = stored_xids(database)
    assert len(stored) == WRITERS * ROUNDS + 1
    for follower in followers:
        assert follower.replica.equals_the_table()[1] == 0
        whole_and_once(follower.replica.rows, stored)
    gaps = tick_gaps(database)
    assert len(gaps) > 10 and min(gaps) >= 5, sorted(gaps)[:10]


def test_with_nothing_new_nobody_makes_a_tick(crowd):
    """While all of them have looked several times."""
    database, watches = crowd
    listeners = [Listener(database) for _ in range(FOLLOWERS)]
    database.sql(UPSERT, 1)
    for client, watch in watches:
        catches_up(client, watch, database)
    until(lambda: database.value("SELECT complete FROM plait.feed_position()"), "a tick covers it")
    ticks, counts = database.value("SELECT count(*) FROM plait.tick"), set()

    def looked():
        for listener in listeners:
            database.sql("CALL plait.advance()", on=listener.connection)
        counts.update(database.column("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))
        return len(counts) > 3
    until(looked, "their looks are counted")
    assert database.value("SELECT count(*) FROM plait.tick") == ticks
