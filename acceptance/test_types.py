# acceptance/test_types.py: every type a column may have keeps its values on every way: SQL, events, feed, gateway.
import pytest

from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.type_values import HOSTILE, OWN_TYPES, OWN_VALUES, SHADOWS, UNREADABLE, VALUES, arrays_of, texts
from acceptance.model import ulid
from acceptance.model.canonical import canonical, read_json
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.world import Refused

LITERALS = {**VALUES, **OWN_VALUES}
TWIN = 1000  # what row n gets by SQL, row TWIN + n gets by commit


class Typed:
    """A tracked table with a column of each type; row n begins with the nth edge value of each."""

    def __init__(self, world, values):
        self.world, self.database = world, world.database
        self.types = dict(zip((f"c{i}" for i in range(len(values))), values))
        self.rows = [dict(zip(self.types, (cases[n % len(cases)] for cases in values.values())))
                     for n in range(max(map(len, values.values())))]
        columns = ", ".join(f"{column} {kind}" for column, kind in self.types.items())
        self.database.sql(f"""CREATE TABLE source (id int PRIMARY KEY, {columns});
                              CREATE TABLE typed (LIKE source INCLUDING ALL)""")
        for n, row in enumerate(self.rows):
            literals = ", ".join(literal for literal, _ in row.values())
            self.database.sql(f"INSERT INTO source VALUES ({n}, {literals})")
        world.track("typed")

    def wires(self, n):
        return {column: wire for column, (_, wire) in self.rows[n % len(self.rows)].items()}

    def expect_told(self, values, n):
        """That what is told of a row, on whatever way, is the nth values' wire form."""
        assert {(column, kind): canonical(values.get(column)) for column, kind in self.types.items()} == {
            (column, kind): canonical(self.wires(n)[column]) for column, kind in self.types.items()}

    def expect_bytes(self, id, n):
        """That a row has the very bytes of the nth values."""
        texts = ", ".join(
            f"""CASE WHEN NOT record_image_eq(ROW(a.{column}), ROW(b.{column}))
                     THEN '{kind} ' || a.{column}::text || ' <> ' || b.{column}::text END"""
            for column, kind in self.types.items())
        (row,) = self.database.sql(f"""SELECT {texts} FROM typed a, source b
                                        WHERE a.id = {id} AND b.id = {n % len(self.rows)}""")
        assert not any(row), [text for text in row if text]

    def by_sql(self, statement, on):
        """Runs a statement and gives the events that it made."""
        known = {event.id for event in self.world.events_of("typed")}
        self.database.sql(statement, on=on)
        return [event for event in self.world.events_of("typed") if event.id not in known]

    def by_commit(self, id, operations, on):
        answer = commit_row(self.world, "typed", id, operations, on)
        assert answer["follow_ups"] == [], "the row is not what the event says"


def commit_row(world, collection, id, operations, on=None):
    """Commits one event of the row with an integer key, on its head."""
    maker = EventMaker(collection, ulid.ulid_from_integer(id))
    head = world.database.value(f"SELECT plait.head('{collection}', '{id}')::text[]") or []
    event = maker.make_at(ulid.hlc_of(head[0]) + 1 if head else ulid.hlc_at(10), head, operations)
    return world.database.value("SELECT plait.commit(%s::pg_catalog.jsonb)", wire_text([event]), on=on)


@pytest.fixture
def typed_world(database, rng):
    database.sql(OWN_TYPES + SHADOWS)
    return SqlWorld(database, rng, fixtures=False)


def test_no_type_is_forgotten(typed_world):
    known = {typed_world.database.value("SELECT %s::regtype::oid", kind) for kind in LITERALS}
    found = typed_world.database.sql("""
        SELECT t.oid, t.oid::regtype::text FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
         WHERE typtype IN ('b', 'r', 'm', 'd') AND nspname IN ('pg_catalog', 'information_schema')
           AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid) AND left(typname, 1) <> '_'""")
    assert {name for oid, name in found if oid not in known} == UNREADABLE


