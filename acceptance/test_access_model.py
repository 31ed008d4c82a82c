# acceptance/test_access_model.py: random rows, policies, grants and writers; what Plait shows each role is what plain SQL
# shows it at that moment, attributed as the stored events say (invariant 17).
import itertools
import json

import pytest

from acceptance.harness.role import Role
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.ulid import ulid_text
from acceptance.model.world import Refused

ROUNDS = 30
STEPS = 8
KEYS = 9
COLUMNS = ("id", "owner", "team", "body", "cost", "pub")
POLICIES = ("owner = current_user", "owner = current_user OR pub", "cost < 50", "true", "body <> 'none'",
            "team IN (SELECT m.team FROM member m WHERE m.name = current_user)")
TABLES = """
    CREATE TABLE member (name text, team text);
    CREATE TABLE doc (id int PRIMARY KEY, owner text, team text, body text DEFAULT 'none', cost int, pub boolean DEFAULT false);
    ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
    CREATE POLICY reads ON doc USING (true);
    GRANT SELECT ON member TO PUBLIC;
    SELECT plait.track('doc');
"""


class Play:
    """One database with three roles whose rights change all the time."""

    def __init__(self, database, rng):
        self.database, self.rng, self.numbers = database, rng, itertools.count(1)
        self.roles = [Role(database, name) for name in ("ann", "ben", "cat")]
        database.sql(TABLES)
        for role in self.roles:
            self.grant(role)

    def step(self):
        self.rng.choice((self.write, self.write, self.write, self.write, self.commit, self.commit, self.rights, self.tick))()

    def value(self, column):
        choices = {"id": range(KEYS), "owner": [role.name for role in self.roles], "team": "xyz", "cost": range(0, 100, 10),
                   "body": [f"text {next(self.numbers)}", "none"], "pub": (True, False)}
        return self.rng.choice(choices[column])

    def write(self):
        """By whomever; what he may not do is refused, which is Postgres' affair."""
        columns = self.rng.sample(COLUMNS[1:], self.rng.randint(1, 3))
        values = [self.value(column) for column in columns]
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        key, sets = self.value("id"), ", ".join(f"{column} = %s" for column in columns)
        statements = [
            (f"INSERT INTO doc (id, {names}) VALUES (%s, {marks}) ON CONFLICT DO NOTHING", [key, *values]),
            (f"INSERT INTO doc (id, {names}) VALUES (%s, {marks})", [key, *values]),
            (f"UPDATE doc SET {sets} WHERE id = %s", [*values, key]), (f"UPDATE doc SET {sets} WHERE cost < 30", values),
            ("DELETE FROM doc WHERE id = %s", [key]), ("UPDATE doc SET id = %s WHERE id = %s", [self.value("id"), key])]
        self.attempt(*self.rng.choice(statements))

    def commit(self):
        key = self.value("id")
        maker = EventMaker("doc", self.database.value("SELECT entity::text FROM plait.changes_since(NULL) WHERE key = %s", str(key))
                           or ulid_text(key), self.rng)
        parents = [] if self.rng.random() < 0.2 else self.database.value("SELECT coalesce(plait.head('doc', %s)::text[], '{}')", str(key))
        column = self.rng.choice(COLUMNS[1:])
        operations = self.rng.choice(({"delete": True}, {"set": {column: self.value(column)}}, {"emit": {"type": "Seen", "data": {}}},
                                      {"create": True, "set": {column: self.value(column)}}))
        if not parents:
            operations = {"create": True, "set": {"owner": self.value("owner"), column: self.value(column)}}
        hlc = self.database.value("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint") << 16
        event = maker.make_at(hlc + next(self.numbers), parents, operations)
        self.attempt("SELECT plait.commit(%s::jsonb)", [wire_text([event])])

    def rights(self):
        self.rng.choice((lambda: self.grant(self.rng.choice(self.roles)), self.police, self.join))()

    def grant(self, role):
        columns = ["id", *self.rng.sample(COLUMNS[1:], self.rng.randint(0, 5))]
        right = "SELECT" if self.rng.random() < 0.5 else f"SELECT ({', '.join(columns)})"
        self.database.sql(f"REVOKE ALL ON doc FROM {role.name}; GRANT {right}, INSERT, UPDATE, DELETE ON doc TO {role.name}")

    def police(self):
        self.database.sql(f"ALTER POLICY reads ON doc USING ({self.rng.choice(POLICIES)});"
                          f"ALTER TABLE doc {self.rng.choice(['ENABLE', 'ENABLE', 'ENABLE', 'DISABLE'])} ROW LEVEL SECURITY")

    def join(self):
        self.database.sql("DELETE FROM member WHERE random() < 0.3")
        self.database.sql("INSERT INTO member VALUES (%s, %s)", self.value("owner"), self.value("team"))

    def tick(self):
        self.database.sql("CALL plait.advance()")

    def attempt(self, statement, arguments):
        who = self.rng.choice([None, *self.roles])
        try:
            self.database.sql(statement, *arguments, on=who and who.connection)
        except Refused as refused:
            assert not refused.sqlstate.startswith("XX") and refused.sqlstate not in ("PL099", "57P01"), refused

    def close(self):
        for role in self.roles:
            role.drop()


