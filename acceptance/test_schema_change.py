# acceptance/test_schema_change.py: tables change while clients are away (scenarios SCH-01 to SCH-05), and types
# under their columns.
import pytest

from acceptance.model.world import Refused


def row(world):
    return world.database.records("SELECT * FROM rec")[0]


def operations(world, line):
    return world.database.column("SELECT operations FROM plait.history('rec', %s)", line.key)


@pytest.fixture
def line(world):
    """A row of rec with two properties set, and a client that has seen all of it."""
    line = world.line()
    line.commit("A@10 create title=a artist=b n=1")
    return line


def test_a_late_event_lands_in_the_renamed_column(world, line):  # SCH-01
    late = line.event("B@20(A) title=late")
    world.database.sql("ALTER TABLE rec RENAME COLUMN title TO headline")
    assert world.commit([late]) == ["accepted"]
    assert row(world)["headline"] == "late" and world.verify() == []
    assert operations(world, line)[-1] == {"set": {"title": "late"}}
    (schema,) = [c for c in world.database.value("SELECT plait.schema()")["collections"] if c["name"] == "rec"]
    assert {p["name"]: p["column"] for p in schema["properties"]}["title"] == "headline"
    with pytest.raises(Refused) as caught:
        line.commit("C@30(B) headline=x")  # a column's name is no property's
    assert caught.value.code == "unknown_property"


def test_a_late_event_never_lands_in_a_column_that_took_the_name(world, line):  # SCH-02
    late = line.event("B@20(A) title=late")
    world.database.sql("ALTER TABLE rec RENAME COLUMN title TO headline; ALTER TABLE rec ADD COLUMN title text DEFAULT 'none'")
    assert world.commit([late]) == ["accepted"]
    assert (row(world)["headline"], row(world)["title"]) == ("late", "none")
    line.commit("C@30(B) title_2=new")
    assert (row(world)["headline"], row(world)["title"]) == ("late", "new")
    world.database.sql("UPDATE rec SET title = 'sql', headline = 'sql too'")
    assert operations(world, line)[-1] == {"set": {"title": "sql too", "title_2": "sql"}}
    assert world.verify() == []


def test_two_columns_swap_names(world, line):
    late = line.event("B@20(A) title=late")
    world.database.sql("ALTER TABLE rec RENAME title TO x; ALTER TABLE rec RENAME artist TO title; ALTER TABLE rec RENAME x TO artist")
    world.commit([late])
    assert (row(world)["artist"], row(world)["title"]) == ("late", "b") and world.verify() == []


@pytest.mark.parametrize("change, late, now, told", [
    ("n TYPE bigint", "n=7", 7, {"n": 7}),
    ("n TYPE numeric", "n=7", 7, {"n": 7}),
    ("n TYPE smallint", "n=7", 7, {"n": 7}),
    ("n TYPE bigint", 'n="9007199254740993"', 9007199254740993, {"n": "9007199254740993"}),
    ("title TYPE varchar(80)", "title=x", "x", {"title": "x"}),
])
def test_another_type_takes_what_it_can_read(world, line, change, late, now, told):  # SCH-03
    world.database.sql("ALTER TABLE rec DROP CONSTRAINT rec_n_check; ALTER TABLE rec ALTER COLUMN " + change)
    assert world.verify() == []
    line.commit("B@20(A) " + late)
    assert row(world)[change.split()[0]] == now
    assert operations(world, line)[-1] == {"set": told}
    assert world.verify() == []


def test_a_value_that_reads_the_same_in_its_new_type_makes_no_event(world, line):  # SCH-03
    world.database.sql("ALTER TABLE rec DROP CONSTRAINT rec_n_check; ALTER TABLE rec ALTER COLUMN n TYPE bigint")
    assert len(operations(world, line)) == 1
    world.database.sql("ALTER TABLE rec ALTER COLUMN n TYPE numeric(10, 2)")
    assert operations(world, line)[1:] == []  # 1 through numeric(10, 2) is the row's 1.00
    world.database.sql("ALTER TABLE rec ALTER COLUMN n TYPE text")
    assert operations(world, line)[1:] == [{"set": {"n": "1.00"}}] and world.verify() == []


def test_what_the_new_type_cannot_read_is_refused(world, line):  # SCH-03
    late = line.event("B@20(A) title=words")
    world.database.sql("ALTER TABLE rec ALTER COLUMN title TYPE integer USING length(title)")
    assert operations(world, line)[-1] == {"set": {"title": 1}}
    with pytest.raises(Refused) as caught:
        world.commit([late])
    assert caught.value.code == "bad_value" and row(world)["title"] == 1
    assert len(operations(world, line)) == 2 and world.verify() == []


def test_a_table_that_takes_anothers_name_is_not_its_collection(world, line):  # SCH-04
    late = line.event("B@20(A) title=late")
    world.database.sql("ALTER TABLE rec RENAME TO old_rec; CREATE TABLE rec (id uuid PRIMARY KEY, title text)")
    with pytest.raises(Refused) as caught:
        world.database.sql("SELECT plait.track('rec')")
    assert caught.value.code == "collection_exists"
    assert world.database.value("SELECT plait.track('rec', 'rec_2')") == "rec_2"
    world.commit([late])
    assert world.database.column("SELECT title FROM old_rec") == ["late"]
    assert world.database.column("SELECT title FROM rec") == [] and world.verify() == []


