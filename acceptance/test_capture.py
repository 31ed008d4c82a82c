# acceptance/test_capture.py: every way in which SQL changes a row becomes exactly the right events.
import io

import pytest

from acceptance.harness.agreement import Recorder, agrees
from acceptance.harness.sql_world import SqlWorld
from acceptance.model.ulid import ulid_from_integer
from acceptance.model.world import Refused

ITEM = "CREATE TABLE item (id int PRIMARY KEY, name text, qty int DEFAULT 5, note text)"
ROWS = "INSERT INTO item (id, name) SELECT i, 'n' || i FROM generate_series(1, 4) i"


@pytest.fixture
def item(database, rng):
    """A tracked table of four rows, (i, 'n<i>', 5, NULL), tracked when they stood already."""
    world = SqlWorld(database, rng, fixtures=False)
    database.sql(ITEM)
    database.sql(ROWS)
    world.track("item")
    return Recorder(world, "item")


def test_existing_rows_get_a_genesis(item):
    found = {item.world.integer_of(entity): [event.operations for event in events]
             for entity, events in item.entities.items()}
    assert found == {i: [{"create": True, "set": {"name": f"n{i}"}}] for i in range(1, 5)}


def test_insert_names_what_differs_from_the_initial_values(item):
    assert item.after("INSERT INTO item VALUES (7, 'x', 5, NULL), (8, NULL, 6, 'y'), (9, NULL, NULL, '')") == {
        7: [{"create": True, "set": {"name": "x"}}],
        8: [{"create": True, "set": {"qty": 6, "note": "y"}}],
        9: [{"create": True, "set": {"qty": None, "note": ""}}]}
    assert item.after("INSERT INTO item (id) VALUES (-3)") == {-3: [{"create": True}]}
    assert len(item.after("INSERT INTO item SELECT i, 'many' FROM generate_series(100, 1099) i")) == 1000


def test_update_names_only_what_changed(item):
    assert item.after("UPDATE item SET qty = 6, name = name WHERE id < 3") == {
        1: [{"set": {"qty": 6}}], 2: [{"set": {"qty": 6}}]}
    assert item.after("UPDATE item SET qty = NULL, note = 'n' WHERE id = 3") == {
        3: [{"set": {"qty": None, "note": "n"}}]}
    assert item.after("UPDATE item SET name = name") == {}
    assert item.after("UPDATE item SET name = 'z' WHERE id = 77") == {}
    assert item.after("UPDATE item SET qty = 6 WHERE id IN (1, 4)") == {4: [{"set": {"qty": 6}}]}


def test_delete_and_truncate(item):
    assert item.after("DELETE FROM item WHERE id = 2") == {2: [{"delete": True}]}
    assert item.after("DELETE FROM item WHERE id = 2") == {}
    assert item.after("TRUNCATE item") == {i: [{"delete": True}] for i in (1, 3, 4)}
    assert item.after("TRUNCATE item") == {}


def test_reinsert_restores_the_entity(item):
    assert item.after("DELETE FROM item WHERE id = 2", "INSERT INTO item (id, note) VALUES (2, 'back')") == {
        2: [{"delete": True}, {"create": True, "set": {"name": None, "qty": 5, "note": "back"}}]}
    assert item.after("BEGIN; DELETE FROM item WHERE id = 3; INSERT INTO item (id) VALUES (3); COMMIT") == {
        3: [{"delete": True}, {"create": True, "set": {"name": None, "qty": 5, "note": None}}]}


def test_copy(item):
    with item.world.database.main.cursor() as cursor:
        cursor.copy_expert("COPY item FROM STDIN CSV", io.StringIO("20,a,1,\n21,,2,b\n"))
    assert item.news() == {20: [{"create": True, "set": {"name": "a", "qty": 1}}],
                           21: [{"create": True, "set": {"qty": 2, "note": "b"}}]}


def test_on_conflict(item):
    assert item.after("""INSERT INTO item (id, name) VALUES (4, 'taken'), (5, 'new')
                         ON CONFLICT (id) DO UPDATE SET name = excluded.name""") == {
        4: [{"set": {"name": "taken"}}], 5: [{"create": True, "set": {"name": "new"}}]}
    assert item.after("INSERT INTO item (id) VALUES (4), (6) ON CONFLICT DO NOTHING") == {
        6: [{"create": True}]}


