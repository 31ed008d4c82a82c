# acceptance/test_errors.py: what is wrong with a commit is said by code, place and cure, and nothing is kept.
import pytest

from acceptance.model.canonical import canonical
from acceptance.model.ulid import hlc_at
from acceptance.model.world import Refused
from acceptance.scenarios.promises import hold


@pytest.fixture
def line(world):
    line = world.line()
    line.commit("A@10 create title=a n=1")
    return line


def edited(line, **changes):
    """A good event with members replaced; None removes one."""
    event = {**line.maker.make_at(hlc_at(20), [line["A"].id], {"set": {"title": "b"}}).wire(), **changes}
    return [{name: value for name, value in event.items() if value is not None}]


def stamped(line, operations, **event):
    """An event whose id is right for these operations."""
    made = line.maker.make_at(hlc_at(20), [line["A"].id], operations)
    return [{**made.wire(), **event}]


def refuse(line, message, code):
    text = message if isinstance(message, str) else canonical(message)
    count = line.world.database.value("SELECT count(*) FROM plait.event")
    with pytest.raises(Refused) as caught:
        line.world.database.sql("SELECT plait.commit(%s::jsonb)", text)
    error = caught.value
    assert error.code in ({code} if isinstance(code, str) else code), error
    assert error.sqlstate.startswith("PL") or error.sqlstate.startswith("23"), error.sqlstate
    assert error.what and error.where and error.hint, f"{error.what!r} {error.where!r} {error.hint!r}"
    assert line.world.database.value("SELECT count(*) FROM plait.event") == count
    return error


SHAPES = {
    "no array": ("{}", "bad_event"), "an array of numbers": ("[1]", "bad_event"), "a string": ('"x"', "bad_event"),
}


@pytest.mark.parametrize("case", SHAPES)
def test_messages_of_no_shape(line, case):
    refuse(line, *SHAPES[case])


@pytest.mark.parametrize("member", ["id", "collection", "parents", "operations", "origin", "salt"])
def test_a_missing_member(line, member):
    error = refuse(line, edited(line, **{member: None}), {"bad_event", "bad_value"})
    assert "/events/0" in error.where


@pytest.mark.parametrize("member, value", [
    ("id", 5), ("id", "nonsense"), ("id", "8" + "0" * 25), ("collection", 5), ("parents", "x"), ("parents", ["x"]),
    ("operations", []), ("origin", "x"), ("salt", "XYZ"), ("salt", "00000000000000AB"), ("surplus", 1),
])
def test_a_member_of_the_wrong_shape(line, member, value):
    error = refuse(line, edited(line, **{member: value}), {"bad_event", "bad_value"})
    assert "/events/0" in error.where


@pytest.mark.parametrize("operations, code", [
    ({"jump": 1}, "bad_value"), ({"set": 5}, "bad_value"), ({"create": False}, "bad_value"),
    ({"create": True, "delete": True}, "bad_value"), ({"set": {"nothing": 1}}, "unknown_property"),
    ({"set": {"n": "MMI"}}, "bad_value"), ({"set": {"n": 10**12}}, "bad_value"), ({"set": {"n": [1]}}, "bad_value"),
    ({"set": {"title": {"a": 1}}}, "bad_value"), ({"add": {"n": 1}}, "bad_value"),
    ({"edit": {"title": [[0, 0, "x"]]}}, "bad_value"), ({"include": {"title": ["x"]}}, "bad_value"),
    ({"patch": {"title": [[["a"], 1]]}}, "bad_value"), ({"set": {"title": "x"}, "add": {"title": 1}}, "bad_value"),
    ({"emit": {}}, "bad_value"), ({"emit": 1}, "bad_value"),
    ({"set": {"id": "not a uuid"}}, "bad_value"),
])
def test_operations_that_do_not_fit(line, operations, code):  # ADV-11
    error = refuse(line, stamped(line, operations), code)
    assert "/events/0" in error.where
    assert line.stored() == ["A"]
    hold(line)


def test_forged_ids(line):
    other = line.maker.make_at(hlc_at(21), [line["A"].id], {"set": {"title": "other"}})
    refuse(line, edited(line, id=other.id), "digest_mismatch")
    refuse(line, edited(line, salt="0" * 16), "digest_mismatch")
    refuse(line, edited(line, collection="album"), {"digest_mismatch"})
    refuse(line, edited(line, operations={"set": {"title": "else"}}), "digest_mismatch")
    hold(line)


