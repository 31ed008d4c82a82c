# acceptance/test_lifecycle.py: LC-01 to LC-11 through SQL: delete, restore, second geneses, cascades.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.worker import together
from acceptance.model import ulid
from acceptance.model.world import Refused
from acceptance.scenarios import lifecycle
from acceptance.scenarios.promises import hold, refused


@pytest.mark.parametrize("scenario", lifecycle.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_lifecycle(world, scenario):
    scenario(world)


def test_refusals_name_what_is_needed(world):
    error = lifecycle.children_wait_for_their_genesis(world)
    assert error.hint or error.where
    error = lifecycle.second_genesis_is_refused(world)
    assert error.hint


def test_restore_after_sql_delete_finds_the_state(world):  # LC-03, core 8, with SQL's DELETE
    line = world.line("album")
    line.commit("A@10 create name=t owner=a year=1990")
    world.database.sql("DELETE FROM album WHERE id = %s", line.key)
    line.commit_each("E@60(A) name=new", "F@70(A) owner=f")
    assert line.row() is None
    hold(line)
    head = world.head_ids(line)
    assert len(head) == 3
    restore = line.maker.make_at(max(map(ulid.hlc_of, head)) + 1, head, {"create": True})
    line.maker.remember("R", restore)
    line.commit("R")
    assert {name: line.row()[name] for name in ("name", "owner", "year")} == {
        "name": "new", "owner": "f", "year": 1990}
    assert line.head() == {"R"}
    hold(line)


def test_sql_insert_restores_with_the_inserts_values(world):  # LC-04
    line = world.line("album")
    line.commit("A@10 create name=t owner=a plays=7")
    world.database.sql("DELETE FROM album WHERE id = %s", line.key)
    world.database.sql("INSERT INTO album (id, year) VALUES (%s, 5)", line.key)
    row = line.row()
    assert (row["name"], row["owner"], row["year"], row["plays"]) == (None, None, 5, 0)
    events = world.stored_events(line)
    assert len(events) == 3 and events[2].parents == (events[1].id,)
    assert events[2].operations["create"] and events[2].operations["set"]["name"] is None
    hold(line)


def test_delete_and_insert_in_one_transaction_is_one_entity(world):
    line = world.line()
    line.commit("A@10 create title=a")
    world.database.sql("BEGIN; DELETE FROM rec WHERE id = %s; INSERT INTO rec VALUES (%s, 'b'); COMMIT",
                       line.key, line.key)
    assert line.row()["title"] == "b" and len(line.stored()) == 3
    hold(line)


def test_a_genesis_races_an_insert(world):  # LC-05, core 9: SQL INSERT beside a commit
    left, right = world.database.connect(), world.database.connect()
    for _ in range(30):
        line = world.line()
        line.event("A@10 create title=commit")
        outcomes = {}

        def insert():
            try:
                world.database.sql("INSERT INTO rec VALUES (%s, 'insert')", line.key, on=left)
                outcomes["insert"] = "accepted"
            except Refused as error:
                outcomes["insert"] = error.sqlstate

        def commit():
            try:
                outcomes["commit"] = world.commit([line["A"]], on=right)[0]
            except Refused as error:
                outcomes["commit"] = error.code
        together(insert, commit)
        assert outcomes in ({"insert": "accepted", "commit": "entity_exists"},
                            {"insert": "23505", "commit": "accepted"}), outcomes
        assert len(line.stored()) == 1
        hold(line)


def test_one_composite_key_two_geneses(world):  # LC-05 for playlist_track(1, 42)
    world.database.sql("CREATE TABLE pair (a int, b int, v text, PRIMARY KEY (a, b))")
    world.track("pair")
    entity = ulid.ulid_text(1 << 32 | 42)
    line = world.line("pair", entity)
    create = {"create": True, "set": {"a": 1, "b": 42, "v": "x"}}
    first = line.maker.make_at(ulid.hlc_at(10), [], create)
    second = line.maker.make_at(ulid.hlc_at(20), [], create, origin=line.maker.new_origin())
    assert world.commit([first]) == ["accepted"]
    error = refused(world, "entity_exists", [second])
    assert entity in error.what + error.where + error.hint + str(error)
    world.database.sql("DELETE FROM pair")
    refused(world, "entity_exists", [second])
    world.database.sql("INSERT INTO pair VALUES (1, 42, 'again')")
    agrees(world, "pair")


def test_wrong_names_for_a_genesis_are_refused(world):
    world.database.sql("CREATE TABLE i (id int PRIMARY KEY, v text)")
    world.track("i")
    right = world.line("i", ulid.ulid_from_integer(7))
    wrong = right.maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"id": 8, "v": "x"}})
    refused(world, "bad_entity", [wrong])
    stray = world.line("rec")
    event = stray.maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {
        "id": "11111111-2222-4333-8444-555555555555"}})
    refused(world, "bad_entity", [event])
    fine = right.maker.make_at(ulid.hlc_at(10), [], {"create": True, "set": {"id": 7, "v": "x"}})
    assert world.commit([fine]) == ["accepted"]
    agrees(world, "i")


def test_a_child_of_a_deleted_parent_is_refused_by_its_foreign_key(world):  # LC-12
    world.database.sql("""CREATE TABLE child (id uuid PRIMARY KEY, rec uuid REFERENCES rec ON DELETE CASCADE);
                          CREATE TABLE loose (id uuid PRIMARY KEY, rec uuid REFERENCES rec ON DELETE SET NULL)""")
    world.track("child")
    world.track("loose")
    parent, child, late, loose = world.line(), world.line("child"), world.line("child"), world.line("loose")
    parent.commit("A@10 create title=p")
    child.commit(f"A@20 create rec={parent.key}")
    loose.commit(f"A@20 create rec={parent.key}")
    parent.commit("D@30(A) del")
    assert child.row() is None and loose.row() == {"rec": None}
    assert len(child.stored()) == len(loose.stored()) == 2
    error = refused(late, "constraint_violation", f"A@40 create rec={parent.key}")
    assert error.constraint == "child_rec_fkey" and late.stored() == []
    for table in ("rec", "child", "loose"):
        agrees(world, table)
