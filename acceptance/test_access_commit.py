# acceptance/test_access_commit.py: plait.commit is exactly as powerful as the caller's own DML (invariants 11 and 17).
#
# What an event may do is what INSERT, UPDATE and DELETE of its author may do, also when it loses; and no refusal tells
# that something is there which he could not SELECT.
import re

import pytest

from acceptance.model.event import wire_text
from acceptance.model.world import Refused

CANARY = "canary"


@pytest.fixture
def notes(world, alice):
    """note, where everybody reads and writes his own; all rights of a table are alice's."""
    world.database.sql(f"""CREATE TABLE note (id uuid PRIMARY KEY, owner text, body text, rank int);
        ALTER TABLE note ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON note USING (owner = current_user);
        GRANT SELECT, INSERT, UPDATE, DELETE ON note TO {alice.name}""")
    world.track("note")
    return world


def commit(line, role, *notations):
    """Commits events as a role; its status, or the error as a whole with the line's own names left out."""
    events = [line.event(notation) if "@" in notation else line[notation] for notation in notations]
    said = role.hears("SELECT plait.commit(%s::jsonb)", (wire_text(events),))
    for own in (line.entity, line.key, *(event.id for event in line.maker.by_name.values())):
        said = said.replace(own, "…")
    return said


def code(said):
    found = re.search(r"code: (\w+)", said)
    return found[1] if found else said


def own(notes, role, *notations):
    line = notes.line("note")
    line.commit(f"A@10 create owner={role.name} body=own", *notations)
    return line


def others(notes, *notations):
    line = notes.line("note")
    line.commit("A@10 create owner=other body=canary", *notations)
    return line


def stored(notes):
    return notes.database.value("SELECT count(*) FROM plait.event")


# --- Rows before and after -------------------------------------------------------------------------


def test_before_and_after_are_both_checked(notes, alice):  # ACL-04
    mine, theirs = own(notes, alice), others(notes)
    before = stored(notes)
    assert code(commit(mine, alice, "G@20(A) owner=other")) == "permission_denied"
    assert code(commit(theirs, alice, f"T@20(A) owner={alice.name}")) == "not_found"
    assert code(commit(notes.line("note"), alice, "A@10 create owner=other")) == "permission_denied"
    assert stored(notes) == before and mine.row()["owner"] == alice.name
    notes.database.sql("DROP POLICY own ON note; CREATE POLICY s ON note FOR SELECT USING (true);"
                       "CREATE POLICY u ON note FOR UPDATE USING (owner = current_user) WITH CHECK (true)")
    assert "accepted" in commit(mine, alice, "H@30(A) owner=other")  # now she may give it away
    assert code(commit(mine, alice, "I@40(H) body=again")) == "not_found"  # and has it no more


def test_an_event_that_loses_needs_the_same_rights(notes, alice):
    theirs = others(notes, "B@90(A) body=canary2")
    before = stored(notes)
    assert code(commit(theirs, alice, "L@20(A) body=loses")) == "not_found"
    assert code(commit(theirs, alice, "D@21(A) del")) == "not_found"
    mine = own(notes, alice, "B@90(A) body=b rank=1")
    notes.database.sql(f"REVOKE UPDATE ON note FROM {alice.name}; GRANT UPDATE (body) ON note TO {alice.name}")
    assert code(commit(mine, alice, "L@20(A) rank=9")) == "permission_denied"
    assert stored(notes) == before + 2
    assert "accepted" in commit(mine, alice, "M@21(A) body=loses") and mine.row()["body"] == "b"


