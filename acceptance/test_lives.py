# acceptance/test_lives.py: standbys, promotion, recovery: whoever follows ends with the table, or his cursor is refused.
import random

import pytest

from acceptance.harness.database import Database
from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.gateway import Gateway
from acceptance.harness.listener import told
from acceptance.harness.live import catches_up
from acceptance.harness.plait import Watch
from acceptance.harness.replica import Replica, follows, refused
from acceptance.harness.standby import Restored, Standby
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker
from acceptance.harness.writers import Progress, Writer
from acceptance.model.world import Refused

WRITERS = 6
TABLE = "CREATE TABLE log (id int PRIMARY KEY, v int, w text); SELECT plait.track('log')"


@pytest.fixture
def primary(durable_cluster, new_database):
    """A server that archives to `archive` and writes ticks only when it is told to. No machine dies here: no fsync."""
    cluster = durable_cluster(fsync="off", archive_mode="on", archive_command="false", **{"plait.worker_idle": "0"})
    database = new_database(on=cluster)
    database.archive = cluster.folder / "archive"
    cluster.tool("psql", "-q", "-c", f"COPY (SELECT 1) TO PROGRAM 'mkdir {database.archive}'", "-c",
                 f"ALTER SYSTEM SET archive_command = 'cp %p {database.archive}/%f'", "-c", "SELECT pg_reload_conf()")
    database.sql(TABLE)
    return database


@pytest.fixture
def made_of(primary):
    """Makes servers of the primary, a Standby or a Restored one; they end with the test."""
    made = []

    def make(kind):
        made.append(kind(primary.cluster))
        return made[-1]

    yield make
    for server in made:
        server.remove()


def copy_on(server, database):
    return Database(server, database.name, extension=False)


def insert(database, first, last, on=None):
    database.sql("INSERT INTO log SELECT i, i FROM generate_series(%s, %s) i", first, last, on=on)


def test_a_standby_reads_the_ticks_that_the_primary_makes(primary, made_of, rng):
    """With every look the copy is the table, while transactions of all kinds begin and end over there."""
    insert(primary, 1, 10)
    standby = made_of(Standby)
    copy = copy_on(standby, primary)
    replica, progress = Replica(copy), Progress(WRITERS)
    writers = [Writer(i + 1, primary, random.Random(rng.random()), progress) for i in range(WRITERS)]
    maker = Worker(lambda: [primary.sql("CALL plait.advance()") for _ in iter(progress.must_go_on, False)])
    for worker in (*writers, maker):
        worker.start()
    try:
        looks = [replica.equals_the_table() for _ in range(40)]
    finally:
        progress.enough.set()
    for worker in (*writers, maker):
        worker.finish()
    assert sum(in_ticks > 0 for in_ticks, _ in looks) > 10 and any(later for _, later in looks), looks
    primary.sql("CALL plait.advance()")
    standby.reach()
    assert replica.equals_the_table()[1] == 0
    whole_and_once(replica.rows, stored_xids(primary))
    assert copy.value("SELECT complete FROM plait.feed_position()")


def test_a_standby_makes_no_ticks(primary, made_of):
    insert(primary, 1, 10)
    standby = made_of(Standby)
    copy = copy_on(standby, primary)
    for make in ("CALL plait.advance()", "SELECT plait.make_tick()"):
        with pytest.raises(Refused) as caught:
            copy.sql(make)
        assert caught.value.code == "not_supported" and caught.value.hint
    assert not copy.value("SELECT plait.listen()") and told(copy)["why_not"] == "this is a standby"
    assert copy.sql("SELECT * FROM plait.feed_position()") == [(None, False)]


