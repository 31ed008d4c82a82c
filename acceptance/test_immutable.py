# acceptance/test_immutable.py: an event never changes and never goes, whatever comes after it (invariant 1).
import pytest

from acceptance.harness.sql_world import SqlWorld
from acceptance.model import ulid


class Ledger:
    """plait.event as it lies on disk: each row version with its place and the transaction that wrote it."""

    def __init__(self, database):
        self.database, self.rows = database, {}

    def grows(self, by):
        """All that was there is there untouched; so many rows are new."""
        now = dict(self.database.sql("SELECT e.id::text, (e.ctid, e.xmin, e)::text FROM plait.event e"))
        changed = [id for id, row in self.rows.items() if now.get(id) != row]
        assert not changed, f"{len(changed)} events changed or went: {self.rows[changed[0]]} -> {now.get(changed[0])}"
        assert len(now) - len(self.rows) == by
        self.rows = now

    def after(self, statements, by):
        self.database.sql(statements)
        self.grows(by)


@pytest.fixture
def ledger(database):
    return Ledger(database)


def test_sql_only_adds_events(database, rng, ledger):
    SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE num (id int PRIMARY KEY, v int); CREATE TABLE word (word text PRIMARY KEY, v int);"
                 "INSERT INTO num SELECT i, i FROM generate_series(1, 5) i")
    ledger.after("SELECT plait.track('num'), plait.track('word')", by=5)
    ledger.after("UPDATE num SET v = v + 1 WHERE id < 4; UPDATE num SET v = v", by=3)
    ledger.after("DELETE FROM num WHERE id = 1; INSERT INTO num VALUES (1, 9)", by=2)
    ledger.after("BEGIN; DELETE FROM num WHERE id = 2; INSERT INTO num VALUES (2, 9); COMMIT", by=2)
    ledger.after("UPDATE num SET id = id + 10", by=5)
    ledger.after("INSERT INTO word VALUES ('a', 1), ('b', 2); DELETE FROM word WHERE word = 'b';"
                 "UPDATE word SET word = 'b' WHERE word = 'a'; INSERT INTO word VALUES ('a', 3)", by=5)
    ledger.after("BEGIN; SAVEPOINT s; UPDATE num SET v = 0; ROLLBACK TO s; COMMIT", by=0)
    ledger.after("TRUNCATE num", by=5)
    ledger.after("ALTER TABLE word ADD COLUMN w int DEFAULT 7; ALTER TABLE word ALTER v TYPE text USING v || 'x'", by=2)
    ledger.after("ALTER TABLE word RENAME COLUMN v TO value; ALTER TABLE word DROP COLUMN w;"
                 "ALTER TABLE word RENAME TO term", by=0)
    ledger.after("SELECT plait.untrack('term'); DELETE FROM term WHERE word = 'a'", by=0)
    ledger.after("SELECT plait.track('term')", by=1)
    ledger.after("CALL plait.advance()", by=0)
    ledger.after("SELECT count(*) FROM plait.verify(); SELECT count(*) FROM plait.changes(NULL)", by=0)
    ledger.after("DROP TABLE num", by=0)


def test_commits_only_add_events(world, ledger):
    line, dead = world.line(), world.line()
    line.commit("A@10 create title=a", "B@20(A) title=b")
    dead.commit("A@10 create title=a", "D@20(A) del")
    ledger.grows(by=4)
    assert world.commit([line["A"], line["B"], dead["D"]]) == ["known"] * 3
    ledger.grows(by=0)
    line.commit("C@15(A) title=late artist=late")  # before B
    line.commit(*[f"W{i}@{30 + i}(A) n={i}" for i in range(16)])  # so wide that the server joins it
    ledger.grows(by=18)
    dead.commit("E@60(A) title=on_the_dead")
    restore = dead.maker.make_at(ulid.hlc_at(90), world.head_ids(dead), {"create": True})
    world.commit([restore])
    ledger.after("UPDATE rec SET n = 5; DELETE FROM rec", by=6)