class Truth:
    """What lies in the tables, read by the superuser as plain SQL: keys, entities, events in the order of their ids."""

    def __init__(self, database):
        self.keys = dict(database.sql("SELECT s.entity::text, s.key FROM doc t, plait.snapshot(t) s"))
        self.events = {}
        for entity, event, operations in database.sql("SELECT e.entity::text, e.id::text, e.operations FROM plait.event e ORDER BY e.id"):
            self.events.setdefault(entity, []).append((event, operations))

    def holders(self, entity):
        """property → the last event that set it; None → the last create or delete."""
        found = {}
        for event, operations in self.events[entity]:
            found.update({name: event for name in operations.get("set", {})})
            if operations.get("create") or operations.get("delete"):
                found[None] = event
        return found


def check(play, role):
    truth = Truth(play.database)
    columns = [name for name in COLUMNS if play.database.value("SELECT has_column_privilege(%s, 'doc', %s, 'SELECT')", role.name, name)]
    rows = {str(row["id"]): row for row in role.records(f"SELECT {', '.join(columns)} FROM doc")}
    is_whole = len(columns) == len(COLUMNS) and not play.database.value("SELECT relrowsecurity FROM pg_class WHERE oid = 'doc'::regclass")
    every = list(truth.events)
    shown = {key: state for key, state in role.sql("SELECT key, state FROM plait.snapshots('doc', %s::text[]::plait.ulid[])", every)}
    assert shown == rows
    if is_whole:
        return
    entities = {key: entity for entity, key in truth.keys.items()}
    for number in range(KEYS):
        key = str(number)
        head = role.value("SELECT plait.head('doc', %s)", key)
        made_up = role.sql("SELECT (s).key, (s).state FROM (SELECT plait.snapshot(jsonb_populate_record(NULL::doc, %s)) s) q",
                           json.dumps({"id": number, "owner": role.name}))
        assert (head is not None) == (key in rows)
        assert made_up == ([(key, rows[key])] if key in rows else [(None, None)])
        check_history(role, key, rows.get(key), truth.holders(entities[key]) if key in rows else None)
        entity = entities.get(key) or ulid_text(number)
        winners = role.value("SELECT plait.winners('doc', %s, %s)", entity, columns)
        expected = {}
        if truth.keys.get(entity) in rows:  # under another key, perhaps
            holders = truth.holders(entity)
            expected = {name: holders.get(name, truth.events[entity][0][0]) for name in columns}
        assert winners == expected
    newest = {key: truth.events[entities[key]][-1][0] for key in rows}
    assert check_feed(role, rows, "plait.changes_since(NULL)") == newest
    assert set(check_feed(role, rows, "plait.changes(NULL, 1000000)")) <= set(rows)


def check_history(role, key, row, holders):
    try:
        events = role.records("SELECT * FROM plait.history('doc', %s)", key)
    except Refused as refused:
        assert row is None and refused.code == "not_found", refused
        return
    assert row is not None, f"{role.name} sees the history of {key}"
    head = "plait.head('doc', %s)"
    assert role.records(f"SELECT * FROM plait.bridge('doc', %s, '{{}}', {head})", key, key) == events
    assert role.records(f"SELECT * FROM plait.ancestors('doc', %s, {head})", key, key) == events[::-1]
    told = {}
    for event in events:
        assert all(event[name] is None for name in ("parents", "origin", "actor", "context", "recorded", "xid", "salt"))
        for name, value in event["operations"].get("set", {}).items():
            assert row[name] == value and name not in told
            told[name] = event["id"]
        if event["operations"].get("create"):
            assert None not in told
            told[None] = event["id"]
        assert set(event["operations"]) <= {"create", "set"} and event["operations"]
    assert told == {name: event for name, event in holders.items() if name is None or name in row}


def check_feed(role, rows, call):
    """key → the last event that it was told with"""
    held = {}
    for change in role.records(f"SELECT * FROM {call}"):
        assert all(change[name] is None for name in ("parents", "origin", "actor", "context", "xid", "salt"))
        assert change["operations"] == {"set": rows[change["key"]]}
        held[change["key"]] = change["id"]
    return held


@pytest.fixture
def play(database, rng):
    play = Play(database, rng)
    yield play
    play.close()


def test_what_plait_shows_is_what_select_shows(play):
    for _ in range(ROUNDS):
        for _ in range(STEPS):
            play.step()
        for role in play.roles:
            check(play, role)
    assert not play.database.verify()
    assert play.database.value("SELECT count(DISTINCT origin) FROM plait.event") > 1, "no commit was accepted"