def test_promotion_of_a_standby_that_lags(primary, made_of):
    """What it never got is lost: its transaction ids and tick numbers are given out again, with other contents."""
    standby = made_of(Standby)
    insert(primary, 1, 10)
    primary.sql("BEGIN; INSERT INTO log VALUES (900, 0); PREPARE TRANSACTION 'lives'")
    unfinished = primary.connect(autocommit=False)
    insert(primary, 901, 905, on=unfinished)
    old = Replica(primary)
    old.advance()
    primary.sql("UPDATE log SET v = 0 WHERE id < 4; DELETE FROM log WHERE id = 5")
    standby.lose_the_primary()
    lost = Replica(primary, old)
    for number in range(20, 26):
        insert(primary, number, number)
        primary.sql("UPDATE log SET v = v + 1")
        lost.advance()
    unfinished.commit()
    lost.advance()
    lost_xids, lost_ticks = set(stored_xids(primary).values()), set(primary.sql("SELECT seq, nonce FROM plait.tick"))
    primary.cluster.stop()
    standby.promote()

    promoted = copy_on(standby, primary)
    refused(Replica(promoted, lost))
    follower = follows(promoted, old)
    for number in range(30, 40):
        promoted.sql("INSERT INTO log VALUES (%s, 1, 'of the new primary'); UPDATE log SET v = v + 1", number)
        follower.follow()
    promoted.sql("COMMIT PREPARED 'lives'")
    follower.follow()
    whole_and_once(follower.rows, stored_xids(promoted))
    again = [row for row in follower.rows if row["xid"] in lost_xids and row["operations"].get("set", {}).get("w")]
    assert again, "no id was given out again: this run shows nothing"
    ticks = promoted.sql("SELECT seq, nonce FROM plait.tick")
    assert {seq for seq, _ in ticks} >= {seq for seq, _ in lost_ticks} and not lost_ticks <= set(ticks)
    refused(Replica(promoted, lost))
    follows(promoted)
    assert promoted.verify() == []


def test_recovery_to_a_point_in_time(primary, made_of):
    """Cursors from before the point go on, those from after it are refused."""
    restored = made_of(Restored)
    before = Replica(primary)
    for number in range(10):
        insert(primary, number, number)
        before.advance()
    late = primary.connect(autocommit=False)
    insert(primary, 100, 110, on=late)
    primary.sql("UPDATE log SET v = 7 WHERE id = 7; SELECT pg_create_restore_point('here')")
    after = Replica(primary, before)
    late.commit()
    after.advance()
    segment = primary.value("SELECT pg_walfile_name(pg_switch_wal())")
    until(lambda: (primary.archive / segment).exists(), "the segment is in the archive")
    restored.recover(primary.archive, recovery_target_name="here")

    database = copy_on(restored, primary)
    refused(Replica(database, after))
    follower = follows(database, before)
    insert(database, 200, 210)
    follower.follow()
    refused(Replica(database, after))
    follows(database)
    assert database.verify() == []


@pytest.fixture
def failover(primary, made_of, tmp_path):
    """A primary, its standby, a gateway that finds whichever of them takes writes, and a `plait watch` there."""
    standby = made_of(Standby)
    folder, ports = standby.folder, f"{primary.cluster.environment['PGPORT']},{standby.PORT}"
    server = Gateway(primary, f"host={folder},{folder} port={ports} target_session_attrs=read-write")
    insert(primary, 1, 10)
    yield standby, server, Watch(server.url, tmp_path, "log")
    server.close()


def lose_what_was_seen(primary, standby, line):
    standby.lose_the_primary()
    for number in range(20, 26):
        insert(primary, number, number)
        primary.sql("UPDATE log SET v = %s WHERE id = 1", number)
        line.until(lambda rows: any(row["v"] == number for row in rows.values()), "the row of the primary")
    primary.cluster.stop()


def shows_the_table(line, database):
    """Its ticks may go back where another server's begin."""
    table = database.sql("SELECT id, v FROM log ORDER BY id")
    line.until(lambda rows: sorted((row["id"], row["v"]) for row in rows.values()) == table, "the table")
    line.end()
    assert [wrong for wrong in line.wrong if not wrong.startswith("tick ")] == []


def test_clients_of_a_gateway_follow_to_the_promoted_standby(primary, failover):
    """What they had seen of the lost tail goes from their screens; they need not do anything."""
    standby, server, line = failover
    client = server.client()
    watch = client.watch("log")
    lose_what_was_seen(primary, standby, line)
    standby.promote()
    promoted = copy_on(standby, primary)
    catches_up(client, watch, promoted)
    insert(promoted, 30, 40)
    catches_up(client, watch, promoted)
    shows_the_table(line, promoted)


def test_a_client_whose_tick_number_the_promoted_standby_has_given_out_again(primary, failover):
    standby, server, line = failover
    lose_what_was_seen(primary, standby, line)
    server.kill()
    standby.promote()
    promoted = copy_on(standby, primary)
    for number in range(30, 60):
        insert(promoted, number, number)
        promoted.sql("CALL plait.advance()")
    server.start()
    shows_the_table(line, promoted)
