# acceptance/test_upgrade.py: what version 0.1 wrote, as pg_dump carried it out of it, goes on in today's version.
import pathlib

import pytest

from acceptance.harness.feed import stored_xids

FILLED = pathlib.Path(__file__).with_name("filled-0.1.sql")
CREATES = "CREATE EXTENSION IF NOT EXISTS plait WITH SCHEMA plait"


def restored(new_database, tmp_path, version=None):
    text = FILLED.read_text()
    assert text.count(CREATES) == 1
    path = tmp_path / "filled.sql"
    path.write_text(text.replace(CREATES, CREATES + (f" VERSION '{version}'" if version else "")))
    database = new_database(extension=False)
    database.cluster.tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.name, "-f", str(path))
    database.sql("SET TimeZone = 'UTC'")
    return database


def history(database):
    """Every entity's events, as SQL shows them."""
    return database.sql("SELECT c.name, e.key::text, h.id::text, h.operations::text, h.parents::text, h.actor::text, h.context::text"
                        " FROM (VALUES ('rec', 'f52bdb74-0504-066a-d40c-0e39633b23d3'), ('word', 'a'), ('word', 'c'), ('num', '1'), ('num', '2'),"
                        " ('num', '7'), ('sale', '[\"1\",\"2026-01-01\"]'), ('sale', '[\"2\",\"2025-01-01\"]'),"
                        " ('old', '018f0000-0000-7000-8000-000000000001')) e (name, key)"
                        " JOIN plait.collection c USING (name), LATERAL plait.history(c.name, e.key) h ORDER BY 1, 2, 3")


def goes_on(database):
    before = history(database)
    assert len(before) == 16 and database.verify() == []
    database.sql("UPDATE word SET n = 5 WHERE word = 'c'; UPDATE sale SET price = 6 WHERE id = 1; INSERT INTO num VALUES (2, 9)")
    assert database.column("SELECT operations FROM plait.history('num', '2')")[-1] == {"create": True, "set": {"n": 9}}
    assert database.value("SELECT cardinality(plait.head('rec', 'f52bdb74-0504-066a-d40c-0e39633b23d3'))") == 2
    database.sql("UPDATE rec SET n = 1")
    assert database.value("SELECT cardinality(plait.head('rec', 'f52bdb74-0504-066a-d40c-0e39633b23d3'))") == 1
    assert database.verify() == []
    database.sql("CALL plait.advance()")
    assert database.value("SELECT count(*) FROM plait.changes(NULL)") == len(stored_xids(database))
    assert set(before) <= set(history(database))


def test_a_dump_of_the_first_version_is_restored_in_this_one(new_database, tmp_path):
    database = restored(new_database, tmp_path)
    assert database.value("SELECT extversion FROM pg_extension WHERE extname = 'plait'") != "0.1"
    goes_on(database)
    assert database.value("SELECT plait.track('former')") == "old"
    assert database.column("SELECT operations FROM plait.history('old', '018f0000-0000-7000-8000-000000000001')")[-1] == {
        "set": {"tags": ["c"]}}


def test_a_filled_database_of_the_first_version_is_updated(new_database, tmp_path):
    database = restored(new_database, tmp_path, "0.1")
    goes_on(database)  # with this library and the first version's SQL
    before = history(database)
    database.sql("ALTER EXTENSION plait UPDATE")
    assert database.value("SELECT extversion FROM pg_extension WHERE extname = 'plait'") != "0.1"
    assert history(database) == before and database.verify() == []
    database.sql("UPDATE word SET n = 6 WHERE word = 'c'; INSERT INTO sale VALUES (3, '2025-01-01', 1)")
    assert database.verify() == []


@pytest.mark.parametrize("form", ["plain", "custom"])
def test_what_was_updated_is_dumped_and_restored(new_database, tmp_path, form):
    database = restored(new_database, tmp_path, "0.1")
    database.sql("ALTER EXTENSION plait UPDATE; UPDATE word SET n = 6 WHERE word = 'c'")
    path = str(tmp_path / form)
    database.cluster.tool("pg_dump", "-F", form[0], "-f", path, database.name)
    again = new_database(extension=False)
    if form == "plain":
        again.cluster.tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", again.name, "-f", path)
    else:
        again.cluster.tool("pg_restore", "-e", "-d", again.name, path)
    again.sql("SET TimeZone = 'UTC'")
    assert history(again) == history(database) and again.verify() == []
