# acceptance/test_feed.py: plait.changes brings every committed event exactly once, whatever happens meanwhile.
import random

import pytest

from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.follower import Follower, calls, delivered
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.harness.writers import TRANSACTIONS, Progress, Writer
from acceptance.model.world import Refused

WRITERS = 16
KILLS = 6


@pytest.fixture
def log(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE log (id int PRIMARY KEY, v int, w text)")
    world.track("log")
    return world


class Reader:
    """Reads plait.changes from a cursor on, and keeps all that came."""

    def __init__(self, database, cursor=None):
        self.database, self.cursor, self.rows = database, cursor, []

    def read(self, ticks_max=100):
        self.database.sql("CALL plait.advance()")
        found = self.database.records("""SELECT cursor, collection, entity::text, key, id::text, parents::text[],
            operations, xid::text, origin::text, actor, recorded FROM plait.changes(%s, %s)""", self.cursor, ticks_max)
        if found:
            self.cursor = found[-1]["cursor"]
        self.rows += found
        return found


def test_changes_tell_what_happened(log):
    reader = Reader(log.database)
    assert reader.read() == []
    log.database.sql("INSERT INTO log VALUES (1, 1), (2, 2); UPDATE log SET v = 3 WHERE id = 1")
    found = reader.read()
    assert [(row["key"], row["operations"]) for row in found] == [
        ("1", {"create": True, "set": {"v": 1}}), ("2", {"create": True, "set": {"v": 2}}),
        ("1", {"set": {"v": 3}})] or len(found) == 3
    assert {row["collection"] for row in found} == {"log"} and found[0]["actor"]["session_user"] == "postgres"
    assert reader.read() == []
    assert reader.cursor == log.database.value("SELECT plait.cursor()")
    whole_and_once(reader.rows, stored_xids(log.database))


def test_nothing_is_written_when_nothing_happens(log):
    reader = Reader(log.database)
    log.database.sql("INSERT INTO log VALUES (1, 1)")
    reader.read()
    ticks = log.database.value("SELECT count(*) FROM plait.tick")
    for _ in range(5):
        reader.read()
    log.database.sql("UPDATE log SET v = v; CREATE TABLE unrelated (id int)")
    reader.read()
    assert log.database.value("SELECT count(*) FROM plait.tick") == ticks


def test_a_transaction_that_stays_open_delays_only_itself(log):
    database = log.database
    reader, slow = Reader(database), database.connect(autocommit=False)
    database.sql("INSERT INTO log VALUES (1, 1)", on=slow)
    for i in range(2, 8):
        database.sql("INSERT INTO log VALUES (%s, 1)", i)
        assert [row["key"] for row in reader.read()] == [str(i)]
    slow.commit()
    assert [row["key"] for row in reader.read()] == ["1"]
    whole_and_once(reader.rows, stored_xids(database))


def test_what_was_rolled_back_never_comes(log):
    database = log.database
    reader, writer = Reader(database), database.connect(autocommit=False)
    database.sql("INSERT INTO log VALUES (1, 1); SAVEPOINT a; INSERT INTO log VALUES (2, 2); ROLLBACK TO a;"
                 "SAVEPOINT b; INSERT INTO log VALUES (3, 3); RELEASE b; INSERT INTO log VALUES (4, 4)", on=writer)
    assert reader.read() == []
    writer.commit()
    found = reader.read()
    assert sorted(row["key"] for row in found) == ["1", "3", "4"] and len({row["xid"] for row in found}) == 1
    database.sql("INSERT INTO log VALUES (5, 5)", on=writer)
    writer.rollback()
    assert reader.read() == []
    whole_and_once(reader.rows, stored_xids(database))


def test_prepared_transactions_come_when_they_commit(log):
    database, reader = log.database, Reader(log.database)
    for name, end in (("kept", "COMMIT PREPARED 'kept'"), ("gone", "ROLLBACK PREPARED 'gone'")):
        database.sql("BEGIN")
        database.sql(f"INSERT INTO log VALUES ({1000 + ord(name[0])}, 1)")
        database.sql(f"PREPARE TRANSACTION '{name}'")
        database.sql(f"INSERT INTO log VALUES ({ord(name[0])}, 2)")
        assert [row["key"] for row in reader.read()] == [str(ord(name[0]))]
        database.sql(end)
        assert len(reader.read()) == (1 if name == "kept" else 0)
    whole_and_once(reader.rows, stored_xids(database))


def test_ticks_max_limits_whole_ticks(log):
    database, maker = log.database, Reader(log.database)
    for i in range(1, 11):
        database.sql("INSERT INTO log SELECT i, 1 FROM generate_series(%s, %s) i", i * 10, i * 10 + 4)
        maker.read()
    reader = Reader(database)
    for _ in range(4):
        found = reader.read(ticks_max=3)
        assert len({row["cursor"] for row in found}) <= 3
    assert reader.read() == [] and [row["id"] for row in reader.rows] == [row["id"] for row in maker.rows]


def test_a_reader_may_start_at_any_cursor_again_and_sees_the_same(log):
    database, maker = log.database, Reader(log.database)
    for i in range(1, 9):
        database.sql("INSERT INTO log VALUES (%s, 1); UPDATE log SET v = v + 1", i)
        maker.read()
    order = [row["id"] for row in maker.rows]
    for cursor in {row["cursor"] for row in maker.rows} | {None}:
        reader = Reader(database, cursor)
        reader.read()
        after = [row["id"] for row in maker.rows if cursor is None
                 or int(row["cursor"].split(".")[0]) > int(cursor.split(".")[0])]
        assert [row["id"] for row in reader.rows] == after == order[len(order) - len(after):]


def test_advance_refuses_to_run_in_a_transaction_block(log):
    writer = log.database.connect(autocommit=False)
    log.database.sql("INSERT INTO log VALUES (1, 1)", on=writer)
    with pytest.raises(Refused):
        log.database.sql("CALL plait.advance()", on=writer)
    writer.rollback()


def test_collections_that_the_reader_may_not_select_are_left_out(log):
    database = log.database
    database.sql("CREATE TABLE open (id int PRIMARY KEY); CREATE TABLE half (id int PRIMARY KEY, secret int)")
    log.track("open")
    log.track("half")
    database.sql("DROP ROLE IF EXISTS feed_reader; CREATE ROLE feed_reader LOGIN; GRANT SELECT ON open TO feed_reader;"
                 "GRANT SELECT (secret) ON half TO feed_reader; SELECT plait.grant_feed('feed_reader')")
    try:
        reader = Reader(database)
        database.sql("INSERT INTO log VALUES (1, 1); INSERT INTO open VALUES (1); INSERT INTO half VALUES (1, 2)")
        reader.read()
        connection = database.connect("feed_reader")
        database.sql("CALL plait.advance()", on=connection)
        assert database.column("SELECT collection FROM plait.changes(NULL)", on=connection) == ["open"]
        database.sql("SELECT plait.revoke_feed('feed_reader')")
        with pytest.raises(Refused):
            database.sql("CALL plait.advance()", on=connection)
        connection.close()
    finally:
        database.sql("DROP OWNED BY feed_reader; DROP ROLE feed_reader")


def test_sixteen_writers_and_a_follower_that_is_killed(log, rng, tmp_path):
    """Each kill comes after the follower delivered something anew and while all writers are at work."""
    database, progress = log.database, Progress(WRITERS)
    writers = [Writer(i + 1, database, random.Random(rng.random()), progress) for i in range(WRITERS)]
    follower = Follower(database.cluster.dsn(database.name), tmp_path / "delivered")
    follower.start()
    for writer in writers:
        writer.start()
    try:
        for _ in range(KILLS):
            goal = calls(follower.path) + rng.randint(1, 5)
            until(lambda: follower.check() or calls(follower.path) >= goal or progress.alive < WRITERS,
                  "the follower delivers", seconds=60)
            assert progress.alive == WRITERS, [str(writer.error) for writer in writers if writer.error]
            follower.kill()
            follower.start()
    finally:
        progress.enough.set()
    for writer in writers:
        writer.finish()
    stored = stored_xids(database)
    until(lambda: follower.check() or sum(len(rows) for _, rows in delivered(follower.path)) >= len(stored),
          "the follower has caught up", seconds=60)
    follower.kill()
    names = ("cursor", "collection", "entity", "id", "parents", "xid")
    rows = [dict(zip(names, row)) for _, part in delivered(follower.path) for row in part]
    whole_and_once(rows, stored)
    assert len(stored) > WRITERS * TRANSACTIONS / 2
    assert not log.verify()
