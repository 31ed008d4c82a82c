# acceptance/test_odd_tables.py: odd names, very many columns, holes, generated and identity columns, huge values.
import pathlib
import re

import pytest

from acceptance.harness.sql_world import SqlWorld, quoted
from acceptance.model import ulid
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.world import Refused

NAMES = ["select", "Ä b", 'a"b', "user", "t", "s", "k", "k1", "entity", "key", "head", "state", "row", "$json", "ref",
         "set", "create", "null", "%s", "\\", "a'b", "line\nbreak", "😀", "x" * 63, "ä" * 31, "$1", "id_2", "1", " "]
COLUMNS_MAX = 1600


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


def commit(world, collection, id, operations, on=None):
    """Commits one event of the row with an integer key, on its head."""
    maker = EventMaker(collection, ulid.ulid_from_integer(id))
    head = world.database.value("SELECT plait.head(%s, %s)::text[]", collection, str(id)) or []
    event = maker.make_at(ulid.hlc_of(head[0]) + 1 if head else ulid.hlc_at(10), head, operations)
    return world.database.value("SELECT plait.commit(%s)", wire_text([event]), on=on)


def told(world, collection):
    return [event.operations for event in world.events_of(collection)]


def test_odd_names(bare, gateway):
    """Of columns, tables and schemas, in SQL, in events, in live queries."""
    database, collection = bare.database, 'odd "one" t'
    name = f"{quoted('Ä $1')}.{quoted('table')}"
    columns = ", ".join(f"{quoted(column)} text" for column in NAMES)
    database.sql(f"""CREATE SCHEMA {quoted('Ä $1')};
        CREATE TABLE {name} ("a b" int, "from" text DEFAULT 'x"y', {columns}, PRIMARY KEY ("a b", "from"));
        SELECT plait.track($${name}$$::regclass, $${collection}$$);
        INSERT INTO {name} ("a b", "from") VALUES (0, '')""")
    served = gateway()
    database.sql(f"GRANT USAGE ON SCHEMA {quoted('Ä $1')} TO acceptance_gateway, acceptance_app;"
                 f"GRANT ALL ON {name} TO acceptance_gateway, acceptance_app")
    client = served.client()
    watch = client.watch(f"{quoted(collection)} WHERE {quoted('a b')} > 0 AND {quoted('select')} LIKE 'o%'")
    values = {column: f"of {column}" for column in NAMES}
    texts = ", ".join("'" + text.replace("'", "''") + "'" for text in values.values())
    database.sql(f"INSERT INTO {name} VALUES (1, 'z', {texts})")
    maker = EventMaker(collection, None, bare.rng)
    client.commit([maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"a b": 2, **values}})])
    client.commit([maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"a b": 3}})])
    for column in NAMES:
        database.sql(f"UPDATE {name} SET {quoted(column)} = 'other' WHERE \"a b\" = 3")
    expected = {'["1","z"]': {"a b": 1, "from": "z", **values}, '["2","x\\"y"]': {"a b": 2, "from": 'x"y', **values},
                '["3","x\\"y"]': {"a b": 3, "from": 'x"y', **dict.fromkeys(NAMES, "other")}}
    client.wait(lambda: watch.states() == expected, "all three as they are now")
    again = served.client().watch(watch.query)
    assert again.states() == expected
    entities = list(again.rows)
    assert dict(database.sql("SELECT key, state FROM plait.snapshots(%s, %s::text[]::plait.ulid[])",
                             collection, entities)) == expected
    database.sql(f"ALTER TABLE {name} RENAME \"a'b\" TO \"b'a\"; UPDATE {name} SET \"b'a\" = 'new' WHERE \"a b\" = 1")
    client.wait(lambda: watch.states()['["1","z"]']["a'b"] == "new", "the update of the renamed column")
    assert not bare.verify()


