# acceptance/test_keys.py: any primary key: how an entity is named, found, moved and restored by it.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.type_values import HOSTILE, SHADOWS
from acceptance.model import ulid
from acceptance.model.canonical import read_json
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.world import Refused

KEYS = {  # type: (two keys as SQL literals, the first as a key's text)
    "int2": (("7", "-8"), "7"), "int4": (("42", "-1"), "42"),
    "int8": (("9007199254740993", "-9223372036854775808"), "9007199254740993"),
    "uuid": (("'0192f0c1-2345-7000-8000-00000000abcd'", "'11111111-2222-4333-8444-555555555555'"),
             "0192f0c1-2345-7000-8000-00000000abcd"),
    "plait.ulid": (("'01KDVHTF2A0000000000000000'", "'01KDVHTF2B0000000000000000'"), "01KDVHTF2A0000000000000000"),
    "text": (("'a/b'", "'ä \"q\" 😀'"), "a/b"), "varchar(20)": (("'x'", "''"), "x"), "name": (("'n'", "''"), "n"),
    "char(5)": (("'ab'", "'abc'"), "ab"), "bpchar": (("'ab  '", "''"), "ab"), '"char"': (("'c'", "''"), "c"),
    "numeric": (("1.50", "-2"), "1.5"), "float4": (("0.1", "'NaN'"), "0.1"),
    "float8": (("'-Infinity'", "1e300"), "-Infinity"),
    "bool": (("true", "false"), "true"), "bytea": (("'\\x00ff'", "'\\x'"), "\\x00ff"),
    "money": (("'1234.5'", "'-0.01'"), "$1,234.50"),
    "date": (("'2026-02-28'", "'infinity'"), "2026-02-28"), "time": (("'12:30'", "'24:00'"), "12:30:00"),
    "timetz": (("'12:30+05:45'", "'06:45Z'"), "12:30:00+05:45"),
    "timestamp": (("'2026-02-28 12:00'", "'0044-03-15 BC'"), "2026-02-28T12:00:00"),
    "timestamptz": (("'2026-02-28 12:00+02'", "'2026-02-28 10:00:00.000001Z'"), "2026-02-28T10:00:00+00:00"),
    "inet": (("'10.0.0.1'", "'10.0.0.1/8'"), "10.0.0.1"), "cidr": (("'10.0.0.0/8'", "'10.0.0.0/9'"), "10.0.0.0/8"),
    "macaddr": (("'08:00:2b:01:02:03'", "'00:00:00:00:00:00'"), "08:00:2b:01:02:03"),
    "oid": (("42", "4294967295"), "42"),
    "bit(3)": (("B'101'", "B'000'"), "101"), "varbit": (("B''", "B'0'"), ""), "pg_lsn": (("'A/0'", "'0/A'"), "A/0"),
    "mood": (("'so, so'", "'sad'"), "so, so"), "positive": (("7", "8"), "7"), "label": (("'a'", "'A'"), "a"),
    "int4range": (("'[1,5]'", "'empty'"), "[1,6)"),
    "tstzrange": (("'[2026-01-01 05:45+05:45,]'", "'(,)'"), '["2026-01-01 00:00:00+00",)'),
    "daterange": (("'[2026-01-01,2026-01-31]'", "'(,)'"), "[2026-01-01,2026-02-01)"),
    "int8multirange": (("'{[1,3),[5,6)}'", "'{}'"), "{[1,3),[5,6)}"), "ltree": (("'a.b'", "'a'"), "a.b"),
}
NATURAL = ("int2", "int4", "int8", "uuid", "plait.ulid", "positive")
KEY_TYPES = """
    CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE SCHEMA trees; CREATE EXTENSION ltree SCHEMA trees;
    CREATE TYPE mood AS ENUM ('sad', 'so, so'); CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN positive AS int CHECK (value > 0); CREATE DOMAIN label AS text;
    CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    SET search_path = public, plait, trees;"""
REFUSED = {  # type: why
    "interval": "24 hours and 1 day", "citext": "different bytes", "hstore": "different bytes",
    "int4[]": "different bytes", "pair": "different bytes", "jsonb": "different bytes", "tsvector": "different bytes",
    "numrange": "equal bounds",
    "nummultirange": "equal bounds", 'text COLLATE "careless"': "not deterministic", "regclass": "renamed"}


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