def test_policies_for_one_command_are_asked_for_it_alone(notes, alice):
    """Who may only delete deletes; SELECT … FOR UPDATE would have asked for more."""
    sql = notes.database.sql
    sql("DROP POLICY own ON note; CREATE POLICY s ON note FOR SELECT USING (true); CREATE POLICY d ON note FOR DELETE USING (rank = 1)")
    line, other = notes.line("note"), notes.line("note")
    line.commit("A@10 create owner=x rank=1")
    other.commit("A@10 create owner=x rank=2")
    assert code(commit(line, alice, "U@20(A) body=b")) == "not_found"
    assert code(commit(other, alice, "D@20(A) del")) == "write_refused"
    assert "accepted" in commit(line, alice, "D@30(A) del") and line.row() is None
    sql(f"ALTER TABLE note DISABLE ROW LEVEL SECURITY; REVOKE UPDATE, INSERT ON note FROM {alice.name}")
    assert "accepted" in commit(other, alice, "D") and other.row() is None
    sql(f"REVOKE DELETE ON note FROM {alice.name}; GRANT INSERT ON note TO {alice.name}")
    assert "accepted" in commit(other, alice, "R@40(D) create body=back owner=z rank=3")  # an INSERT, no UPDATE
    assert other.row() == {"owner": "z", "body": "back", "rank": 3}
    assert code(commit(other, alice, "V@50(R) body=c")) == "permission_denied"
    assert code(commit(other, alice, "E@50(R) del")) == "permission_denied"
    assert not notes.verify()


# --- Is it there? ----------------------------------------------------------------------------------


def test_without_select_of_the_key_nothing_tells_what_is_there(notes, alice):
    living, dead, absent = others(notes), others(notes, "D@20(A) del"), notes.line("note")
    absent.event("A@10 create owner=other body=canary")
    sql = notes.database.sql
    sql(f"ALTER TABLE note DISABLE ROW LEVEL SECURITY; REVOKE SELECT ON note FROM {alice.name}; GRANT SELECT (body) ON note TO {alice.name}")
    for notation in ("U@30(A) body=b", "X@31(A) del", "R@32(A) create body=b"):
        told = {commit(line, alice, notation) for line in (living, dead, absent)}
        assert len(told) == 1 and code(told.pop()) == "permission_denied"


def test_who_may_only_insert(notes, alice):
    living, dead, new = others(notes), others(notes, "D@20(A) del"), notes.line("note")
    sql = notes.database.sql
    sql(f"ALTER TABLE note DISABLE ROW LEVEL SECURITY; REVOKE ALL ON note FROM {alice.name}; GRANT INSERT ON note TO {alice.name}")
    assert "accepted" in commit(new, alice, "A@10 create owner=me body=log")
    assert new.row()["body"] == "log"
    told = {commit(line, alice, "G@30 create owner=me body=log") for line in (living, dead)}
    assert len(told) == 1 and code(told.pop()) == "entity_exists"  # as INSERT would say of a key, and no head
    assert code(commit(new, alice, "B@20(A) body=more")) == "permission_denied"


def test_a_create_with_a_taken_key_tells_no_more_than_insert_does(notes, alice):
    """A text key: the new entity's id is its own, the key is what collides."""
    sql = notes.database.sql
    sql(f"""CREATE TABLE tag (name text PRIMARY KEY, owner text); ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON tag USING (owner = current_user); GRANT SELECT, INSERT ON tag TO {alice.name}""")
    notes.track("tag")
    sql("INSERT INTO tag VALUES ('living', 'other'), ('dead', 'other'); DELETE FROM tag WHERE name = 'dead'")
    told = set()
    for name in ("living", "dead"):
        maker = type(notes.line("tag").maker)("tag", None)
        event = maker.make(f"A@10 create name={name} owner={alice.name}")
        told.add(alice.hears("SELECT plait.commit(%s::jsonb)", (wire_text([event]),)).replace(name, "…"))
    assert len(told) == 1 and code(told.pop()) == "entity_exists"