def test_a_known_id_with_other_content_is_a_conflict_or_a_forgery(line):
    forged = {**line["A"].wire(), "operations": {"create": True, "set": {"title": "forged"}}}
    refuse(line, [forged], "digest_mismatch")
    # Nobody makes two contents of one id in a test's time, so the stored one is changed by hand.
    sql, where = line.world.database.sql, f"WHERE id = '{line['A'].id}'"
    for change, back in (("operations = operations || '{\"delete\":true}'", "operations = operations - 'delete'"),
                         ("salt = salt + 1", "salt = salt - 1"), ("origin = -origin", "origin = -origin"),
                         ("parents = '\\x00112233445566778899aabbccddeeff'", "parents = ''")):
        sql(f"UPDATE plait.event SET {change} {where}")
        error = refuse(line, [line["A"].wire()], "id_conflict")
        assert error.where == "/events/0/id"
        sql(f"UPDATE plait.event SET {back} {where}")
        assert line.world.commit([line["A"]]) == ["known"]
    sql(f"UPDATE plait.event SET salt = NULL {where}")  # erased: nothing can be held against it
    assert line.world.commit([line["A"]]) == ["known"]
    assert line.row()["title"] == "a"


def test_collections_that_are_none(line):  # ADV-09
    world = line.world
    world.database.sql("CREATE TABLE plain (id uuid PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM rec")
    for name in ("plain", "seen", "plait.event", "pg_class", '"pg_catalog"."pg_class"', "rec; DROP TABLE rec", ""):
        made = type(line.maker)(name, line.entity).make_at(hlc_at(20), [], {"create": True})
        refuse(line, [made.wire()], {"unknown_collection", "bad_event", "bad_value"})
    assert world.database.value("SELECT count(*) FROM rec") == 1


def test_generated_columns_cannot_be_set(line):
    line.world.database.sql("CREATE TABLE g (id uuid PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a) STORED)")
    line.world.track("g")
    other = line.world.line("g")
    refuse(other, [other.maker.make_at(hlc_at(5), [], {"create": True, "set": {"a": 1, "b": 2}}).wire()],
           {"bad_value", "unknown_property"})


def test_the_databases_own_origin_cannot_be_used(line):
    own = line.world.database.value("SELECT id::text FROM plait.node WHERE era IS NOT NULL ORDER BY era DESC")
    made = line.maker.make_at(hlc_at(20), [line["A"].id], {"set": {"title": "forged"}}, origin=own)
    refuse(line, [made.wire()], {"bad_event", "bad_value", "permission_denied"})


def test_too_many_events(line):  # ADV-04
    other = line.world.line()
    events = [other.event("E0@10 create")]
    events += [other.event(f"E{i}@{10 + i}(E{i - 1})") for i in range(1, 10_001)]
    error = refuse(line, [event.wire() for event in events], "too_large")
    assert "10001" in error.what.replace(",", "") and "10000" in error.what.replace(",", "")


def test_deep_json(line):  # ADV-05
    nested = "[" * 5000 + "]" * 5000
    message = canonical(stamped(line, {"set": {"title": "DEEP"}})).replace('"DEEP"', nested)
    with pytest.raises(Refused) as caught:
        line.world.database.sql("SELECT plait.commit(%s::jsonb)", message)
    assert caught.value.sqlstate in ("54001", "PL009", "PL008", "PL014")
    assert line.world.database.value("SELECT 1") == 1


