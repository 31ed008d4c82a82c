# acceptance/test_worker.py: the worker that wakes readers: always there when somebody writes or listens, never in the way.
import os
import re
import signal
import statistics
import threading
import time

import pytest

from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.listener import KNOWN_AFTER_SECONDS, Listener, no_worker, the_worker, told, workers
from acceptance.harness.standby import Standby
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker, together

TABLE = "CREATE TABLE log (id int PRIMARY KEY, v int); SELECT plait.track('log')"
REGISTERED = ':  registering background worker "plait worker'  # in the server's log; not: unregistering
UPSERT = "INSERT INTO log VALUES (%s, 0) ON CONFLICT (id) DO UPDATE SET v = log.v + 1"


@pytest.fixture
def log(database):
    database.sql(TABLE)
    return database


def write(database, key=1, on=None):
    database.sql(UPSERT, key, on=on)


def wakes(database, listener, key=1):
    """A commit of now wakes the listener."""
    listener.pending()
    write(database, key)
    listener.wait()


def is_covered(database):
    return database.value("SELECT complete FROM plait.feed_position()")


def newest(database):
    cursor = database.value("SELECT plait.cursor()")
    return int(cursor.split(".")[0]) if cursor else 0


def errors_of(database, pid):
    """What the server's log has of a process."""
    text = (database.cluster.folder / "log").read_text(errors="replace")
    return "\n".join(line for line in text.splitlines() if f"[{pid}]" in line and ("ERROR" in line or "FATAL" in line))


def until_known(database):
    """Until all backends that write know their worker, and it looks by itself but rarely."""
    begin = time.monotonic()
    while time.monotonic() - begin < KNOWN_AFTER_SECONDS:
        write(database)


def test_every_commit_wakes_who_listens_at_once(log):
    """By its latch: its timer alone would take a tenth of a second on average."""
    listener, seconds = Listener(log), []
    assert listener.has_worker
    until_known(log)
    while len(seconds) < 30:
        listener.pending()
        write(log)
        sent = time.monotonic()
        listener.wait()
        seconds.append(time.monotonic() - sent)
    assert statistics.median(seconds) < 0.05, seconds
    assert told(log) == {"running": True, "pid": the_worker(log)}


CREATE = f"CREATE EXTENSION plait; {TABLE}; INSERT INTO log VALUES (1, 1)"  # one transaction


def test_it_waits_for_the_transaction_that_creates_the_extension(new_database):
    database = new_database(extension=False)
    database.sql(CREATE)
    the_worker(database)
    until(lambda: is_covered(database), "its tick")


def test_who_listens_first_has_a_worker(new_database):
    """In the very second in which another session has tried to start one."""
    for _ in range(3):
        database = new_database(extension=False)
        database.sql(CREATE)
        listener = Listener(database)
        assert listener.has_worker
        wakes(database, listener)


class Follower(Worker):
    """Reads the feed whenever it is notified, and only then."""

    def __init__(self, database, number_of_events):
        super().__init__()
        self.database, self.wanted = database, number_of_events
        self.listener = Listener(database)
        self.cursor, self.rows, self.notifications = None, [], 0

    def work(self):
        while len(self.rows) < self.wanted:
            self.notifications += self.listener.wait()
            self.database.sql("CALL plait.advance()", on=self.listener.connection)
            while self.read():
                pass

    def read(self):
        names = ("cursor", "id", "parents", "xid")
        rows = self.database.sql("SELECT cursor, id::text, parents::text[], xid::text FROM plait.changes(%s)",
                                 self.cursor, on=self.listener.connection)
        self.rows += [dict(zip(names, row)) for row in rows]
        self.cursor = rows[-1][0] if rows else self.cursor
        return rows


def test_who_reads_only_when_notified_misses_nothing(log):
    """Four followers, eight writers; a notification stands for many commits, a tick for many transactions."""
    commits, writers = 200, 8
    followers = [Follower(log, commits * writers) for _ in range(4)]
    for follower in followers:
        follower.start()

    def writer(number):
        connection = log.connect()
        return lambda: [write(log, number, on=connection) for _ in range(commits)]
    begin = time.monotonic()
    together(*(writer(number) for number in range(writers)))
    for follower in followers:
        follower.finish()
    seconds = time.monotonic() - begin
    assert newest(log) <= seconds / 0.005 + 1, "more than one tick in 5 ms"
    for follower in followers:
        whole_and_once(follower.rows, stored_xids(log))
        assert [row["id"] for row in follower.rows] == [row["id"] for row in followers[0].rows]
        assert follower.notifications <= seconds / 0.005 + 1, "more than one in 5 ms"
        assert follower.notifications < commits * writers / 2