def test_a_reference_resolves_to_what_its_author_sees(notes, alice):
    """The key of an entity that he knows by its id alone would be told by his own row."""
    sql = notes.database.sql
    sql(f"""CREATE TABLE tag (name text PRIMARY KEY, owner text); ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON tag USING (owner = current_user); CREATE TABLE entry (id uuid PRIMARY KEY, tag text REFERENCES tag);
        GRANT SELECT, INSERT, UPDATE, DELETE ON tag, entry TO {alice.name}""")
    notes.track("tag")
    notes.track("entry")
    sql(f"INSERT INTO tag VALUES ('canary', 'other'), ('mine', '{alice.name}'), ('gone', 'other'); DELETE FROM tag WHERE name = 'gone'")
    hidden, mine, gone = (notes.database.value("SELECT entity::text FROM plait.changes_since(NULL) WHERE key = %s", key)
                          for key in ("canary", "mine", "gone"))
    told = set()
    for entity in (hidden, gone, "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        line = notes.line("entry")
        event = line.maker.make_at(line.event("A@10 create").hlc, [], {"create": True, "set": {"tag": {"ref": entity}}})
        told.add(alice.hears("SELECT plait.commit(%s::jsonb)", (wire_text([event]),)))
    assert len(told) == 1 and code(told.copy().pop()) == "not_found" and CANARY not in told.pop()
    line = notes.line("entry")
    event = line.maker.make_at(line.event("A@10 create").hlc, [], {"create": True, "set": {"tag": {"ref": mine}}})
    assert "accepted" in alice.hears("SELECT plait.commit(%s::jsonb)", (wire_text([event]),))
    made = type(line.maker)("tag", None).make("T@5 create name=new owner=nobody")  # which she will not see, but makes
    sql("CREATE POLICY gives ON tag FOR INSERT WITH CHECK (true)")
    other = notes.line("entry")
    refers = other.maker.make_at(other.event("A@10 create").hlc, [], {"create": True, "set": {"tag": {"ref": made.id}}})
    assert "accepted" in alice.hears("SELECT plait.commit(%s::jsonb)", (wire_text([made, refers]),))
    assert sorted(notes.database.column("SELECT tag FROM entry")) == ["mine", "new"]


def test_what_was_known_tells_nothing_new(notes, alice):
    """Who can send an event has it; how its entity stands now is another matter."""
    line = own(notes, alice)
    seen = alice.value("SELECT plait.commit(%s::jsonb)", wire_text([line["A"]]))["events"][0]
    assert seen["status"] == "known" and seen["key"] == line.key and seen["head"] == [line["A"].id]
    notes.database.sql("UPDATE note SET owner = 'other', body = 'canary'")
    for _ in ("hidden", "deleted"):
        told = alice.value("SELECT plait.commit(%s::jsonb)", wire_text([line["A"]]))["events"][0]
        assert told == {"id": line["A"].id, "status": "known", "entity": line.entity, "key": None, "head": []}
        notes.database.sql("DELETE FROM note")


def test_what_a_triggers_owner_wrote_elsewhere_is_not_listed(notes, alice):
    sql = notes.database.sql
    sql("""CREATE TABLE audit (id int PRIMARY KEY, body text); CREATE TABLE shown (id int PRIMARY KEY);
        CREATE FUNCTION audits() RETURNS trigger SECURITY DEFINER SET search_path = public, pg_temp LANGUAGE plpgsql AS
        'BEGIN INSERT INTO audit VALUES (7, ''canary''); INSERT INTO shown VALUES (8); RETURN NULL; END';
        CREATE TRIGGER audits AFTER INSERT ON note FOR EACH ROW EXECUTE FUNCTION audits()""")
    sql(f"GRANT SELECT ON shown TO {alice.name}")
    notes.track("audit")
    notes.track("shown")
    line = notes.line("note")
    answer = alice.value("SELECT plait.commit(%s::jsonb)", wire_text([line.event(f"A@10 create owner={alice.name}")]))
    assert [told["collection"] for told in answer["follow_ups"]] == ["shown"]
    assert notes.database.value("SELECT count(*) FROM plait.history('audit', '7')") == 1


def test_errors_of_constraints_hide_what_postgres_hides(notes, alice):
    sql = notes.database.sql
    sql("ALTER TABLE note ADD UNIQUE (rank); ALTER TABLE note ADD CHECK (body <> 'bad'); CREATE TABLE secret (id int PRIMARY KEY, v text);"
        "ALTER TABLE note ADD secret int REFERENCES secret")
    theirs = notes.line("note")
    theirs.commit("A@10 create owner=other body=canary rank=4")
    mine = own(notes, alice)
    for notation, statement in (("B@20(A) rank=4", "UPDATE note SET rank = 4"), ("C@20(A) body=bad", "UPDATE note SET body = 'bad'"),
                                ("D@20(A) secret=5", "UPDATE note SET secret = 5")):
        said, plain = commit(mine, alice, notation), alice.hears(statement)
        assert CANARY not in said and CANARY not in plain
        assert code(said) == "constraint_violation" and ("Failing row" in said) == ("Failing row" in plain)
        assert ("Key (" in said) == ("Key (" in plain)


def test_a_plan_that_is_shown_holds_no_hidden_key(notes, alice):
    """An event for an entity with a stamped id: the key of its row is looked up, and is not her's to know."""
    notes.database.sql(f"""CREATE TABLE tag (name text PRIMARY KEY, owner text); ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON tag USING (owner = current_user); GRANT SELECT, UPDATE, DELETE ON tag TO {alice.name}""")
    notes.track("tag")
    notes.database.sql("INSERT INTO tag VALUES ('canary', 'other')")
    entity = notes.database.value("SELECT plait.identity(t)::text FROM tag t")
    shown = " ".join(str(byte) for byte in CANARY.encode())
    maker = type(notes.line("tag").maker)("tag", entity)
    maker.make("A@10 create")
    alice.sql("SET client_min_messages = log; SET debug_print_plan = on; SET debug_print_parse = on; SET debug_print_rewritten = on")
    for notation in ("B@20(A) owner=me", "C@20(A) del", "D@20 create owner=me"):
        said = alice.hears("SELECT plait.commit(%s::jsonb)", (wire_text([maker.make(notation)]),))
        assert "PLANNEDSTMT" in said and shown not in said and CANARY not in said, notation


def test_a_column_that_is_gone_gives_no_right(notes, alice):
    """An event that names only what the table no longer has is an UPDATE all the same."""
    sql = notes.database.sql
    line = notes.line("note")
    line.commit("A@10 create owner=x", "D@20(A) del")
    sql(f"ALTER TABLE note DISABLE ROW LEVEL SECURITY; ALTER TABLE note DROP rank; REVOKE ALL ON note FROM {alice.name}; GRANT SELECT ON note TO {alice.name}")
    assert code(commit(line, alice, "B@30(A) rank=4")) == "permission_denied"
    sql(f"GRANT UPDATE (body) ON note TO {alice.name}")
    assert "accepted" in commit(line, alice, "B")


# --- Who writes ------------------------------------------------------------------------------------


def test_roles_that_change_in_a_session_and_definers(notes, alice):
    line, sql = own(notes, alice), notes.database.sql
    sql("PREPARE c(jsonb) AS SELECT plait.commit($1); CREATE FUNCTION commits(events jsonb) RETURNS jsonb SECURITY DEFINER "
        "SET search_path = pg_catalog, pg_temp LANGUAGE sql AS 'SELECT plait.commit(events)'")
    theirs = others(notes)
    for at in range(6):
        sql(f"SET ROLE {alice.name}")
        with pytest.raises(Refused) as caught:
            sql("EXECUTE c(%s)", wire_text([theirs.event(f"U{at}@{20 + at}(A) body=b")]))
        assert caught.value.code == "not_found"
        sql("EXECUTE c(%s)", wire_text([line.event(f"U{at}@{20 + at}(A) body=b")]))
        sql("RESET ROLE")
        sql("EXECUTE c(%s)", wire_text([theirs.event(f"V{at}@{30 + at}(A) body=canary")]))
    assert "accepted" in alice.hears("SELECT commits(%s::jsonb)", (wire_text([theirs.event("W@90(A) body=definer")]),))
    assert theirs.row()["body"] == "definer"


def test_a_trigger_that_sets_the_search_path(notes, role, alice):
    """What comes after it in the same commit still means what it says."""
    mallory, sql = role("mallory"), notes.database.sql
    sql(f"CREATE SCHEMA evil AUTHORIZATION {mallory.name}")
    mallory.sql("CREATE FUNCTION evil.same(a uuid, b uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'heard as %', current_user; END $$;"
                "CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same); CREATE TABLE evil.note (id uuid)")
    sql("CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'evil, pg_temp, pg_catalog, public', false);"
        " RETURN NEW; END $$; CREATE TRIGGER sets BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION sets()")
    line, other = notes.line("note"), notes.line("note")
    assert notes.commit([line.event(f"A@10 create owner={alice.name}"), other.event("A@11 create owner=x"), line.event("B@20(A) body=b"),
                         other.event("B@21(A) del")]) == ["accepted"] * 4
    sql("SET search_path = public")
    assert line.row()["body"] == "b" and other.row() is None