@pytest.mark.parametrize("of", ("scalars", "arrays"))
def test_every_type_keeps_its_values(typed_world, gateway, of):
    database = typed_world.database
    typed = Typed(typed_world, LITERALS if of == "scalars" else arrays_of(database, LITERALS))
    count = len(typed.rows)
    client = gateway().client()
    watch = client.watch("typed")
    hostile = database.connect()
    database.sql(HOSTILE, on=hostile)

    for event in typed.by_sql("INSERT INTO public.typed SELECT * FROM public.source", on=hostile):
        typed.expect_told(event.operations["set"], SqlWorld.integer_of(event.entity_id))
    for n in range(count):
        typed.by_commit(TWIN + n, {"create": True, "set": typed.wires(n)}, on=hostile)
        typed.expect_bytes(TWIN + n, n)

    columns = ", ".join(f"{column} = s.{column}" for column in typed.types)
    for n in range(count):
        (event,) = typed.by_sql(f"UPDATE public.typed t SET {columns} FROM public.source s "
                                f"WHERE (t.id, s.id) OPERATOR(pg_catalog.=) ({n}, {(n + 1) % count})", on=hostile)
        typed.expect_told({**typed.wires(n), **event.operations["set"]}, n + 1)
        typed.by_commit(TWIN + n, {"set": typed.wires(n + 1)}, on=hostile)
        typed.expect_bytes(TWIN + n, n + 1)

    again = ", ".join(f"{column} = {column}" for column in typed.types)
    assert not typed.by_sql(f"UPDATE public.typed SET {again}", on=hostile), "what changes nothing makes no event"

    nullable = [column for column, kind in typed.types.items() if kind != "tag"]
    away = ", ".join(f"{column} = NULL" for column in nullable)
    (event,) = typed.by_sql(f"UPDATE public.typed SET {away} WHERE id OPERATOR(pg_catalog.=) 0", on=hostile)
    nulls = dict.fromkeys(nullable)
    assert event.operations["set"] == {column: None for column in nullable if typed.wires(1)[column] is not None}
    typed.by_commit(TWIN, {"set": nulls}, on=hostile)

    assert not typed_world.verify()
    database.sql("CALL plait.advance()")
    told = database.sql("SELECT format('%s', id), format('%s', operations) FROM plait.changes(NULL)", on=hostile)
    assert {id: canonical(read_json(operations)) for id, operations in told} == {
        event.id: canonical(event.operations) for event in typed_world.events_of("typed")}
    late = gateway().client().watch("typed")
    client.wait(lambda: {key: row["head"] for key, row in watch.rows.items()} ==
                {key: row["head"] for key, row in late.rows.items()}, "the last event in the stream")
    for states in (watch.states(), late.states()):
        assert len(states) == 2 * count
        for twin in (0, TWIN):
            assert {column: states[str(twin)][column] for column in nullable} == nulls
            for n in range(1, count):
                typed.expect_told(states[str(twin + n)], n + 1)


def test_what_postgres_own_text_would_lose(typed_world):
    """Bytes that are no text, a function's name that several have, and values that only the server makes."""
    database = typed_world.database
    database.sql("""CREATE FUNCTION several(text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION several(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
                    CREATE TABLE source (id int PRIMARY KEY, c "char", f regproc, o regoper);
                    CREATE TABLE typed (LIKE source INCLUDING ALL);
                    CREATE TABLE server (id int PRIMARY KEY, tree pg_node_tree, w int DEFAULT 1)""")
    database.sql("""INSERT INTO source VALUES
                    (0, (-56)::"char", 'several(text[])'::regprocedure, '+(int4,int4)'::regoperator),
                    (1, E'\\\\', 'abs(int4)'::regprocedure, '0')""")
    typed_world.track("typed")
    typed_world.track("server")
    wires = [{"c": "\\310", "f": "public.several(text[])", "o": "+(integer,integer)"},
             {"c": "\\", "f": "abs(integer)", "o": "0"}]
    database.sql("INSERT INTO typed SELECT * FROM source")
    assert [event.operations["set"] for event in typed_world.events_of("typed")] == wires
    for n, wire in enumerate(wires):
        commit_row(typed_world, "typed", TWIN + n, {"create": True, "set": wire})
    assert database.value("SELECT bool_and(record_image_eq((t.c, t.f, t.o), (s.c, s.f, s.o))) "
                          "FROM typed t JOIN source s ON s.id = t.id % 1000")
    database.sql("INSERT INTO server SELECT 1, adbin FROM pg_attrdef LIMIT 1; UPDATE server SET w = 2")
    (_, update) = typed_world.events_of("server")
    assert update.operations == {"set": {"w": 2}}
    with pytest.raises(Refused, match="cannot accept a value of type pg_node_tree") as refused:
        commit_row(typed_world, "server", 2, {"create": True, "set": {"tree": "{}"}})
    assert (refused.value.code, refused.value.where) == ("bad_value", "/events/0/operations/set/tree")
    assert not typed_world.verify()


EXTENSIONS = {  # type: (extension, [(SQL, wire form)])
    "citext": ("citext", texts("a", "A", "")),
    "hstore": ("hstore", texts("", '"a"=>NULL, "ä "=>"q \\"", "null"=>"NULL"')),
    "ltree": ("ltree", texts("", "Top.a_1.B")), "lquery": ("ltree", texts("*.a@|b*{1,2}.!c")),
    "ltxtquery": ("ltree", texts("a & b@*")), "cube": ("cube", texts("(0.1, -0),(5e-324, 1e+300)", "(1)")),
    "seg": ("seg", texts("1.50 .. ~2.0e3", "<3")), "isbn13": ("isn", texts("978-0-393-04002-9")),
    "query_int": ("intarray", texts("1 & ( 2 | !3 )")), "lo": ("lo", texts("42")),
    "earth": ("earthdistance", texts("(6378168, 0, 0)")),
}


