# acceptance/harness/replica.py: a follower by SQL that keeps a copy of a table log(id, v, w), made of events alone.
import pytest

from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.model.ulid import ulid_number
from acceptance.model.world import Refused

CHANGES = """SELECT cursor, collection, entity::text, id::text, parents::text[], operations, xid::text
               FROM plait.{}"""
TABLE = "SELECT id, v, w FROM log"


class Replica:
    """`rows`: all changes that it read, in their order. Or it takes up where another one stands."""

    def __init__(self, database, other=None):
        self.database = database
        self.cursor, self.rows = (other.cursor, list(other.rows)) if other else (None, [])

    def read(self, on=None):
        """All ticks that are there."""
        while found := self.database.records(CHANGES.format("changes(%s, 1000)"), self.cursor, on=on):
            self.rows += found
            self.cursor = found[-1]["cursor"]

    def advance(self):
        self.database.sql("CALL plait.advance()")
        self.read()

    def follow(self):
        """Makes a tick, reads it, and looks whether it has the table now."""
        self.advance()
        return self.equals_the_table()

    def copy(self, later=()):
        """id -> (v, w): each row's events in the order of their ids; `later`: changes that no tick has yet."""
        copy = {}
        for row in sorted([*self.rows, *later], key=lambda row: row["id"]):
            key, operations = ulid_number(row["entity"]), row["operations"]
            if operations.get("delete"):
                del copy[key]
                continue
            if operations.get("create"):
                copy[key] = {"v": None, "w": None}
            copy[key].update(operations.get("set", {}))
        return {key: (state["v"], state["w"]) for key, state in copy.items()}

    def equals_the_table(self):
        """Now, in one snapshot: what ticks tell and what comes after the newest one is the table. How many of each."""
        connection = self.database.connect(autocommit=False)
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        before = len(self.rows)
        self.read(on=connection)
        later = self.database.records(CHANGES.format("changes_since(%s)"), self.cursor, on=connection)
        table = {key: (v, w) for key, v, w in self.database.sql(TABLE, on=connection)}
        connection.close()
        copy = self.copy(later)
        wrong = [(key, copy.get(key), table.get(key)) for key in copy.keys() | table.keys()
                 if copy.get(key) != table.get(key)]
        assert not wrong, f"{len(wrong)} of {len(table)} rows differ; key, copy, table: {wrong[:3]}"
        return len(self.rows) - before, len(later)


def refused(replica):
    """There is no tick of that name any more."""
    with pytest.raises(Refused) as caught:
        replica.read()
    assert caught.value.code == "cursor_unknown" and caught.value.hint


def follows(database, other=None):
    """A follower that knows nothing, or takes up where another one stands: it gets every event that is there once, and
    ends with the table."""
    replica = Replica(database, other)
    replica.follow()
    whole_and_once(replica.rows, stored_xids(database))
    return replica