def test_a_prepared_transaction_wakes_when_it_commits(log):
    listener, seconds = Listener(log), []
    other = log.connect()  # writes nothing and knows no worker
    until_known(log)
    for i in range(5):
        log.sql("BEGIN")
        write(log, i)
        log.sql("PREPARE TRANSACTION 'worker'")
        wakes(log, listener, 7)
        log.sql("COMMIT PREPARED 'worker'", on=other)
        committed = time.monotonic()
        listener.wait()
        seconds.append(time.monotonic() - committed)
    assert statistics.median(seconds) < 0.4, seconds  # it looks five times a second


def test_an_idle_server_writes_nothing(durable_cluster, new_database):
    """With a listener, and so a worker, for as long as ten of its looks."""
    database = new_database(on=durable_cluster(wal_level="minimal", max_wal_senders="0", autovacuum="off"))
    database.sql(TABLE)
    listener = Listener(database)
    wakes(database, listener)
    wakes(database, listener)
    until(lambda: is_covered(database), "a tick covers the writes")
    pid, looks = the_worker(database), set()
    database.sql("CHECKPOINT")

    def position():
        return database.value("SELECT pg_current_wal_insert_lsn()::text")

    def looked():
        looks.update(database.column("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))
        return len(looks) > 3
    before = position()
    until(looked, "the worker's looks are counted")
    assert (position(), listener.pending(), workers(database)) == (before, 0, [pid])


def test_a_tick_a_second_when_nobody_reads(log):
    begin = time.monotonic()
    while time.monotonic() - begin < 2.5:
        write(log)
    until(lambda: is_covered(log), "a tick covers the last write")
    assert 2 <= newest(log) <= 4


def test_with_nobody_to_wake_it_tells_nobody(log):
    """LISTEN alone hears what is said, and asks for nothing."""
    until_known(log)
    ear = log.connect()
    ear.cursor().execute("LISTEN plait")
    begin = time.monotonic()
    while time.monotonic() - begin < 0.5:
        write(log)
    until(lambda: is_covered(log), "it has looked since")
    ear.poll()
    assert ear.notifies == []
    listener = Listener(log)
    wakes(log, listener)


def test_no_tick_of_its_own_while_somebody_reads(log):
    stop, connection = threading.Event(), log.connect()
    writer = Worker(lambda: [write(log, on=connection) for _ in iter(stop.is_set, True)])
    writer.start()
    begin, ticks = time.monotonic(), [newest(log)]
    while time.monotonic() - begin < 2.5:
        log.sql("CALL plait.advance()")
        ticks.append(newest(log))
    stop.set()
    writer.finish()
    assert all(after - before <= 1 for before, after in zip(ticks, ticks[1:])), "another one makes ticks"


def test_it_ends_when_it_is_not_needed_and_comes_back(log):
    log.sql(f"ALTER DATABASE {log.name} SET plait.worker_idle = '300ms'")
    write(log)
    until(lambda: told(log)["running"], "the worker has begun")
    until(lambda: not told(log)["running"], "the worker has ended")
    assert told(log)["why_not"] == "nobody writes or listens: the next one starts it"
    listener = Listener(log)
    assert listener.has_worker
    pid = the_worker(log)
    wakes(log, listener)
    until(lambda: is_covered(log), "its tick")
    assert workers(log) == [pid], "somebody listens"
    listener.connection.close()
    no_worker(log)


def test_a_worker_that_is_about_to_end_is_none(log, rng):
    """Who listens at that very moment gets another one, which stays."""
    log.sql(f"ALTER DATABASE {log.name} SET plait.worker_idle = '20ms'")
    connections = [log.connect() for _ in range(100)]
    for connection in connections:
        log.sql("SELECT plait.cursor()", on=connection)  # what listens then is quick
    for connection, seconds in zip(connections, (rng.uniform(0.015, 0.04) for _ in connections)):
        assert log.value("SELECT plait.listen()", on=connection)
        found = told(log)
        assert found["running"]
        assert all(told(log) == found for _ in range(10))
        connection.close()
        time.sleep(seconds)  # it ends somewhere there


def test_zero_means_no_worker(log):
    log.sql(f"ALTER DATABASE {log.name} SET plait.worker_idle = 0")
    other = log.connect()
    write(log, on=other)
    assert not log.value("SELECT plait.listen()", on=other)
    assert log.value("SELECT value FROM plait.status() WHERE item = 'worker'", on=other) == {
        "running": False, "why_not": "plait.worker_idle is 0"}
    assert workers(log) == []


@pytest.mark.parametrize("how", ["pg_terminate_backend", "pg_cancel_backend"])
def test_it_may_be_ended_at_any_time(log, how):
    listener = Listener(log)
    wakes(log, listener)
    pid = the_worker(log)
    assert log.value(f"SELECT {how}(%s)", pid)
    until(lambda: pid not in workers(log), "it has ended")
    until(lambda: write(log) or workers(log), "the next writer starts another")
    wakes(log, listener)


def test_killed_with_all_backends(durable_cluster, new_database):
    """kill -9 of a worker: Postgres restarts itself, as after any backend's."""
    database = new_database(on=durable_cluster())
    database.sql(TABLE)
    listener = Listener(database)
    wakes(database, listener)
    for end in ("kill -9", "crash", "restart"):
        if end == "kill -9":
            os.kill(the_worker(database), signal.SIGKILL)
            until(lambda: _is_lost(listener), "the backends are restarted")
            until(database.cluster.answers, "Postgres is up again").close()
        elif end == "crash":
            database.cluster.kill()
            database.cluster.start()
        else:
            database.cluster.stop("fast")
            database.cluster.start()
        database.main = database.connect()
        assert not told(database)["running"]
        listener = Listener(database)
        assert listener.has_worker
        wakes(database, listener)
        assert told(database) == {"running": True, "pid": the_worker(database)}


def _is_lost(listener):
    try:
        listener.connection.poll()
    except Exception:
        return True
    return listener.connection.closed


def test_drop_extension_waits_for_nobody_and_ends_it(log):
    log.sql("SET lock_timeout = '2s'")
    for _ in range(3):
        listener = Listener(log)
        wakes(log, listener)
        pid = the_worker(log)
        log.sql("DROP EXTENSION plait CASCADE")  # the listener stays
        log.sql("CREATE EXTENSION plait; SELECT plait.track('log')")
        until(lambda: pid not in workers(log), "the worker of what was dropped ends")
        assert errors_of(log, pid) == ""


def test_an_open_drop_extension_holds_nothing_up(log):
    listener = Listener(log)
    wakes(log, listener)
    pid, other = the_worker(log), log.connect(autocommit=False)
    log.sql("DROP EXTENSION plait CASCADE", on=other)
    end = time.monotonic() + 0.5  # some of its looks
    while time.monotonic() < end:
        assert log.sql("SELECT FROM pg_locks WHERE NOT granted AND pid = %s", pid) == []
    other.rollback()
    assert workers(log) == [pid]
    wakes(log, listener)
    assert errors_of(log, pid) == ""


def test_each_database_has_its_own(log, new_database):
    other = new_database()
    other.sql(TABLE)
    mine, theirs = Listener(log), Listener(other)
    wakes(log, mine)
    wakes(other, theirs)
    assert the_worker(log) != the_worker(other)
    until(lambda: is_covered(log) and is_covered(other), "both have ticks")
    theirs.pending()
    wakes(log, mine)
    assert theirs.pending() == 0


def test_a_row_that_means_another_worker_means_none(log, new_database):
    """As a crash, a promotion or a copy leaves it, its process number and pid in use again."""
    other = new_database()
    other.sql(TABLE)
    listeners = [Listener(log), Listener(other)]
    assert all(listener.has_worker for listener in listeners)
    process, pid = other.sql("SELECT process, pid FROM plait.worker")[0]
    for change in ("system = system + 1", "postmaster = postmaster - interval '1 s'", f"process = {process}, pid = {pid}"):
        log.sql("BEGIN")
        log.sql(f"UPDATE plait.worker SET {change}")
        assert not told(log)["running"], change
        log.sql("ROLLBACK")
    assert told(log)["running"]


def test_a_copied_database_starts_its_own(log, new_database):
    write(log)
    pid, name = the_worker(log), f"{log.name}_copy"
    log.sql("SELECT pg_terminate_backend(%s)", pid)
    log.main.close()
    admin = log.cluster.connect()
    log.sql(f"CREATE DATABASE {name} TEMPLATE {log.name}", on=admin)
    try:
        copy = type(log)(log.cluster, name, extension=False)
        assert not told(copy)["running"]
        listener = Listener(copy)
        wakes(copy, listener)
        assert told(copy) == {"running": True, "pid": the_worker(copy)}
        copy.drop()
    finally:
        log.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", on=admin)
        admin.close()


def test_no_slot_is_free(durable_cluster, new_database):
    cluster = durable_cluster(max_worker_processes="1", max_logical_replication_workers="0")
    first, second = new_database(on=cluster), new_database(on=cluster)
    for database in (first, second):
        database.sql(TABLE)
    first.sql(f"ALTER DATABASE {first.name} SET plait.worker_idle = '300ms'")
    listener = Listener(first)
    wakes(first, listener)
    late = Listener(second)
    assert not late.has_worker
    write(second)
    assert told(second) == {"running": False, "why_not": "all 1 worker processes of the server are in use: "
                                                         "raise max_worker_processes"}
    second.sql("CALL plait.advance()")
    assert len(second.sql("SELECT * FROM plait.changes(NULL)")) == 1
    listener.connection.close()
    until(late.listen, "the slot is free, and who asks gets it")
    wakes(second, late)


def test_a_standby_has_none_until_it_is_promoted(durable_cluster, new_database):
    """The row of the primary's worker is there too, and means nothing."""
    primary = new_database(on=durable_cluster())
    primary.sql(TABLE)
    wakes(primary, Listener(primary))
    pid, standby = the_worker(primary), Standby(primary.cluster)
    try:
        copy = type(primary)(standby, primary.name, extension=False)
        until(lambda: copy.value("SELECT count(*) FROM plait.worker"), "the row is replicated")
        listener = Listener(copy)
        assert not listener.has_worker
        assert told(copy) == {"running": False, "why_not": "this is a standby"}
        standby.promote()
        assert listener.listen()
        wakes(copy, listener)
        assert told(copy) == {"running": True, "pid": the_worker(copy)} and the_worker(primary) == pid
    finally:
        standby.remove()


def test_thirty_writers_start_one(durable_cluster, new_database):
    cluster = durable_cluster(log_min_messages="debug1")
    begin = time.monotonic()  # what makes the tables tries too
    database = new_database(on=cluster)
    database.sql(TABLE)

    def logged(what):
        return len(re.findall(what, (cluster.folder / "log").read_text(errors="replace")))
    connections = [database.connect() for _ in range(30)]
    together(*(lambda n=n, c=c: [write(database, n, on=c) for _ in range(5)] for n, c in enumerate(connections)))
    pid, started = the_worker(database), logged(REGISTERED)
    assert started <= time.monotonic() - begin + 2  # one try in each second of the clock
    # One that nobody can see starts nevertheless, and gives way.
    database.sql("DELETE FROM plait.worker")
    until(lambda: write(database, on=database.connect()) or
          logged(REGISTERED) > started, "a second one is started")
    until(lambda: logged(r'background worker "plait worker[^"]*" \(PID \d+\) exited with exit code 0') > started - 1,
          "it has ended")
    assert database.sql("SELECT pid FROM plait.worker") == [] and workers(database) == [pid]


def test_who_may_only_insert_starts_it(log):
    log.sql("DROP ROLE IF EXISTS worker_writer; CREATE ROLE worker_writer LOGIN;"
            "GRANT INSERT ON log TO worker_writer")
    try:
        log.sql("INSERT INTO log VALUES (7, 7)", on=log.connect("worker_writer"))
        the_worker(log)
        listener = Listener(log, "worker_writer")
        assert listener.has_worker
        wakes(log, listener)
        assert log.column("SELECT usename FROM pg_stat_activity WHERE pid = %s", the_worker(log)) == ["postgres"]
    finally:
        log.sql("DROP OWNED BY worker_writer; DROP ROLE worker_writer")


def test_settings_of_the_database_do_not_reach_it(log):
    log.sql(f"""ALTER DATABASE {log.name} SET default_transaction_read_only = on;
                ALTER DATABASE {log.name} SET default_transaction_isolation = serializable;
                ALTER DATABASE {log.name} SET search_path = nowhere""")
    listener = Listener(log)
    wakes(log, listener)
    until(lambda: is_covered(log), "it makes its tick")


@pytest.mark.parametrize("force", ["", "WITH (FORCE)"])
def test_an_owner_may_drop_the_database(cluster, new_database, force):
    admin = new_database()
    admin.sql("DROP ROLE IF EXISTS worker_owner; CREATE ROLE worker_owner LOGIN CREATEDB")
    owner = cluster.connect(user="worker_owner")
    admin.sql("CREATE DATABASE worker_owned", on=owner)
    database = type(admin)(cluster, "worker_owned")
    database.sql(TABLE)
    write(database)
    the_worker(database)
    database.main.close()
    until(lambda: not admin.sql("SELECT FROM pg_stat_activity WHERE datname = 'worker_owned' AND"
                                " backend_type = 'client backend'"), "only the worker is left")
    try:
        admin.sql(f"DROP DATABASE worker_owned {force}", on=owner)
    finally:
        owner.close()
        admin.sql("DROP DATABASE IF EXISTS worker_owned WITH (FORCE)")
        admin.sql("DROP ROLE worker_owner")
