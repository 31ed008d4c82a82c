# acceptance/test_history.py: plait.history tells the same times as the feed.
import pytest

from acceptance.harness.sql_world import SqlWorld


@pytest.fixture
def log(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE log (id int PRIMARY KEY, v int)")
    world.track("log")
    database.sql("INSERT INTO log VALUES (1, 0), (2, 0)")
    return world


def test_recorded_is_the_tick_that_brought_it(log, rng):
    database = log.database
    for step in range(300):  # many ticks that hold nothing of row 1, and some that hold two of its transactions
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            database.sql("UPDATE log SET v = v + 1 WHERE id = 1")
        database.sql("UPDATE log SET v = %s WHERE id = 2", step)
        if rng.random() < 0.9:
            database.sql("CALL plait.advance()")
    by_feed = {row["id"]: row["recorded"] for row in database.records(
        "SELECT id::text, recorded FROM plait.changes(NULL, 1000000)")}
    for key in ("1", "2"):
        told = database.records("SELECT id::text, recorded FROM plait.history('log', %s)", key)
        assert len(told) > 50
        assert {row["id"]: row["recorded"] for row in told} == {row["id"]: by_feed.get(row["id"]) for row in told}