def test_rights_are_asked_first_and_named(line):
    database = line.world.database
    database.sql("DROP ROLE IF EXISTS errors_reader; CREATE ROLE errors_reader LOGIN;"
                 "GRANT SELECT ON rec TO errors_reader")
    try:
        reader = database.connect("errors_reader")
        before = database.value("SELECT count(*) FROM plait.event")
        for notation in ("B@20(A) title=b", "D@21(A) del", "Q@22(Q0) title=q"):
            line.maker.by_name.setdefault("Q0", line["A"])
            with pytest.raises(Refused) as caught:
                line.world.commit([line.event(notation)], on=reader)
            assert caught.value.code == "permission_denied", caught.value
        with pytest.raises(Refused) as caught:
            stranger = line.world.line()
            line.world.commit([stranger.event("A@10 create title=x")], on=reader)
        assert caught.value.code == "permission_denied"
        assert line.world.commit([line["A"]], on=reader) == ["known"]
        database.sql("GRANT UPDATE (title) ON rec TO errors_reader")
        line.world.commit([line["B"]], on=reader)
        with pytest.raises(Refused) as caught:
            line.world.commit([line.event("C@30(B) artist=c")], on=reader)
        assert caught.value.code == "permission_denied"
        assert database.value("SELECT count(*) FROM plait.event") == before + 1
        reader.close()
    finally:
        database.sql("DROP OWNED BY errors_reader; DROP ROLE errors_reader")


def test_functions_say_what_they_do_not_know(world):
    database = world.database
    for call, code in (("plait.head('nothing', '1')", "unknown_collection"),
                       ("plait.history('nothing', '1')", "unknown_collection"),
                       ("plait.compare('nothing', '1', '{}', '{}')", "unknown_collection"),
                       ("plait.head('rec', 'no uuid')", "bad_value"),
                       ("plait.changes('nonsense')", "bad_cursor"),
                       ("plait.changes('99999999.0123456789abcdef')", "cursor_unknown")):
        with pytest.raises(Refused) as caught:
            database.sql(f"SELECT * FROM {call}")
        assert caught.value.code == code and caught.value.hint, (call, caught.value)


@pytest.fixture
def stranger(world):
    """A role of its own for one test, with nothing granted yet; its connection."""
    world.database.sql("DROP ROLE IF EXISTS errors_stranger; CREATE ROLE errors_stranger LOGIN")
    connection = world.database.connect("errors_stranger")
    yield connection
    connection.close()
    world.database.sql("DROP OWNED BY errors_stranger; DROP ROLE errors_stranger")


def test_what_row_level_security_hides_was_deleted_or_never_was_is_not_told_apart(world, stranger):
    world.database.sql("""CREATE TABLE note (id uuid PRIMARY KEY, owner text, body text);
        GRANT SELECT, INSERT, UPDATE, DELETE ON note TO errors_stranger;
        ALTER TABLE note ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON note USING (owner = current_user)""")
    world.track("note")
    own, hidden, dead, absent = (world.line("note") for _ in range(4))
    hidden.commit("A@10 create owner=other body=x")
    dead.commit("A@10 create owner=errors_stranger body=x", "D@20(A) del")
    absent.event("A@10 create owner=other")
    absent.event("D@20(A) del")
    hidden.event("D@20(A) del")
    count = world.database.value("SELECT count(*) FROM plait.event")
    for notation in ("B@30(A) body=mine", "C@40(D) create owner=errors_stranger body=mine", "E@50(D) del"):
        told = set()
        for line in (hidden, dead, absent):
            with pytest.raises(Refused) as caught:
                world.commit([line.event(notation)], on=stranger)
            told.add((caught.value.code, caught.value.what.replace(line.entity, ""), caught.value.where, caught.value.hint))
        ((code, *_),) = told
        assert code == "not_found"
    assert world.database.value("SELECT count(*) FROM plait.event") == count
    world.commit([own.event("A@10 create owner=errors_stranger body=x"), own.event("B@20(A) body=y")], on=stranger)
    hold(own)


def test_who_may_not_read_a_dead_row_whole_restores_it_by_naming_all(world, stranger):
    world.database.sql("GRANT INSERT, UPDATE ON rec TO errors_stranger; GRANT SELECT (id, title) ON rec TO errors_stranger")
    line = world.line()
    line.commit("A@10 create title=a artist=hidden n=1", "D@20(A) del")
    with pytest.raises(Refused) as caught:
        world.commit([line.event("R@30(D) create title=b")], on=stranger)
    assert caught.value.code == "restore_incomplete" and caught.value.hint
    assert line.stored() == ["A", "D"] and line.row() is None
    assert world.commit([line.event("S@40(D) create title=b artist=c n=2")], on=stranger) == ["accepted"]
    assert line.row() == {"title": "b", "artist": "c", "n": 2}
    hold(line)
