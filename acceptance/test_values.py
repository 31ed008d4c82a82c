# acceptance/test_values.py: what values look like in events, whatever the session's settings are.
from decimal import Decimal

import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.sql_world import SqlWorld
from acceptance.model.canonical import canonical
from acceptance.scenarios.promises import hold

VALUES = [  # column type, SQL literal, wire form
    ("bool", "true", True), ("int2", "-32768", -32768), ("int4", "2147483647", 2147483647),
    ("int8", "9007199254740993", "9007199254740993"), ("float4", "0.1", Decimal("0.1")),
    ("float8", "1e300", 10**300), ("float8", "0.1", Decimal("0.1")), ("float8", "'NaN'", "NaN"),
    ("float8", "'-Infinity'", "-Infinity"), ("float8", "'-0'", "-0"), ("numeric", "1.50", "1.50"),
    ("numeric", "1e30", "1" + "0" * 30), ("numeric", "'NaN'", "NaN"), ("text", "'ä 😀 \"\\'", "ä 😀 \"\\"),
    ("varchar(9)", "''", ""), ("char(5)", "'ab'", "ab   "), ("bytea", "'\\x00ff'::bytea", "\\x00ff"),
    ("date", "'2026-02-28'", "2026-02-28"), ("timestamp", "'2026-02-28 12:00:00.5'", "2026-02-28T12:00:00.5"),
    ("timestamptz", "'2026-02-28 12:00+02'", "2026-02-28T10:00:00+00:00"), ("time", "'12:30'", "12:30:00"),
    ("interval", "'1 year 2 days 03:04'", "1 year 2 days 03:04:00"),
    ("uuid", "'0192F0C1-2345-7000-8000-00000000ABCD'", "0192f0c1-2345-7000-8000-00000000abcd"),
    ("jsonb", "'{\"b\":[1.0,null],\"a\":1e2}'", {"a": 100, "b": [1, None]}), ("jsonb", "'null'", {"$json": None}),
    ("jsonb", "'{\"$json\":1}'", {"$json": {"$json": 1}}), ("jsonb", "'\"s\"'", "s"),
    ("json", "'{ \"z\":1,  \"z\":2}'", '{ "z":1,  "z":2}'), ("text[]", "ARRAY['a',NULL,'']", ["a", None, ""]),
    ("int4[]", "'{{1,2},{3,4}}'", [[1, 2], [3, 4]]), ("int8[]", "'{9007199254740993}'", ["9007199254740993"]),
    ("numeric[]", "'{1.50}'", ["1.50"]), ("int4[]", "'[0:1]={1,2}'", "[0:1]={1,2}"), ("int4[]", "'{}'", []),
    ("inet", "'10.0.0.1/8'", "10.0.0.1/8"), ("money", "'12.50'", "$12.50"), ("point", "'(1,2)'", "(1,2)"),
    ("int4range", "'[1,5]'", "[1,6)"), ("bit(3)", "B'101'", "101"), ("tsvector", "'a b'", "'a' 'b'"),
]
ODD_SETTINGS = """SET TimeZone = 'Australia/Lord_Howe'; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = iso_8601;
                  SET extra_float_digits = -5; SET bytea_output = escape; SET lc_monetary = 'C';
                  SET xmloption = content; SET quote_all_identifiers = on"""


def test_values_on_the_wire(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _, _) in enumerate(VALUES))
    database.sql(f"CREATE TABLE v (id int PRIMARY KEY, {columns})")
    world.track("v")
    odd = database.connect()
    database.sql("SET DateStyle = ISO", on=odd)
    literals = ", ".join(literal for _, literal, _ in VALUES)
    # Literals are read under ISO; what the session says about output must not matter.
    database.sql("CREATE TABLE source AS SELECT * FROM v")
    database.sql(f"INSERT INTO source VALUES (1, {literals})")
    database.sql(ODD_SETTINGS, on=odd)
    database.sql("INSERT INTO v SELECT * FROM source", on=odd)
    (event,) = world.events_of("v")
    told = event.operations["set"]
    for i, (kind, literal, wire) in enumerate(VALUES):
        assert canonical(told.get(f"c{i}")) == canonical(wire), f"{kind} {literal}"
    state = database.value("SELECT s.state::text FROM v t, LATERAL plait.snapshot(t) s", on=odd)
    assert '"c0"' in state
    assert not world.verify()


def test_an_enum_a_domain_and_a_composite(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("""CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE pair AS (a int, b text);
                    CREATE DOMAIN positive AS int CHECK (value > 0);
                    CREATE TABLE v (id int PRIMARY KEY, m mood, p positive, c pair)""")
    world.track("v")
    database.sql("INSERT INTO v VALUES (1, 'ok', 3, (1, 'x y'))")
    (event,) = world.events_of("v")
    assert event.operations["set"] == {"m": "ok", "p": 3, "c": '(1,"x y")'}
    assert not world.verify()


def test_numbers_that_no_double_holds_stay_apart(world):  # core 22
    lines = [world.line("album") for _ in range(2)]
    for line, number in zip(lines, ("9007199254740993", "9007199254740992")):
        line.commit("A@10 create name=a")
        line.event(f'B@20(A) layout={{"n":{number}}}', salt="00000000000000aa")
    line = lines[0]
    twin = line.event('C@20(A) layout={"n":9007199254740992}', salt="00000000000000aa")
    assert line["B"].id != twin.id
    line.commit("B")
    line.commit("C")
    winner = max(("B", "C"), key=lambda name: line[name].id)
    assert line.row()["layout"] == line[winner].operations["set"]["layout"]
    hold(line)


def test_numbers_beyond_doubles_are_kept(world):  # core 22
    for value in ('{"a":1e400}', '{"a":1.0}', '{"a":1e2}', '{"a":-0}', '{"a":0.1}', '{"a":1e-400}',
                  '{"a":12345678901234567890.123456789}'):
        line = world.line("album")
        line.commit("A@10 create name=a", f"B@20(A) layout={value}")
        hold(line)
        world.database.sql("UPDATE album SET layout = %s::jsonb || '{\"b\":1}' WHERE id = %s", value, line.key)
    agrees(world, "album")


def test_what_jsonb_cannot_hold_is_refused_where_it_is_written(world):
    line = world.line("album")
    line.commit("A@10 create name=a")
    raw = line.event("B@20(A) name=XX").wire()
    for text in ("\\u0000", "\\ud800"):
        message = canonical([raw]).replace('"XX"', f'"{text}"')
        with pytest.raises(Exception) as caught:
            world.database.sql("SELECT plait.commit(%s::jsonb)", message)
        assert caught.value.sqlstate.startswith(("22", "PL"))
    assert line.stored() == ["A"]
