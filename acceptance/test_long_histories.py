# acceptance/test_long_histories.py: a write costs what it changes, however long its entity's history is; a late event
# costs what came after it. Counted in buffers that are looked at, so that it does not depend on the machine.
import json
import os

import pytest

from acceptance.harness.database import Database
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.ulid import hlc_of

LONG, SHORT = 1_000_000 if os.environ.get("SOAK") else 20_000, 50
SLACK = 12  # a deeper btree, a page that was split, a hint bit


def buffers(database, sql, *arguments):
    (plan,) = database.value("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql, *arguments)
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


@pytest.fixture(scope="module")
def counters(module_database):
    """A row with a long history and one with a short one, beside others."""
    database = module_database
    database.sql("CREATE TABLE counter (id uuid PRIMARY KEY, n int, note text); SELECT plait.track('counter');"
                 "INSERT INTO counter SELECT gen_random_uuid(), 0 FROM generate_series(1, 200)")
    long, short = database.column("SELECT id::text FROM counter ORDER BY id LIMIT 2")
    for key, count in ((long, LONG), (short, SHORT)):
        database.sql("DO $$ BEGIN FOR n IN 1.." + str(count) + " LOOP UPDATE counter SET n = counter.n + 1 WHERE id = '" + key + "';"
                     " IF n % 20 = 0 THEN COMMIT; END IF; END LOOP; END $$")  # versions of one transaction would be walked each time
    database.sql("CREATE FUNCTION write(key uuid) RETURNS void LANGUAGE sql AS 'UPDATE counter SET n = n + 1 WHERE id = key'")
    for table in ("counter", "plait.event", "plait.entity"):  # the dead versions of one row are not what is counted
        database.sql(f"VACUUM FULL {table}" if table == "counter" else f"VACUUM ANALYZE {table}")
    for key in (long, short):  # what a session looks up once
        commit(database, key, 0)
        buffers(database, "SELECT write(%s)", key)
    return database, long, short


@pytest.fixture(scope="module")
def module_database(cluster):
    admin = cluster.connect()
    admin.cursor().execute("CREATE DATABASE acceptance_long_histories")
    admin.close()
    database = Database(cluster, "acceptance_long_histories")
    yield database
    database.drop()


def commit(database, key, behind):
    """Buffers of a commit whose event was written before the newest `behind` events."""
    ids = database.column("SELECT id::text FROM (SELECT id FROM plait.event WHERE entity = %s::uuid::plait.ulid"
                          " ORDER BY id DESC LIMIT %s) e ORDER BY id", key, behind + 1)
    maker = EventMaker("counter", database.value("SELECT %s::uuid::plait.ulid::text", key))
    event = maker.make_at(hlc_of(ids[0]) + 1, [ids[0]], {"set": {"note": f"{behind} behind"}})
    assert database.value("SELECT count(*) FROM plait.event WHERE id > %s::plait.ulid AND entity = %s::uuid::plait.ulid",
                          event.id, key) in (behind, behind + 1)
    return buffers(database, "SELECT plait.commit(%s::jsonb)", wire_text([event]))


def test_a_write_by_sql_costs_the_same(counters):
    database, long, short = counters
    assert buffers(database, "SELECT write(%s)", long) <= buffers(database, "SELECT write(%s)", short) + SLACK


def test_a_write_by_event_costs_the_same(counters):
    database, long, short = counters
    assert commit(database, long, 0) <= commit(database, short, 0) + SLACK


def test_a_late_event_costs_what_came_after_it(counters):
    database, long, short = counters
    few = commit(database, long, 10)
    assert few <= commit(database, short, 10) + SLACK
    many = commit(database, long, 2000)
    assert few + 20 < many < 5_000, (few, many)


def test_a_head_costs_the_same(counters):
    database, long, short = counters
    head = "SELECT plait.head('counter', %s)"
    for key in (long, short):  # one event again, whatever late ones there were: the newest is looked for
        buffers(database, "SELECT write(%s)", key)
    assert buffers(database, head, long) <= buffers(database, head, short) + SLACK