def test_merge(item):
    assert item.after("""
        MERGE INTO item USING (VALUES (1, 'a'), (2, NULL), (9, 'c')) s (id, name) ON item.id = s.id
         WHEN MATCHED AND s.name IS NULL THEN DELETE
         WHEN MATCHED THEN UPDATE SET name = s.name
         WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)""") == {
        1: [{"set": {"name": "a"}}], 2: [{"delete": True}], 9: [{"create": True, "set": {"name": "c"}}]}


def test_writing_ctes_and_views(item):
    assert item.after("""WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING name),
                              changed AS (UPDATE item SET qty = 9 WHERE id = 2)
                         INSERT INTO item (id, name) SELECT 11, name FROM gone""") == {
        1: [{"delete": True}], 2: [{"set": {"qty": 9}}], 11: [{"create": True, "set": {"name": "n1"}}]}
    assert item.after("CREATE VIEW short AS SELECT id, name FROM item",
                      "UPDATE short SET name = 'v' WHERE id = 3",
                      "INSERT INTO short VALUES (12, 'w')") == {
        3: [{"set": {"name": "v"}}], 12: [{"create": True, "set": {"name": "w"}}]}


def test_one_key_deleted_and_inserted_in_one_statement(item):
    found = item.after("""WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING id)
                          INSERT INTO item (id, name) SELECT 13, 'x' FROM gone""")
    assert found == {1: [{"delete": True}], 13: [{"create": True, "set": {"name": "x"}}]}
    found = item.after("""
        MERGE INTO item USING (VALUES (2, 0), (2, 1)) s (id, pass) ON item.id = s.id AND s.pass = 0
         WHEN MATCHED THEN UPDATE SET qty = 1
         WHEN NOT MATCHED THEN DO NOTHING""")
    assert found == {2: [{"set": {"qty": 1}}]}


def test_savepoints_and_rollbacks_leave_only_what_committed(item):
    writer = item.world.database.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute("UPDATE item SET qty = 1 WHERE id = 1; SAVEPOINT a;"
                       "UPDATE item SET qty = 2 WHERE id = 1; INSERT INTO item VALUES (30); ROLLBACK TO a;"
                       "SAVEPOINT b; UPDATE item SET note = 'b' WHERE id = 1; RELEASE b")
    writer.commit()
    assert item.news() == {1: [{"set": {"qty": 1}}, {"set": {"note": "b"}}]}
    with writer.cursor() as cursor:
        cursor.execute("DELETE FROM item")
    writer.rollback()
    assert item.news() == {}


def test_functions_loops_and_cursors(item):
    assert item.after("""
        DO $$ DECLARE c CURSOR FOR SELECT * FROM item WHERE id <= 2 ORDER BY id FOR UPDATE; r record;
        BEGIN
          FOR r IN c LOOP UPDATE item SET qty = r.id * 10 WHERE CURRENT OF c; END LOOP;
          BEGIN INSERT INTO item VALUES (1); EXCEPTION WHEN unique_violation THEN NULL; END;
        END $$""") == {1: [{"set": {"qty": 10}}], 2: [{"set": {"qty": 20}}]}


def test_sessions_that_silence_triggers_are_captured_too(item):
    assert item.after("SET session_replication_role = replica", "UPDATE item SET qty = 0 WHERE id = 1",
                      "RESET session_replication_role") == {1: [{"set": {"qty": 0}}]}


def test_prepared_transactions(item):
    database = item.world.database
    database.sql("BEGIN")
    database.sql("UPDATE item SET qty = 8 WHERE id = 1")
    database.sql("PREPARE TRANSACTION 'acceptance'")
    assert item.news() == {}
    database.sql("COMMIT PREPARED 'acceptance'")
    assert item.news() == {1: [{"set": {"qty": 8}}]}


def test_large_values_that_did_not_change_are_not_told(item):
    item.after("UPDATE item SET note = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 9000) i)"
               " WHERE id = 1")
    assert item.after("UPDATE item SET qty = 3 WHERE id = 1") == {1: [{"set": {"qty": 3}}]}
    assert item.after("UPDATE item SET note = note || '' WHERE id = 1") == {}


def test_key_change_keeps_the_entity(item):
    (entity,) = item.world.database.column("SELECT plait.identity(t)::text FROM item t WHERE id = 1")
    assert item.after("UPDATE item SET id = 51, qty = 2 WHERE id = 1") == {1: [{"set": {"id": 51, "qty": 2}}]}
    assert item.world.database.column("SELECT plait.identity(t)::text FROM item t WHERE id = 51") == [entity]
    assert item.after("UPDATE item SET name = 'moved' WHERE id = 51") == {1: [{"set": {"name": "moved"}}]}
    found = item.after("INSERT INTO item VALUES (1, 'another')")
    ((other, operations),) = found.items()
    assert other not in (1, 51) and operations == [{"create": True, "set": {"id": 1, "name": "another"}}]
    assert item.after("DELETE FROM item WHERE id = 51") == {1: [{"delete": True}]}


