# acceptance/test_keys.py: any primary key: how an entity is named, found, moved and restored by it.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.sql_world import SqlWorld
from acceptance.model import ulid
from acceptance.model.event import EventMaker
from acceptance.model.world import Refused

KEYS = {  # type: (two keys as SQL literals, key text of the first)
    "int2": (("7", "-8"), "7"), "int4": (("42", "-1"), "42"),
    "int8": (("9007199254740993", "-9223372036854775808"), "9007199254740993"),
    "uuid": (("'0192f0c1-2345-7000-8000-00000000abcd'", "'11111111-2222-4333-8444-555555555555'"),
             "0192f0c1-2345-7000-8000-00000000abcd"),
    "text": (("'a/b'", "'ä \"q\" 😀'"), "a/b"), "varchar(20)": (("'x'", "''"), "x"),
    "char(5)": (("'ab'", "'abc'"), None), "numeric": (("1.50", "-2"), None), "bool": (("true", "false"), None),
    "date": (("'2026-02-28'", "'2024-02-29'"), "2026-02-28"),
    "timestamptz": (("'2026-02-28 12:00+02'", "'2026-02-28 10:00:00.000001Z'"), None),
    "bytea": (("'\\x00ff'", "'\\x'"), "\\x00ff"), "inet": (("'10.0.0.1'", "'10.0.0.0/8'"), "10.0.0.1"),
    "plait.ulid": (("'01KDVHTF2A0000000000000000'", "'01KDVHTF2B0000000000000000'"),
                   "01KDVHTF2A0000000000000000"),
}
NATURAL = ("int2", "int4", "int8", "uuid", "plait.ulid")


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


@pytest.mark.parametrize("key_type", KEYS)
def test_a_row_lives_and_comes_back_under_its_key(bare, key_type):
    (first, second), key_text = KEYS[key_type]
    database = bare.database
    database.sql("SET search_path = public, plait")  # where the operators of plait.ulid are
    database.sql(f"CREATE TABLE t (id {key_type} PRIMARY KEY, v int)")
    database.sql(f"INSERT INTO t VALUES ({first}, 1)")
    bare.track("t")
    database.sql(f"INSERT INTO t VALUES ({second}, 2)")
    named = dict(database.sql("SELECT v, plait.identity(t)::text FROM t"))
    database.sql("UPDATE t SET v = v + 10")
    database.sql(f"DELETE FROM t WHERE id = {first}; INSERT INTO t VALUES ({first}, 11)")
    assert dict(database.sql("SELECT v - 10, plait.identity(t)::text FROM t")) == named
    entities = agrees(bare, "t")
    assert sorted(len(events) for events in entities.values()) == [2, 4]
    exceptions = database.value("SELECT count(*) FROM plait.entity")
    assert exceptions == (0 if key_type in NATURAL else 2)
    if key_text is not None:
        head = database.value("SELECT plait.head('t', %s)::text[]", key_text)
        assert head == [max(event.id for event in entities[named[1]])]


def test_integers_and_uuids_name_their_entity(bare):
    database = bare.database
    database.sql("CREATE TABLE i (id int8 PRIMARY KEY); CREATE TABLE u (id uuid PRIMARY KEY);"
                 "CREATE TABLE p (a int4, b int4, PRIMARY KEY (a, b))")
    for table in "iup":
        bare.track(table)
    numbers = [0, 1, -1, 2**63 - 1, -2**63]
    for number in numbers:
        database.sql("INSERT INTO i VALUES (%s)", number)
    assert dict(database.sql("SELECT id, plait.identity(i)::text FROM i")) == {
        number: ulid.ulid_from_integer(number) for number in numbers}
    one = "0192f0c1-2345-7000-8000-00000000abcd"
    database.sql("INSERT INTO u VALUES (%s)", one)
    assert database.value("SELECT plait.identity(u)::text FROM u") == ulid.ulid_from_uuid(one)
    database.sql("INSERT INTO p VALUES (1, 7), (-1, 7), (7, -1)")
    assert {pair[:2]: pair[2] for pair in database.sql("SELECT a, b, plait.identity(p)::text FROM p")} == {
        (a, b): ulid.ulid_text((a & 0xFFFFFFFF) << 32 | b & 0xFFFFFFFF) for a, b in ((1, 7), (-1, 7), (7, -1))}