def test_a_late_event_on_a_dropped_column_is_history_alone(world, line):  # SCH-04
    late, later = line.event("B@20(A) artist=late title=x"), line.event("C@30(B) artist=later")
    world.database.sql("ALTER TABLE rec DROP COLUMN artist")
    assert operations(world, line)[0]["set"]["artist"] == "b"
    world.commit([late])
    assert row(world)["title"] == "x" and operations(world, line)[-1] == {"set": {"artist": "late", "title": "x"}}
    world.database.sql("ALTER TABLE rec ADD COLUMN artist text")  # the same name is another property
    world.commit([later])
    assert row(world)["artist"] is None
    line.commit("D@40(C) artist_2=new")
    assert row(world)["artist"] == "new" and world.verify() == []


def test_a_dropped_table_keeps_its_history_and_its_name(world, line):  # SCH-04
    late = line.event("B@20(A) title=late")
    database = world.database
    database.sql("DROP TABLE rec")
    with pytest.raises(Refused) as caught:
        world.commit([late])
    assert caught.value.code == "unknown_collection"
    database.sql("CALL plait.advance()")
    of_rec = "SELECT operations FROM plait.changes(NULL) WHERE collection = 'rec'"
    assert database.column(of_rec) == [line["A"].operations]
    database.sql("CREATE TABLE rec (id uuid PRIMARY KEY, title text, artist text, n integer)")
    with pytest.raises(Refused) as caught:
        database.sql("SELECT plait.track('rec')")
    assert caught.value.code == "collection_exists"
    assert database.value("SELECT plait.track('rec', 'rec_again')") == "rec_again"
    database.sql("INSERT INTO rec VALUES (%s, 'new')", line.key)
    assert database.column("SELECT operations FROM plait.history('rec_again', %s)", line.key) == [
        {"create": True, "set": {"title": "new"}}]
    assert database.column(of_rec) == [line["A"].operations] and world.verify() == []


def test_what_does_not_touch_values_does_not_touch_history(world, line):  # SCH-05
    database = world.database
    database.sql('ALTER TABLE rec ALTER title SET NOT NULL; ALTER TABLE rec ALTER title DROP NOT NULL; ALTER TABLE rec ALTER title SET DEFAULT \'x\';'
                 'ALTER TABLE rec RENAME artist TO "select ""from"""; ALTER TABLE rec ADD CHECK (n < 100); CREATE INDEX ON rec (n);'
                 'CREATE SCHEMA "another place"; ALTER TABLE rec SET SCHEMA "another place"; ALTER SCHEMA "another place" RENAME TO moved')
    database.sql("CLUSTER moved.rec USING rec_pkey")
    database.sql("VACUUM FULL moved.rec")
    assert len(operations(world, line)) == 1
    line.commit("B@20(A) artist=c")
    assert database.column('SELECT "select ""from""" FROM moved.rec') == ["c"]
    world.database.sql('UPDATE moved.rec SET "select ""from""" = \'d\'')
    assert operations(world, line)[-1] == {"set": {"artist": "d"}}
    assert world.verify() == []


def test_a_renamed_label_is_told_as_events(bare):
    bare.sql("CREATE TYPE mood AS ENUM ('low', 'high'); CREATE DOMAIN spirits AS mood; CREATE TYPE pair AS (a mood, b int);"
             "CREATE TABLE t (id int PRIMARY KEY, one mood DEFAULT 'low', many mood[], d spirits, p pair, r text);"
             "INSERT INTO t VALUES (1, 'low', '{low,high}', 'low', '(low,1)', 'low'), (2, 'high', '{high}', 'high', '(high,2)', 'x');"
             "SELECT plait.track('t')")
    bare.sql("ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high'")
    assert bare.value("SELECT count(*) FROM plait.event") == 2
    bare.sql("ALTER TYPE mood RENAME VALUE 'low' TO 'down'")
    assert bare.verify() == []
    assert bare.column("SELECT operations FROM plait.history('t', '1')")[1:] == [
        {"set": {"d": "down", "many": ["down", "high"], "one": "down", "p": "(down,1)"}}]
    assert len(bare.column("SELECT operations FROM plait.history('t', '2')")) == 1
    bare.sql("ALTER TYPE pair ADD ATTRIBUTE c text")
    assert bare.verify() == []
    assert bare.column("SELECT operations FROM plait.history('t', '2')")[1:] == [{"set": {"p": "(high,2,)"}}]
    bare.sql("INSERT INTO t VALUES (3); ALTER TYPE mood RENAME TO feeling; UPDATE t SET one = 'high'")
    assert bare.verify() == []


def test_a_label_of_a_key_is_renamed_with_its_keys(bare):
    bare.sql("CREATE TYPE mood AS ENUM ('low', 'high'); CREATE DOMAIN spirits AS mood; CREATE TABLE t (id spirits PRIMARY KEY, n int);"
             "INSERT INTO t VALUES ('low', 1), ('high', 2); SELECT plait.track('t'); DELETE FROM t WHERE n = 2")
    entity = bare.value("SELECT plait.identity(t)::text FROM t")
    bare.sql("ALTER TYPE mood RENAME VALUE 'low' TO 'down'")
    assert bare.value("SELECT plait.identity(t)::text FROM t") == entity and bare.verify() == []
    assert bare.column("SELECT operations FROM plait.history('t', 'down')")[1:] == [{"set": {"id": "down"}}]
    # The dead one has lost its key: whoever takes it is another.
    bare.sql("INSERT INTO t VALUES ('high', 3)")
    assert bare.value("SELECT count(DISTINCT entity) FROM plait.event") == 3 and bare.verify() == []
    bare.sql("SELECT plait.untrack('t'); ALTER TYPE mood RENAME VALUE 'down' TO 'low'")


@pytest.fixture
def bare(new_database):
    return new_database()
