# acceptance/test_chinook.py: a database that nobody here designed: 11 tables, composite keys, foreign keys.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.live import catches_up
from acceptance.harness.sql_world import SqlWorld
from acceptance.model.event import EventMaker
from acceptance.model.ulid import hlc_of, ulid_from_integer

TABLES = ("album", "artist", "customer", "employee", "genre", "invoice", "invoice_line", "media_type",
          "playlist", "playlist_track", "track")
ROWS = {"album": 347, "artist": 275, "customer": 59, "employee": 8, "genre": 25, "invoice": 412,
        "invoice_line": 2240, "media_type": 5, "playlist": 18, "playlist_track": 8715, "track": 3503}


@pytest.fixture
def chinook(database, rng, shared_data):
    text = (shared_data / "chinook.sql").read_text()
    database.sql(text.split("\\c chinook;", 1)[1])
    world = SqlWorld(database, rng, fixtures=False)
    for table in TABLES:
        world.track(table)
    return world


def counts(database):
    return dict(database.sql("""SELECT c.name, count(e.id)::int FROM plait.collection c
                                  LEFT JOIN plait.event e ON e.collection = c.number GROUP BY 1"""))


def test_every_row_has_its_genesis(chinook):
    rows = {table: chinook.database.value(f"SELECT count(*) FROM {table}") for table in TABLES}
    assert rows == ROWS
    assert counts(chinook.database) == rows
    for table in TABLES:
        entities = agrees(chinook, table, verify=False)
        assert len(entities) == rows[table]
    assert not chinook.verify()


def test_entities_are_named_by_their_keys(chinook):
    assert chinook.database.value("SELECT plait.identity(t)::text FROM track t WHERE track_id = 42") \
        == ulid_from_integer(42)
    assert chinook.database.value("""SELECT plait.identity(t)::text FROM playlist_track t
                                      WHERE playlist_id = 1 AND track_id = 3402""") \
        == ulid_from_integer(1 << 32 | 3402)
    assert chinook.database.value("SELECT count(*) FROM plait.entity") == 0


def test_event_count_is_rows_plus_changes(chinook):
    database, before = chinook.database, counts(chinook.database)
    database.sql("UPDATE track SET unit_price = unit_price + 0.10 WHERE album_id = 1")
    database.sql("UPDATE track SET composer = composer")
    database.sql("DELETE FROM invoice_line WHERE invoice_id = 1")
    database.sql("INSERT INTO playlist_track VALUES (18, 1), (18, 2)")
    database.sql("UPDATE playlist_track SET track_id = 3 WHERE playlist_id = 18 AND track_id = 1")
    tracks = database.value("SELECT count(*) FROM track WHERE album_id = 1")
    grown = {table: now - before[table] for table, now in counts(database).items() if now != before[table]}
    assert grown == {"track": tracks, "invoice_line": 2, "playlist_track": 3}
    for table in grown:
        agrees(chinook, table, verify=False)
    assert not chinook.verify()


def test_history_tells_who_and_when(chinook):
    database = chinook.database
    database.sql("CREATE ROLE chinook_clerk LOGIN; GRANT SELECT, UPDATE ON album TO chinook_clerk")
    try:
        clerk = database.connect("chinook_clerk")
        database.sql("UPDATE album SET title = 'by SQL' WHERE album_id = 7", on=clerk)
        maker = EventMaker("album", ulid_from_integer(7))
        head = database.value("SELECT plait.head('album', '7')::text[]")
        maker.remember("C", maker.make_at(hlc_of(head[0]) + 1, head, {"set": {"title": "by commit"}}))
        assert chinook.commit(list(maker.by_name.values()), on=clerk) == ["accepted"]
        told = database.records("SELECT *, id::text AS id FROM plait.history('album', '7')")
        clerk.close()
    finally:
        database.sql("DROP OWNED BY chinook_clerk; DROP ROLE chinook_clerk")
    assert [event["operations"] for event in told] == [
        {"create": True, "set": {"title": "Facelift", "artist_id": 5}},
        {"set": {"title": "by SQL"}}, {"set": {"title": "by commit"}}]
    assert [event["actor"]["session_user"] for event in told] == ["postgres", "chinook_clerk", "chinook_clerk"]
    assert told[0]["happened"] < told[1]["happened"] <= told[2]["happened"]
    assert database.value("SELECT title FROM album WHERE album_id = 7") == "by commit"


def test_a_watch_on_one_album_sees_sql_and_commit(chinook, gateway):
    database, client = chinook.database, gateway().client()
    watch = client.watch("track where album_id = $1", 1)
    assert len(watch.rows) == 10
    catches_up(client, watch, database)
    database.cluster.tool("psql", "-q", "-d", database.name, "-c",
                          "UPDATE track SET unit_price = 1.29 WHERE track_id = 6")
    client.wait(lambda: watch.states()["6"]["unit_price"] == "1.29", "the price by psql")
    maker = EventMaker("track", ulid_from_integer(7))
    head = database.value("SELECT plait.head('track', '7')::text[]")
    event = maker.make_at(hlc_of(head[0]) + 1, head, {"set": {"name": "Renamed"}})
    client.await_covered(client.commit([event]))
    assert watch.states()["7"]["name"] == "Renamed"
    assert watch.changes == [("update", ulid_from_integer(6)), ("update", ulid_from_integer(7))]
    catches_up(client, watch, database)
    agrees(chinook, "track")