def test_composite_and_mixed_keys(bare):
    database = bare.database
    database.sql("CREATE TABLE m (a text, b int8, v int, PRIMARY KEY (a, b))")
    bare.track("m")
    database.sql("INSERT INTO m VALUES ('x', 1, 1), ('x', 2, 2), ('x,1', 2, 3)")
    database.sql("UPDATE m SET v = 9 WHERE b = 2; UPDATE m SET b = 3 WHERE a = 'x' AND b = 2")
    entities = agrees(bare, "m")
    assert sorted(len(events) for events in entities.values()) == [1, 2, 3]
    genesis = min((event for events in entities.values() for event in events), key=lambda event: event.id)
    assert genesis.operations["set"] == {"a": "x", "b": "1", "v": 1} and genesis.entity is None
    assert len(database.value("""SELECT plait.head('m', '["x","3"]')::text[]""")) == 1
    assert database.column("SELECT s.key FROM m t, LATERAL plait.snapshot(t) s ORDER BY s.key") == [
        '["x","1"]', '["x","3"]', '["x,1","2"]']


def test_a_moved_composite_entity_comes_back_under_its_last_key(bare):
    database = bare.database
    database.sql("CREATE TABLE p (a int4, b int4, v int, PRIMARY KEY (a, b))")
    bare.track("p")
    database.sql("INSERT INTO p VALUES (18, 1, 5); UPDATE p SET b = 3")
    (entity,) = agrees(bare, "p")
    assert ulid.ulid_number(entity) == 18 << 32 | 1
    database.sql("DELETE FROM p")
    head = database.value("""SELECT plait.head('p', '["18","3"]')::text[]""")
    maker = EventMaker("p", entity)
    assert bare.commit([maker.make_at(ulid.hlc_of(head[0]) + 1, head, {"create": True})]) == ["accepted"]
    assert database.sql("SELECT a, b, v FROM p") == [(18, 3, 5)]
    database.sql("DELETE FROM p; INSERT INTO p VALUES (18, 3, 6), (18, 1, 7)")
    assert len(agrees(bare, "p")) == 2
    assert database.value("SELECT plait.identity(p)::text FROM p WHERE b = 3") == entity


def test_a_key_that_ever_was_gets_no_second_genesis_by_commit(bare):
    """Its dead entity is told by its head to who may read the table, and to nobody else."""
    database = bare.database
    database.sql("CREATE TABLE tag (name text PRIMARY KEY, v int); DROP ROLE IF EXISTS keys_writer;"
                 "CREATE ROLE keys_writer LOGIN; GRANT INSERT ON tag TO keys_writer")
    try:
        bare.track("tag")
        database.sql("INSERT INTO tag VALUES ('gone', 1), ('here', 2); DELETE FROM tag WHERE name = 'gone'")
        entities = agrees(bare, "tag")
        (head,) = database.value("SELECT plait.head('tag', 'gone')::text[]")
        writer = database.connect("keys_writer")
        for on, sees in ((database.main, True), (writer, False)):
            for name in ("gone", "here"):
                create = EventMaker("tag", None, bare.rng).make_at(ulid.hlc_at(10), [], {
                    "create": True, "set": {"name": name}})
                with pytest.raises(Refused) as caught:
                    bare.commit([create], on=on)
                assert caught.value.code == "entity_exists" and caught.value.hint
                assert (head in caught.value.hint) == (sees and name == "gone")
        writer.close()
        assert agrees(bare, "tag") == entities
    finally:
        database.sql("DROP OWNED BY keys_writer; DROP ROLE keys_writer")


def test_wider_integers_change_no_name(bare):
    database = bare.database
    database.sql("CREATE TABLE w (id int2 PRIMARY KEY, v int); INSERT INTO w VALUES (-5, 1), (6, 1)")
    bare.track("w")
    before = dict(database.sql("SELECT id, plait.identity(w)::text FROM w"))
    database.sql("ALTER TABLE w ALTER id TYPE int4; UPDATE w SET v = 2; ALTER TABLE w ALTER id TYPE int8;"
                 "UPDATE w SET v = 3")
    assert dict(database.sql("SELECT id, plait.identity(w)::text FROM w")) == before
    assert all(len(events) == 3 for events in agrees(bare, "w").values())