def test_keys_shift_in_one_statement(item):
    before = dict(item.world.database.sql("SELECT name, plait.identity(t)::text FROM item t"))
    item.after("UPDATE item SET id = id + 100")
    item.after("UPDATE item SET id = CASE id WHEN 101 THEN 202 WHEN 102 THEN 201 ELSE id END")
    item.after("UPDATE item SET id = 101 WHERE id = 201")
    assert dict(item.world.database.sql("SELECT name, plait.identity(t)::text FROM item t")) == before


def test_a_dead_key_is_taken_by_who_moves_onto_it(item):
    item.after("DELETE FROM item WHERE id = 2")
    (entity,) = item.world.database.column("SELECT plait.identity(t)::text FROM item t WHERE id = 1")
    item.after("UPDATE item SET id = 2 WHERE id = 1")
    assert item.world.database.column("SELECT plait.identity(t)::text FROM item t WHERE id = 2") == [entity]
    item.after("DELETE FROM item WHERE id = 2")
    item.after("INSERT INTO item VALUES (2, 'again')")
    assert item.world.database.column("SELECT plait.identity(t)::text FROM item t WHERE id = 2") == [entity]
    item.after("UPDATE item SET id = 60 WHERE id = 2")
    ((other, operations),) = item.after("INSERT INTO item VALUES (2, 'a third')").items()
    assert other != 2 and operations[0]["create"], "who lost the key does not get it back"
    keys = dict(item.world.database.sql("SELECT entity::text, key FROM plait.changes_since(NULL)"))
    assert (keys[ulid_from_integer(2)], keys[entity], keys[other]) == (None, "60", "2")


def test_a_failed_statement_leaves_nothing(item):
    with pytest.raises(Refused) as caught:
        item.after("INSERT INTO item SELECT i % 3 + 1 FROM generate_series(7, 12) i")
    assert caught.value.sqlstate == "23505"
    assert item.news() == {}


def test_generated_columns_are_state_and_never_operations(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE g (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED)")
    database.sql("SELECT plait.track('g')")
    database.sql("INSERT INTO g (id, a) VALUES (1, 4); UPDATE g SET a = 5")
    assert [event.operations for event in world.events_of("g")] == [
        {"create": True, "set": {"a": 4}}, {"set": {"a": 5}}]
    state = database.value("SELECT s.state FROM g t, LATERAL plait.snapshot(t) s")
    assert (state["a"], state["twice"]) == (5, 10)
    assert not world.verify()


def test_defaults_and_sequences_are_captured_as_they_came_out(database, rng):
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE s (id serial PRIMARY KEY, made timestamptz DEFAULT now(), u uuid DEFAULT "
                 "gen_random_uuid(), kind text DEFAULT 'plain')")
    world.track("s")
    database.sql("INSERT INTO s DEFAULT VALUES; INSERT INTO s (kind) VALUES ('fine')")
    first, second = (events[0].operations["set"] for events in
                     sorted(agrees(world, "s").values(), key=lambda events: events[0].id))
    assert set(first) == {"made", "u"} and set(second) == {"made", "u", "kind"}


def test_what_was_rolled_back_and_vacuumed_hides_no_event(database):
    """Where a leaf of the index began with events of an entity that are gone, its newest one is on the leaf before."""
    database.sql("""CREATE TABLE item (id int PRIMARY KEY, v int NOT NULL); INSERT INTO item SELECT n, 0 FROM generate_series(1, 300) n;
                    SELECT plait.track('item')""")
    several = "DO $$ BEGIN FOR i IN 1..{} LOOP UPDATE item SET v = v + 1 WHERE id = 150; END LOOP; END $$"
    for round in range(12):
        database.sql(several.format(5 * round + 1))
        database.sql(f"BEGIN; {several.format(200)}; ROLLBACK")
        database.sql("VACUUM plait.event")
        told = database.value("SELECT count(*) FROM plait.history('item', '150')")
        database.sql("UPDATE item SET v = v + 1 WHERE id = 150")
        assert database.value("SELECT count(*) FROM plait.history('item', '150')") == told + 1
        assert database.verify() == []