def test_as_many_columns_as_postgres_allows(bare):
    database = bare.database
    columns = [f"c{n}" for n in range(COLUMNS_MAX - 1)]
    database.sql(f"CREATE TABLE wide (id int PRIMARY KEY, {', '.join(f'{column} int' for column in columns)});"
                 f"INSERT INTO wide VALUES (1, {', '.join(map(str, range(COLUMNS_MAX - 1)))});"
                 "SELECT plait.track('wide');"
                 "INSERT INTO wide SELECT 2, (w).c0 FROM wide w; UPDATE wide SET c1598 = 7 WHERE id = 1")
    assert told(bare, "wide") == [{"create": True, "set": {column: n for n, column in enumerate(columns)}},
                                  {"create": True, "set": {"c0": 0}}, {"set": {"c1598": 7}}]
    commit(bare, "wide", 3, {"create": True, "set": {column: n for n, column in enumerate(columns)}})
    commit(bare, "wide", 3, {"set": {"c1597": None, "c1598": 7}})
    assert database.value("SELECT to_jsonb(a) - 'id' - 'c1597' = to_jsonb(b) - 'id' - 'c1597' AND b.c1597 IS NULL "
                          "FROM wide a, wide b WHERE a.id = 1 AND b.id = 3")
    assert not bare.verify()


def test_columns_that_came_and_went(bare):
    """A row keeps what it had, whatever number its columns now have."""
    database = bare.database
    database.sql("CREATE TABLE holes (gone int, id int PRIMARY KEY, a text, big text); ALTER TABLE holes DROP gone;"
                 "INSERT INTO holes VALUES (1, 'one', repeat('x', 9000)); SELECT plait.track('holes')")
    for n in range(20):
        database.sql(f"ALTER TABLE holes ADD c{n} text DEFAULT 'of {n}', ADD d{n} int;"
                     f"UPDATE holes SET d{n} = {n} WHERE id = 1; INSERT INTO holes (id, a) VALUES ({n + 10}, 'new')")
        if n % 3:
            database.sql(f"ALTER TABLE holes DROP c{n}, DROP d{n - 1}; UPDATE holes SET a = a || {n}")
    commit(bare, "holes", 9, {"create": True, "set": {"a": "sent", "d19": 5, "c18": "mine"}})
    commit(bare, "holes", 9, {"set": {"a": "again"}})
    commit(bare, "holes", 1, {"set": {"c0": None}})
    assert database.sql("SELECT a, d19, c18, c0 FROM holes WHERE id = 9") == [("again", 5, "mine", "of 0")]
    assert database.sql("SELECT length(big), c0, d19 FROM holes WHERE id = 1") == [(9000, None, 19)]
    assert not bare.verify()


def test_generated_columns_are_told_and_never_set(bare, gateway):
    database = bare.database
    database.sql("""CREATE TABLE made (id int PRIMARY KEY, a int, b text GENERATED ALWAYS AS ('a' || a) STORED);
                    SELECT plait.track('made'); INSERT INTO made VALUES (1, 5)""")
    client = gateway().client()
    watch = client.watch("made")
    database.sql("UPDATE made SET a = 6")
    commit(bare, "made", 2, {"create": True, "set": {"a": 7}})
    commit(bare, "made", 2, {"set": {"a": 8}})
    client.wait(lambda: watch.states() == {"1": {"id": 1, "a": 6, "b": "a6"}, "2": {"id": 2, "a": 8, "b": "a8"}},
                "both with what was generated of them")
    assert told(bare, "made") == [{"create": True, "set": {"a": 7}}, {"set": {"a": 8}},
                                  {"create": True, "set": {"a": 5}}, {"set": {"a": 6}}]
    with pytest.raises(Refused, match="b is a generated column") as refused:
        commit(bare, "made", 2, {"set": {"b": "x"}})
    assert (refused.value.code, refused.value.where) == ("bad_value", "/events/0/operations/set/b")
    assert not bare.verify()