def test_types_of_extensions_are_told_as_their_text(typed_world):
    """In a schema that is on nobody's search_path, as pg_trgm's functions and indexes are."""
    database = typed_world.database
    database.sql("CREATE SCHEMA extra; SET search_path = public, extra; CREATE EXTENSION cube SCHEMA extra;"
                 "CREATE EXTENSION pg_trgm SCHEMA extra")
    for extension in {extension for extension, _ in EXTENSIONS.values()} - {"cube"}:
        database.sql(f"CREATE EXTENSION {extension} SCHEMA extra")
    typed = Typed(typed_world, {kind: cases for kind, (_, cases) in EXTENSIONS.items()})
    database.sql("CREATE INDEX ON typed USING gin ((c0::text) gin_trgm_ops)")
    keeps_its_values(typed)


GEOMETRIES = ("SRID=4326;POINT(-71.064544 42.28787)", "POINT EMPTY", "MULTIPOLYGON(((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1)))",
              "GEOMETRYCOLLECTION ZM (POINT ZM (1 2 3 -0), LINESTRING ZM (5e-324 1e300 0 1, 2 3 4 5))",
              "CURVEPOLYGON(CIRCULARSTRING(0 0, 4 0, 4 4, 0 4, 0 0))")
POSTGIS = {"geometry": GEOMETRIES, "geometry(Point, 4326)": GEOMETRIES[:1], "geography": ("POINT(-71.06 42.28)", "LINESTRING(0 0, 179.9 89.9)"),
           "geometry[]": ('{"POINT(1 2)":NULL}', "{}"), "box2d": ("BOX(0.5 -0.5,3 4)",), "box3d": ("BOX3D(1 2 3,4 5 6)",)}


def test_what_postgis_knows_keeps_its_values(typed_world):
    database = typed_world.database
    if not database.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'"):
        pytest.skip("postgis is not installed: postgresql-15-postgis-3")
    database.sql("CREATE SCHEMA extra; SET search_path = public, extra; CREATE EXTENSION postgis SCHEMA extra")

    def case(kind, text):
        wire = database.value(f"SELECT to_jsonb(%s::{kind}::text[])" if kind.endswith("[]") else f"SELECT %s::{kind}::text", text)
        return f"'{text}'", wire
    typed = Typed(typed_world, {kind: [case(kind, text) for text in texts] for kind, texts in POSTGIS.items()})
    database.sql("CREATE INDEX ON typed USING gist (c0)")
    keeps_its_values(typed)


def keeps_its_values(typed):
    """By SQL, in the feed and by commits."""
    database = typed.database
    hostile = database.connect()
    database.sql(HOSTILE, on=hostile)
    for event in typed.by_sql("INSERT INTO public.typed SELECT * FROM public.source", on=hostile):
        typed.expect_told(event.operations["set"], SqlWorld.integer_of(event.entity_id))
    for n in range(len(typed.rows)):
        typed.by_commit(TWIN + n, {"create": True, "set": typed.wires(n)}, on=hostile)
        typed.by_commit(TWIN + n, {"set": typed.wires(n + 1)}, on=hostile)
        typed.expect_bytes(TWIN + n, n + 1)
    assert not typed.by_sql(f"UPDATE public.typed SET {', '.join(f'{column} = {column}' for column in typed.types)}", on=hostile)
    database.sql("CALL plait.advance()")
    told = database.sql("SELECT format('%s', id), format('%s', operations) FROM plait.changes(NULL)", on=hostile)
    assert {id: canonical(read_json(operations)) for id, operations in told} == {
        event.id: canonical(event.operations) for event in typed.world.events_of("typed")}
    assert not typed.world.verify()


@pytest.mark.parametrize("kind, spellings, wires", [
    ("numeric", ("1.0", "1.00"), ("1.0", "1.00")), ("extra.citext", ("'a'", "'A'"), ("a", "A")),
    ("float8", ("'-0'", "0"), ("-0", 0)), ("bpchar", ("'a'", "'a '"), ("a", "a ")),
    ("interval", ("'24:00'", "'1 day'"), ("24:00:00", "1 day")), ("jsonb", ("'1.0'", "'1.00'"), (1, 1)),
    ("numeric[]", ("'{1.0}'", "'{1}'"), (["1.0"], ["1"])),
    ("timetz", ("'12:00+01'", "'12:00+00'"), ("12:00:00+01", "12:00:00+00"))])
def test_what_is_equal_and_not_the_same_is_an_event(typed_world, kind, spellings, wires):
    database = typed_world.database
    database.sql("CREATE SCHEMA extra; CREATE EXTENSION citext SCHEMA extra")
    database.sql(f"CREATE TABLE typed (id int PRIMARY KEY, v {kind}); SELECT plait.track('typed');"
                 f"INSERT INTO typed VALUES (1, {spellings[0]})")
    for spelling in (*spellings, spellings[1]):
        database.sql(f"UPDATE typed SET v = {spelling}")
    create, update = typed_world.events_of("typed")
    assert canonical([create.operations["set"]["v"], update.operations["set"]["v"]]) == canonical(list(wires))
    assert not typed_world.verify()
