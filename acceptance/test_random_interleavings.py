# acceptance/test_random_interleavings.py: 10,000 random interleavings of three writers, checked step by step.
import os
import random
import uuid

import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.interleaving import TABLES, TRIGGERS, Subject, commit_statement
from acceptance.harness.sql_world import STORED, SqlWorld, read_event
from acceptance.harness.worker import Worker
from acceptance.model import ulid
from acceptance.model.world import Refused

INTERLEAVINGS = 10_000 * (10 if os.environ.get("SOAK") else 1)
BATCH = 250
STEPS = 7


@pytest.fixture
def stage(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql(TABLES + TRIGGERS)
    world.track("play")
    world.track("deep")
    world.writers = [database.connect() for _ in range(3)]
    return world


def test_ten_thousand_interleavings(stage, rng):
    for _ in range(INTERLEAVINGS // BATCH):
        seed = rng.getrandbits(32)
        subjects = [Subject(table, str(uuid.UUID(int=rng.getrandbits(128))), rng)
                    for table in ("play", "deep") for _ in range(BATCH // 2)]
        for _ in range(STEPS):
            step(stage, subjects, rng)
        check_heads(stage, subjects, seed)
    assert not stage.verify()


def step(stage, subjects, rng):
    """Each entity is written by one of its writers; each writer's part is one transaction."""
    database = stage.database
    start = int(database.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))
    now = database.value("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8")
    parts = {0: [], 1: [], 2: []}
    for subject in subjects:
        parts[rng.choice((0, 1, 2))].append(subject)
    for writer, mine in parts.items():
        statements = statements_of(writer, mine, ulid.hlc_of_unix_ms(now), rng)
        if not statements:
            continue
        text = "; ".join(statements)
        if rng.random() < 0.1:
            database.sql(f"BEGIN; {text}; ROLLBACK", on=stage.writers[writer])
        database.sql(text, on=stage.writers[writer])
    take(stage, subjects, start)


def statements_of(writer, subjects, now, rng):
    if writer == 0:
        return [subject.sql_step() for subject in subjects]
    events = [subject.commit_step(writer, now) for subject in subjects]
    if not events:
        return []
    rng.shuffle(events)
    size = rng.choice((1, 10, len(events)))
    return [commit_statement(events[at:at + size]) for at in range(0, len(events), size)]


def take(stage, subjects, start):
    database = stage.database
    news = {subject.entity: [] for subject in subjects}
    for row in database.sql(STORED + " WHERE e.xid >= %s::text::xid8 ORDER BY e.id", start):
        event = read_event(row)
        news[event.entity_id].append(event)
    rows = {}
    for table in ("play", "deep"):
        keys = [subject.key for subject in subjects if subject.table == table]
        for key, a, b, n in database.sql(f"SELECT id::text, a, b, n FROM {table} WHERE id = ANY (%s::uuid[])", keys):
            rows[key] = {"a": a, "b": b, "n": n}
    for subject in subjects:
        subject.take(news[subject.entity], rows.get(subject.key))


def check_heads(stage, subjects, seed):
    for table in ("play", "deep"):
        mine = [subject for subject in subjects if subject.table == table]
        told = dict(stage.database.sql("SELECT k, coalesce(plait.head(%s, k)::text[], '{}') FROM unnest(%s) k",
                                       table, [subject.key for subject in mine]))
        for subject in mine:
            assert told[subject.key] == subject.head(), f"{table} {subject.key}, batch {seed}"


class Busy(Worker):
    """A writer that does not wait for anybody: transactions over a few entities that all others write too."""

    def __init__(self, number, stage, rng, rounds):
        super().__init__()
        self.number, self.stage, self.rng, self.rounds = number, stage, rng, rounds
        self.on, self.retries = stage.database.connect(), 0

    def work(self):
        for number in range(self.rounds):
            while not self.transaction(number):
                self.retries += 1

    def transaction(self, number):
        """False when the database asks for another try."""
        sql = self.stage.database.sql
        try:
            sql("BEGIN", on=self.on)
            for key in self.rng.sample(self.stage.contested, self.rng.randint(1, 3)):
                self.write(key, number)
            sql("COMMIT" if self.rng.random() < 0.9 else "ROLLBACK", on=self.on)
            return True
        except Refused as error:
            sql("ROLLBACK", on=self.on)
            if error.sqlstate in ("40P01", "40001", "PL025"):
                return False
            if self.number > 0 and error.code in ("entity_exists", "not_found"):
                return True
            raise

    def write(self, key, number):
        table, kind = self.rng.choice(("play", "deep")), self.rng.random()
        value = f"w{self.number}.{number}"
        if self.number == 0 or kind < 0.2:
            statement = (f"DELETE FROM {table} WHERE id = '{key}'" if kind < 0.1 else
                         f"INSERT INTO {table} VALUES ('{key}', '{value}') "
                         "ON CONFLICT (id) DO UPDATE SET a = excluded.a"
                         if kind < 0.5 else f"UPDATE {table} SET b = '{value}', n = n + 1 WHERE id = '{key}'")
            return self.stage.database.sql(statement, on=self.on)
        entity = ulid.ulid_from_uuid(key)
        head = self.stage.database.value("SELECT coalesce(plait.head(%s, %s)::text[], '{}')", table, key, on=self.on)
        parents = sorted(self.rng.sample(head, self.rng.randint(1, len(head)))) if head else []
        maker = Subject(table, key, self.rng).maker
        hlc = max([ulid.hlc_at(self.rng.randint(0, 1000))] + [ulid.hlc_of(parent) + 1 for parent in parents])
        operations = ({"create": True, "set": {"a": value}} if not parents or kind < 0.4 else
                      {"delete": True} if kind < 0.5 else {"set": {"a": value, "b": value}})
        event = maker.make_at(hlc, parents, operations)
        assert event.entity_id == entity
        self.stage.commit([event], on=self.on)


def test_writers_that_do_not_wait_for_each_other(stage, rng):
    stage.contested = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(8)]
    writers = [Busy(i, stage, random.Random(rng.random()), rounds=400) for i in (0, 1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.finish()
    for table in ("play", "deep"):
        assert len(agrees(stage, table)) <= 8
    assert not stage.verify()