def test_a_generated_key(bare):
    database = bare.database
    database.sql("""CREATE TABLE made (a int, id text GENERATED ALWAYS AS ('k' || a) STORED PRIMARY KEY, v int);
                    SELECT plait.track('made'); INSERT INTO made VALUES (1);
                    UPDATE made SET v = 1; UPDATE made SET a = 2""")
    (entity,) = database.column("SELECT plait.identity(made)::text FROM made")
    maker = EventMaker("made", entity)
    head = database.value("SELECT plait.head('made', 'k2')::text[]")
    event = maker.make_at(ulid.hlc_of(head[0]) + 1, head, {"set": {"a": 3}})
    database.value("SELECT plait.commit(%s)", wire_text([event]))
    create = EventMaker("made", None).make_at(ulid.hlc_at(10), [], {"create": True, "set": {"a": 9}})
    database.value("SELECT plait.commit(%s)", wire_text([create]))
    assert database.sql("SELECT id, v, plait.identity(made)::text FROM made ORDER BY id") == [
        ("k3", 1, entity), ("k9", None, create.id)]
    database.sql("DELETE FROM made WHERE id = 'k3'; INSERT INTO made VALUES (3)")
    assert database.value("SELECT plait.identity(made)::text FROM made WHERE id = 'k3'") == entity
    assert not bare.verify()


@pytest.mark.parametrize("kind", ("ALWAYS", "BY DEFAULT"))
def test_identity_columns(bare, kind):
    database = bare.database
    database.sql(f"""CREATE TABLE keyed (id int GENERATED {kind} AS IDENTITY PRIMARY KEY, v int);
                     CREATE TABLE plain (id int PRIMARY KEY, n int8 GENERATED {kind} AS IDENTITY (START 100), v int);
                     SELECT plait.track('keyed'), plait.track('plain');
                     INSERT INTO keyed (v) VALUES (1), (2); INSERT INTO plain (id, v) VALUES (1, 1);
                     UPDATE keyed SET v = 3; UPDATE plain SET v = 3; UPDATE plain SET n = DEFAULT""")
    commit(bare, "keyed", 7, {"create": True, "set": {"v": 4}})
    create = EventMaker("keyed", None).make_at(ulid.hlc_at(10), [], {"create": True, "set": {"v": 5}})
    database.value("SELECT plait.commit(%s)", wire_text([create]))
    assert database.sql("SELECT id, v FROM keyed ORDER BY id") == [(1, 3), (2, 3), (3, 5), (7, 4)]
    answer = commit(bare, "plain", 2, {"create": True, "set": {"v": 4}})
    assert len(answer["follow_ups"]) == 1
    commit(bare, "plain", 3, {"create": True, "set": {"n": "9007199254740993"}})
    assert database.sql("SELECT id, n FROM plain ORDER BY id") == [(1, 101), (2, 102), (3, 9007199254740993)]
    if kind == "ALWAYS":
        with pytest.raises(Refused, match='column "n" can only be updated to DEFAULT'):
            commit(bare, "plain", 3, {"set": {"n": "5"}})
    else:
        commit(bare, "plain", 3, {"set": {"n": "5"}})
    assert not bare.verify()


@pytest.mark.parametrize("depth", (300, 5000))
def test_deep_json(bare, gateway, depth):
    """As deep as Postgres takes it by SQL; the gateway serves it, clients send 64 levels."""
    database = bare.database
    nested = f"(repeat('[', {depth}) || repeat(']', {depth}))::jsonb"
    database.sql(f"""CREATE TABLE deep (id int PRIMARY KEY, j jsonb DEFAULT {nested});
                     SELECT plait.track('deep'); INSERT INTO deep VALUES (1, DEFAULT), (2, '{{}}')""")
    client = gateway().client() if depth < 1000 else None  # Python reads no deeper
    watch = client and client.watch("deep")
    database.sql("UPDATE deep SET j = jsonb_build_array(j); DELETE FROM deep WHERE id = 2")
    commit(bare, "deep", 3, {"create": True})
    if client:
        client.wait(lambda: set(watch.states()) == {"1", "3"}, "the rows")
        assert watch.states()["1"]["j"] == [watch.states()["3"]["j"]]
    commit(bare, "deep", 2, {"create": True})
    assert database.sql("SELECT a.j = jsonb_build_array(b.j), c.j FROM deep a, deep b, deep c "
                        "WHERE (a.id, b.id, c.id) = (1, 3, 2)") == [(True, [{}])]
    assert not bare.verify()


