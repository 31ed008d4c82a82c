# acceptance/test_partitions.py: partitioned tables: one collection, the root's, whatever is written where.
import datetime
import uuid

import pytest

from acceptance.harness.agreement import Recorder, agrees
from acceptance.harness.interleaving import TRIGGERS, Subject
from acceptance.harness.live import catches_up
from acceptance.harness.sql_world import SqlWorld
from acceptance.model import ulid
from acceptance.model.event import EventMaker
from acceptance.model.world import Refused
from acceptance.test_dump import copy
from acceptance.test_random_interleavings import check_heads, step

# The lower partition has its columns in another order, and a dropped one among them.
HALVES = """
    CREATE TABLE {0} (id uuid PRIMARY KEY, a text, b text, n int) PARTITION BY RANGE (id);
    CREATE TABLE {0}_low (n int, gone int, b text, id uuid NOT NULL, a text); ALTER TABLE {0}_low DROP COLUMN gone;
    ALTER TABLE {0} ATTACH PARTITION {0}_low
        FOR VALUES FROM (MINVALUE) TO ('80000000-0000-0000-0000-000000000000');
    CREATE TABLE {0}_high PARTITION OF {0}
        FOR VALUES FROM ('80000000-0000-0000-0000-000000000000') TO (MAXVALUE);
"""
INVOICES = """
    CREATE TABLE invoice (id int, sold date, customer text, total numeric DEFAULT 0, PRIMARY KEY (id, sold))
        PARTITION BY RANGE (sold);
    CREATE TABLE invoice_2024 (total numeric DEFAULT 0, customer text, sold date NOT NULL, id int NOT NULL);
    ALTER TABLE invoice ATTACH PARTITION invoice_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE invoice_2025 PARTITION OF invoice FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
        PARTITION BY RANGE (sold);
    CREATE TABLE invoice_2025_1 PARTITION OF invoice_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
    CREATE TABLE invoice_2025_7 PARTITION OF invoice_2025 FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
    CREATE TABLE invoice_rest PARTITION OF invoice DEFAULT;
    INSERT INTO invoice SELECT i, date '2024-01-15' + i * 20, 'customer ' || i, i * 1.10 FROM generate_series(1, 40) i;
"""


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


@pytest.fixture
def invoices(bare):
    bare.database.sql(INVOICES)
    bare.track("invoice")
    return bare


class LeafSubject(Subject):
    """Half of its SQL goes straight to the partition."""

    def sql_step(self):
        statement = super().sql_step()
        leaf = f"{self.table}_{'low' if self.key < '8' else 'high'}"
        if self.rng.random() < 0.5:
            return statement
        return statement.replace(f"UPDATE {self.table} ", f"UPDATE {leaf} ", 1).replace(
            f"DELETE FROM {self.table} ", f"DELETE FROM {leaf} ", 1)


def test_interleavings_of_three_writers(bare, rng):
    """The model of the random interleavings, on partitioned tables."""
    bare.database.sql(HALVES.format("play") + HALVES.format("deep") + TRIGGERS)
    for table in ("play", "deep"):
        bare.track(table)
    bare.writers = [bare.database.connect() for _ in range(3)]
    for _ in range(4):
        seed = rng.getrandbits(32)
        subjects = [LeafSubject(table, str(uuid.UUID(int=rng.getrandbits(128))), rng)
                    for table in ("play", "deep") for _ in range(100)]
        for _ in range(7):
            step(bare, subjects, rng)
        check_heads(bare, subjects, seed)
    assert not bare.verify()


def random_day(rng):
    return datetime.date(2024, 1, 1) + datetime.timedelta(days=rng.randrange(1000))


def leaf_of(day):
    half = f"invoice_2025_{1 if day.month < 7 else 7}"
    return {2024: "invoice_2024", 2025: half}.get(day.year, "invoice_rest")


def test_rows_that_move_stay_themselves(invoices, rng):
    database = invoices.database
    days = dict(database.sql("SELECT id, sold FROM invoice"))
    entities = dict(database.sql("SELECT id, plait.identity(t)::text FROM invoice t"))
    recorder = Recorder(invoices, "invoice")
    for _ in range(12):
        expected = {}
        for number in rng.sample(range(1, 60), 8):
            operation = one_change(database, rng, days, number)
            if number in entities and operation:
                expected[entities[number]] = [operation]
        told = recorder.news()
        assert {entity: told[entity] for entity in expected} == expected
        now = dict(database.sql("SELECT id, plait.identity(t)::text FROM invoice t"))
        assert all(now[number] == entity for number, entity in entities.items() if number in days)
        entities = {number: now[number] for number in days}
    assert dict(database.sql("SELECT id, sold FROM invoice")) == days


def one_change(database, rng, days, number):
    """A random statement on one invoice; what its entity must be told."""
    day = days.get(number)
    if day is None:
        days[number] = random_day(rng)
        database.sql("INSERT INTO invoice VALUES (%s, %s, 'new')", number, days[number])
        return None
    table = rng.choice(("invoice", leaf_of(day)))
    kind = rng.random()
    if kind < 0.2:
        del days[number]
        database.sql(f"DELETE FROM {table} WHERE id = %s", number)
        return {"delete": True}
    if kind < 0.5:
        total = str(rng.randrange(1000))
        changed = database.sql(f"UPDATE {table} SET total = %s WHERE id = %s AND total <> %s RETURNING 1",
                               total, number, total)
        return {"set": {"total": total}} if changed else None
    days[number] = random_day(rng)
    if days[number] == day:
        return None
    database.sql("UPDATE invoice SET sold = %s WHERE id = %s", days[number], number)
    return {"set": {"sold": str(days[number])}}