@pytest.mark.parametrize("key_type", KEYS)
def test_a_row_lives_and_comes_back_under_its_key(bare, key_type):
    """Under settings that give its key another text, and where nobody finds its operators."""
    (first, second), key_text = KEYS[key_type]
    database = bare.database
    database.sql(KEY_TYPES + SHADOWS)
    database.sql(f"CREATE TABLE t (id {key_type} PRIMARY KEY, v int); CREATE TABLE source (LIKE t)")
    database.sql(f"INSERT INTO t VALUES ({first}, 1); INSERT INTO source VALUES ({first}, 11), ({second}, 2)")
    bare.track("t")
    hostile = database.connect()
    database.sql(HOSTILE, on=hostile)
    database.sql("INSERT INTO public.t SELECT * FROM public.source WHERE v OPERATOR(pg_catalog.=) 2", on=hostile)
    named = dict(database.sql("SELECT v, plait.identity(t)::text FROM t"))
    database.sql("UPDATE t SET v = v + 10")
    database.sql("DELETE FROM public.t WHERE v OPERATOR(pg_catalog.=) 11;"
                 "INSERT INTO public.t SELECT * FROM public.source WHERE v OPERATOR(pg_catalog.=) 11", on=hostile)
    assert dict(database.sql("SELECT v - 10, plait.identity(t)::text FROM t")) == named
    entities = agrees(bare, "t")
    assert sorted(len(events) for events in entities.values()) == [2, 4]
    exceptions = database.value("SELECT count(*) FROM plait.entity")
    assert exceptions == (0 if key_type in NATURAL else 2)
    head = database.value("SELECT format('%%s', plait.head('t', %s))::pg_catalog.text[]", key_text, on=hostile)
    assert head == [max(event.id for event in entities[named[1]])]
    for_update = EventMaker("t", named[1]).make_at(ulid.hlc_of(head[0]) + 1, head, {"set": {"v": 30}})
    database.sql("SELECT plait.commit(%s::pg_catalog.jsonb)", wire_text([for_update]), on=hostile)
    found = database.sql("SELECT format('%%s', entity), key, format('%%s', state) FROM plait.snapshots('t', "
                         "%s::pg_catalog.text[]::plait.ulid[])", list(named.values()), on=hostile)
    assert {entity: read_json(state)["v"] for entity, _, state in found} == {named[1]: 30, named[2]: 12}
    assert dict((entity, key) for entity, key, _ in found)[named[1]] == key_text
    assert not bare.verify()


@pytest.mark.parametrize("key_type", REFUSED)
def test_keys_whose_equality_is_not_equality_of_bytes_are_refused(bare, key_type):
    bare.database.sql(KEY_TYPES)
    bare.database.sql(f"CREATE TABLE t (id int, part {key_type}, PRIMARY KEY (id, part))")
    with pytest.raises(Refused, match="key column part .* cannot name an entity: .*" + REFUSED[key_type]) as refused:
        bare.database.sql("SELECT plait.track('t')")
    assert refused.value.code == "not_trackable"


@pytest.mark.parametrize("key_type, spellings", [("numeric", ("1", "1.0", "1.00")), ("float8", ("0", "'-0'")),
                                                 ("float4", ("0", "'-0'")), ("bpchar", ("'a'", "'a  '"))])
def test_spellings_of_one_key_are_one_entity(bare, key_type, spellings):
    """A key that is updated to an equal one is another value of the same entity."""
    database = bare.database
    database.sql(f"CREATE TABLE t (id {key_type}, part int, v int, PRIMARY KEY (id, part))")
    bare.track("t")
    database.sql(f"INSERT INTO t VALUES ({spellings[0]}, 1, 0)")
    entity = database.value("SELECT plait.identity(t)::text FROM t")
    for spelling in spellings[1:]:
        database.sql(f"UPDATE t SET id = {spelling}; UPDATE t SET v = v + 1; UPDATE t SET id = id")
        assert database.value("SELECT plait.identity(t)::text FROM t") == entity
    database.sql(f"DELETE FROM t; INSERT INTO t VALUES ({spellings[0]}, 1, 0)")
    (events,) = agrees(bare, "t").values()
    assert len(events) == 3 + 2 * len(spellings[1:])


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