def test_huge_values(bare):
    """10 MB are told once, when they change, and are not even read when something else does."""
    database, size = bare.database, 10_000_000
    database.sql("""CREATE TABLE huge (id int PRIMARY KEY, body text, bytes bytea, v int);
                    ALTER TABLE huge ALTER body SET STORAGE external, ALTER bytes SET STORAGE external;
                    SELECT plait.track('huge')""")
    database.sql(f"INSERT INTO huge SELECT 1, repeat('ä', {size // 2}), decode(repeat('00ff', {size // 2}), 'hex'), 0")
    (create,) = told(bare, "huge")
    assert create["set"]["body"] == "ä" * (size // 2) and create["set"]["bytes"] == "\\x" + "00ff" * (size // 2)
    def toast_blocks():
        database.sql("SELECT pg_stat_force_next_flush()")
        database.sql("SELECT pg_stat_clear_snapshot()")
        return database.value("SELECT toast_blks_read + toast_blks_hit FROM pg_statio_user_tables "
                              "WHERE relname = 'huge'")
    before = toast_blocks()
    database.sql("UPDATE huge SET v = 1; UPDATE huge SET v = v + 1, body = body")
    commit(bare, "huge", 1, {"set": {"v": 3}})
    assert toast_blocks() == before, "no value of another column was read"
    database.sql("SELECT md5(body) FROM huge")
    assert toast_blocks() > before, "and reading one would have shown"
    assert told(bare, "huge")[1:] == [{"set": {"v": 1}}, {"set": {"v": 2}}, {"set": {"v": 3}}]
    commit(bare, "huge", 2, {"create": True, "set": {"body": create["set"]["body"]}})
    database.sql("UPDATE huge SET bytes = '\\x00' WHERE id = 1; UPDATE huge SET body = NULL")
    assert told(bare, "huge")[5:] == [{"set": {"bytes": "\\x00"}}, {"set": {"body": None}}, {"set": {"body": None}}]
    assert not bare.verify()


def peak_kb(database, statement):
    """The memory of a backend that did nothing else, with the shared buffers that it touched, 128 MB at most."""
    connection = database.connect()
    database.sql(statement, on=connection)
    status = pathlib.Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    connection.close()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def test_a_statement_of_large_rows_does_not_gather_them(bare):
    """500 MB of events in one statement, in a backend that holds a few of them at a time."""
    database, rows, size = bare.database, 500, 1_000_000
    database.sql("CREATE TABLE large (id int PRIMARY KEY, body text); SELECT plait.track('large')")
    for statement in (f"INSERT INTO large SELECT n, repeat('x', {size}) FROM generate_series(1, {rows}) n",
                      f"UPDATE large SET body = repeat('y', {size})"):
        assert peak_kb(database, statement) < rows * size / 1000 / 2
    assert database.value("SELECT count(*) FROM large WHERE body = repeat('y', %s)", size) == rows


def test_verify_and_repair_hold_little_of_a_row(bare):
    """30,000 rows: their places and one row at a time, not a copy of each."""
    database, rows = bare.database, 30_000
    database.sql("CREATE TABLE many (id text PRIMARY KEY, body text); SELECT plait.track('many');"
                 f"INSERT INTO many SELECT 'key ' || n, repeat('x', 100) FROM generate_series(1, {rows}) n")
    few = peak_kb(database, "SELECT count(*) FROM many; SELECT count(*) FROM plait.event")
    for statement in ("SELECT * FROM plait.verify()", "SELECT * FROM plait.repair('many', 'events')"):
        assert peak_kb(database, statement) < few + rows, statement