def event_on(world, number, operations, hlc_step=1):
    entity, head = world.database.sql("SELECT s.entity::text, s.head::text[] FROM invoice t, plait.snapshot(t) s"
                                      " WHERE id = %s", number)[0]
    return EventMaker("invoice", entity, world.rng).make_at(ulid.hlc_of(head[-1]) + hlc_step, head, operations)


def test_commits_write_through_the_root(invoices):
    database = invoices.database
    assert invoices.commit([event_on(invoices, 3, {"set": {"customer": "by commit"}}),
                            event_on(invoices, 4, {"set": {"sold": "2025-12-24", "total": "7"}}),
                            event_on(invoices, 5, {"delete": True})]) == ["accepted"] * 3
    assert database.sql("SELECT tableoid::regclass::text, sold, total FROM invoice WHERE id = 4") == [
        ("invoice_2025_7", datetime.date(2025, 12, 24), 7)]
    maker = EventMaker("invoice", None, invoices.rng)
    genesis = maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"id": 100, "sold": "2024-02-02"}})
    assert invoices.commit([genesis]) == ["accepted"]
    assert database.value("SELECT plait.identity(t)::text FROM invoice_2024 t WHERE id = 100") == genesis.id
    taken = maker.make_at(ulid.hlc_at(20), [], {"create": True, "set": {"id": 100, "sold": "2024-02-02"}})
    with pytest.raises(Refused) as caught:
        invoices.commit([taken])
    assert caught.value.code == "entity_exists"
    entities = agrees(invoices, "invoice")
    assert len(entities) == 41 and not [events for events in entities.values() if len(events) > 2]


def test_a_trigger_that_moves_the_row_is_a_follow_up(invoices):
    database = invoices.database
    database.sql("""CREATE FUNCTION postpone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                      IF NEW.customer = 'late' AND NEW.sold < '2025-01-01' THEN
                        UPDATE invoice SET sold = sold + 366 WHERE id = NEW.id; END IF; RETURN NULL; END $$;
                    CREATE TRIGGER postpone AFTER UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION postpone()""")
    event = event_on(invoices, 1, {"set": {"customer": "late"}})
    assert invoices.commit([event]) == ["accepted"]
    events = agrees(invoices, "invoice")[event.entity_id]
    assert [told.operations for told in events[1:]] == [{"set": {"customer": "late"}}, {"set": {"sold": "2025-02-04"}}]
    assert events[2].parents == (event.id,)


def test_a_watch_follows_rows_over_partitions_that_come_and_go(invoices, gateway):
    database, client = invoices.database, gateway().client()
    watch = client.watch("invoice where total > $1", 20)
    assert len(watch.rows) == 22
    for statement in ("UPDATE invoice_2024 SET total = 50 WHERE id = 2", "UPDATE invoice SET sold = '2025-08-01' WHERE id = 2",
                      "ALTER TABLE invoice DETACH PARTITION invoice_2025",
                      "ALTER TABLE invoice ATTACH PARTITION invoice_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                      "DROP TABLE invoice_2025_7", "TRUNCATE invoice_2024"):
        database.sql(statement)
        catches_up(client, watch, database)
    client.await_covered(client.commit([event_on(invoices, 40, {"set": {"total": "99"}})]))
    catches_up(client, watch, database)
    agrees(invoices, "invoice")


@pytest.mark.parametrize("form", ["p", "c"])
def test_a_restored_database_goes_on(invoices, new_database, tmp_path, form):
    database = invoices.database
    database.sql("UPDATE invoice SET sold = '2025-08-01' WHERE id = 1; DELETE FROM invoice_2024 WHERE id = 2")
    target = copy(database, tmp_path, new_database, form)
    invoices.database = target
    target.sql("SET TimeZone = 'UTC'")
    # Before anything else is written in this life: a partition that comes is watched all the same.
    target.sql("CREATE TABLE late (id int, sold date, customer text, total numeric, PRIMARY KEY (id, sold));"
               "INSERT INTO late VALUES (90, '2023-05-05', 'came')")
    if form == "p":
        target.sql("ALTER TABLE invoice DETACH PARTITION invoice_rest")
    target.sql("ALTER TABLE invoice ATTACH PARTITION late FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')")
    recorder = Recorder(invoices, "invoice")
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!plait%%' AND tgenabled = 'A'"
    assert target.value(triggers) == 4 * (7 if form == "c" else 6)
    assert recorder.after("UPDATE late SET total = 3; UPDATE invoice_2024 SET total = 4 WHERE id = 3;"
                          "UPDATE invoice SET sold = '2024-05-01' WHERE id = 1; DROP TABLE late")
    assert not invoices.verify()


@pytest.mark.parametrize("target, numbers", [("invoice", (3, 25, 40)), ("invoice_2024", (3, 8))])
def test_a_reference_to_an_entity_in_a_partition(invoices, target, numbers):
    """Columns of the foreign key stand elsewhere in the partition."""
    database = invoices.database
    database.sql("CREATE TABLE reminder (id int PRIMARY KEY, invoice int, sold date,"
                 f" FOREIGN KEY (invoice, sold) REFERENCES {target} (id, sold))")
    invoices.track("reminder")
    for number in numbers:
        entity = database.value("SELECT plait.identity(t)::text FROM invoice t WHERE id = %s", number)
        maker = EventMaker("reminder", ulid.ulid_from_integer(number), invoices.rng)
        reference = {"ref": entity}
        event = maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"invoice": reference, "sold": reference}})
        assert invoices.commit([event]) == ["accepted"]
    assert database.column("SELECT i.id FROM reminder r JOIN invoice i ON i.id = invoice AND i.sold = r.sold"
                           " WHERE r.id = i.id ORDER BY 1") == list(numbers)
    assert not invoices.verify()
