# acceptance/test_access.py: nobody sees by Plait what he could not SELECT, whatever he tries (invariant 17).
#
# Each case says what is attacked. What must not be seen holds the word canary; a role is asked for everything that
# every function tells it, answers, errors and notices, and the word must not be in it.
import re

import psycopg2
import pytest

from acceptance.harness.role import Role
from acceptance.model.world import Refused

CANARY = "canary"
NOTES = """
    CREATE TABLE note (id int PRIMARY KEY, owner text, body text, price text DEFAULT 'free');
    ALTER TABLE note ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON note USING (owner = current_user);
    SELECT plait.track('note');
"""


@pytest.fixture
def bob(role):
    return role("bob")


@pytest.fixture
def notes(database, alice, bob):
    """note: bob's 1 and 4, alice's 2, and 3, which is dead; all that was and is not bob's is a canary."""
    database.sql(NOTES + f"GRANT SELECT ON note TO {alice.name}, {bob.name};"
                 f"INSERT INTO note SELECT n, '{alice.name}', 'canary ' || n, 'canary' FROM generate_series(1, 3) n;"
                 "UPDATE note SET body = body || '!' WHERE id = 1; UPDATE note SET body = body || '!' WHERE id = 1;"
                 f"UPDATE note SET body = 'for bob', price = '5' WHERE id = 1; UPDATE note SET owner = '{bob.name}' WHERE id = 1;"
                 f"INSERT INTO note VALUES (4, '{bob.name}', 'own'); DELETE FROM note WHERE id = 3")
    return database


def unseen(role, collection="note"):
    told = role.hears_everything(collection)
    leaks = [(asked, said) for asked, said in told if CANARY in said]
    assert not leaks, "\n".join(map(str, leaks[:3]))
    return told


def same_for_all(role, statement, *arguments):
    """What each of these hears, told without the argument itself, is one and the same; that."""
    told = {re.sub(rf"\b{argument}\b", "…", role.hears(statement, (argument,))) for argument in arguments}
    assert len(told) == 1, told
    return told.pop()


def ulid(number):
    return f"{number:026d}" if number < 8 else None


# --- Rows that policies hide -----------------------------------------------------------------------


def test_a_row_that_changes_hands_takes_no_past_with_it(notes, bob):  # ACL-03
    unseen(bob)
    history = bob.records("SELECT * FROM plait.history('note', '1')")
    assert [event["operations"] for event in history] == [
        {"create": True}, {"set": {"body": "for bob", "price": "5"}}, {"set": {"owner": bob.name}}]
    for event in history:
        hidden = {name for name, value in event.items() if value is None}
        assert hidden == {"parents", "origin", "actor", "context", "recorded", "xid", "salt"}
    assert bob.value("SELECT state FROM plait.snapshots('note', ARRAY[%s]::plait.ulid[])", ulid(1)) == {
        "id": 1, "owner": bob.name, "body": "for bob", "price": "5"}


def test_who_gave_a_row_away_sees_nothing_of_it(notes, alice, bob):
    notes.sql("UPDATE note SET body = 'canary of bob' WHERE id = 1")
    assert alice.column("SELECT key FROM plait.changes_since(NULL)") == ["2"]
    told = [said for asked, said in alice.hears_everything("note") if "of bob" in said]
    assert not told, told


def test_hidden_deleted_and_never_there_are_one_and_the_same(notes, bob):
    for function in ("head('note', %s)", "history('note', %s)", "compare('note', %s, '{}', '{}')", "meet('note', %s, '{}', '{}')",
                     "bridge('note', %s, '{}', '{}')", "ancestors('note', %s, '{}')"):
        same_for_all(bob, f"SELECT * FROM plait.{function}", "2", "3", "7")
    for function in ("winners('note', %s, '{body}')", "snapshots('note', ARRAY[%s]::plait.ulid[])"):
        same_for_all(bob, f"SELECT * FROM plait.{function}", ulid(2), ulid(3), ulid(7))
    for function in ("identity", "snapshot"):
        said = same_for_all(bob, f"SELECT plait.{function}(ROW(%s, '', '', '')::note)", "2", "3", "7")
        assert said == "(None,)"


def test_rows_that_are_made_up(notes, bob):
    assert bob.sql("SELECT key, state FROM plait.snapshot(ROW(4, %s, 'made up', 'made up')::note)", bob.name) == [
        ("4", {"id": 4, "owner": bob.name, "body": "own", "price": "free"})]
    assert bob.value("SELECT plait.snapshot(ROW(2, %s, 'mine', '')::note)", bob.name) is None
    assert bob.value("SELECT plait.identity(ROW(NULL, %s, 'mine', '')::note)", bob.name) is None
    assert bob.value("SELECT plait.identity(note) FROM note WHERE id = 4")[:26] == ulid(4)


def test_a_follower_has_the_rows_that_it_may_see(notes, bob):
    notes.sql("CALL plait.advance()")
    notes.sql(f"UPDATE note SET owner = '{bob.name}', body = 'now bob''s', price = '' WHERE id = 2; UPDATE note SET owner = 'canary' WHERE id = 1;"
              f"INSERT INTO note VALUES (5, '{bob.name}', 'canary'); DELETE FROM note WHERE id = 5")
    notes.sql("CALL plait.advance()")
    rows = bob.records("SELECT * FROM plait.changes(NULL)")
    held = {row["key"]: row["operations"]["set"] for row in rows}
    assert held == {str(row["id"]): row for row in bob.records("SELECT * FROM note")} and set(held) == {"2", "4"}
    assert [row["key"] for row in rows] == ["2", "4", "2"]  # a row for each tick and entity, as it is now
    for row in rows:
        assert {name for name, value in row.items() if value is None} == {"parents", "origin", "actor", "context", "xid", "salt"}
    assert bob.column("SELECT key FROM plait.changes(%s)", rows[1]["cursor"]) == ["2"]
    unseen(bob)


def test_ticks_without_a_visible_row_are_passed_over(notes, bob):
    for body in ("canary a", "canary b", "canary c"):
        notes.sql("UPDATE note SET body = %s WHERE id = 2; CALL plait.advance()".split(";")[0], body)
        notes.sql("CALL plait.advance()")
    notes.sql("UPDATE note SET body = 'last' WHERE id = 4")
    notes.sql("CALL plait.advance()")
    first = bob.records("SELECT * FROM plait.changes(NULL, 1)")
    assert [row["key"] for row in bob.records("SELECT * FROM plait.changes(%s, 1)", first[-1]["cursor"])] == ["4"]


# --- Columns without a grant -----------------------------------------------------------------------


def test_a_hidden_column_shows_neither_now_nor_then(database, bob):  # ACL-05
    database.sql("CREATE TABLE item (id int PRIMARY KEY, title text, cost text, twice text GENERATED ALWAYS AS (cost || cost) STORED);"
                 f"GRANT SELECT (id, title) ON item TO {bob.name}; SELECT plait.track('item');"
                 "INSERT INTO item VALUES (1, 'a', 'canary 1'), (2, 'b', 'canary 2'); UPDATE item SET cost = 'canary 3', title = 'c' WHERE id = 1;"
                 "UPDATE item SET cost = 'canary 4'; UPDATE item SET title = 'b2' WHERE id = 2; DELETE FROM item WHERE id = 2")
    unseen(bob, "item")
    assert [event for event in bob.column("SELECT operations FROM plait.history('item', '1')")] == [{"create": True}, {"set": {"title": "c"}}]
    assert bob.column("SELECT operations FROM plait.changes_since(NULL)") == [{"set": {"id": 1, "title": "c"}}]
    same_for_all(bob, "SELECT plait.winners('item', '00000000000000000000000001', ARRAY[%s])", "cost", "twice", "nothing")
    database.sql(f"GRANT SELECT (twice) ON item TO {bob.name}; REVOKE SELECT (title) ON item FROM {bob.name}")
    assert bob.value("SELECT state FROM plait.snapshots('item', ARRAY[%s]::plait.ulid[])", ulid(1)) == {"id": 1, "twice": "canary 4canary 4"}


def test_without_the_key_there_is_nothing(database, bob):
    database.sql(f"CREATE TABLE item (id text PRIMARY KEY, title text); GRANT SELECT (title) ON item TO {bob.name}; SELECT plait.track('item');"
                 "INSERT INTO item VALUES ('canary', 'a')")
    told = dict(unseen(bob, "item"))
    assert "permission_denied" in told["SELECT * FROM plait.history(%(c)s, %(key)s)"]
    assert told["SELECT * FROM plait.changes_since(NULL)"] == ""


def test_both_policies_and_columns(notes, bob):
    notes.sql(f"REVOKE SELECT ON note FROM {bob.name}; GRANT SELECT (id, body) ON note TO {bob.name}; UPDATE note SET price = 'canary'")
    unseen(bob)
    assert bob.column("SELECT state FROM plait.snapshots('note', ARRAY[%s, %s]::plait.ulid[])", ulid(1), ulid(2)) == [{"id": 1, "body": "for bob"}]


# --- Who somebody is -------------------------------------------------------------------------------


def test_roles_that_change_in_a_session_and_plans_that_stay(notes, bob):
    session = notes.main
    notes.sql("PREPARE h AS SELECT operations FROM plait.history('note', '1'); PREPARE f AS SELECT count(*) FROM plait.changes_since(NULL);"
              "PREPARE s AS SELECT key FROM note, plait.snapshot(note)")
    counts = []
    for switch in ("RESET ROLE", f"SET ROLE {bob.name}") * 6:  # past the fifth run a plan may be kept
        notes.sql(switch, on=session)
        counts.append((len(notes.sql("EXECUTE h")), notes.value("EXECUTE f"), sorted(notes.column("EXECUTE s"))))
    notes.sql("RESET ROLE")
    assert counts == [(5, 9, ["1", "2", "4"]), (3, 2, ["1", "4"])] * 6
    notes.sql(f"BEGIN; SET LOCAL ROLE {bob.name}; DECLARE c CURSOR FOR SELECT operations FROM plait.history('note', '2')")
    with pytest.raises(Refused) as caught:
        notes.sql("FETCH ALL FROM c")
    notes.sql("ROLLBACK")
    assert caught.value.code == "not_found"


def test_definers_see_as_their_owner_and_views_do_not(notes, bob):
    notes.sql("CREATE FUNCTION as_owner(k text) RETURNS SETOF jsonb SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE sql AS "
              "'SELECT operations FROM plait.history(''note'', k)'; CREATE VIEW past AS SELECT n.id, h.operations FROM "
              "generate_series(1, 4) n(id), plait.history('note', n.id::text) h;"
              f"CREATE VIEW all_notes AS SELECT * FROM note; GRANT SELECT ON past, all_notes TO {bob.name}")
    assert len(bob.sql("SELECT as_owner('1')")) == 5
    assert "not_found" in bob.hears("SELECT * FROM past")
    assert CANARY not in bob.hears("SELECT * FROM past WHERE id IN (1, 4)")
    notes.sql(f"REVOKE SELECT ON note FROM {bob.name}")  # the view is all that he has
    assert CANARY in bob.hears("SELECT * FROM all_notes")
    told = dict(unseen(bob))
    assert "permission_denied" in told["SELECT * FROM plait.history(%(c)s, %(key)s)"]
    assert "unknown_collection" in bob.hears("SELECT plait.identity(v) FROM all_notes v")


def test_owners_force_and_bypass(notes, alice, bob):
    notes.sql(f"ALTER TABLE note OWNER TO {bob.name}; ALTER ROLE {alice.name} BYPASSRLS")
    assert len(bob.sql("SELECT * FROM plait.history('note', '1')")) == len(alice.sql("SELECT * FROM plait.history('note', '1')")) == 5
    notes.sql("ALTER TABLE note FORCE ROW LEVEL SECURITY")
    unseen(bob)
    assert len(bob.sql("SELECT * FROM plait.history('note', '1')")) == 3
    notes.sql(f"ALTER ROLE {alice.name} NOBYPASSRLS")
    assert "not_found" in alice.hears("SELECT * FROM plait.history('note', '1')")


def test_row_security_off_is_postgres_own_error(notes, bob):
    bob.sql("SET row_security = off")
    for key in ("1", "2", "3", "7"):
        assert "42501" in bob.hears("SELECT plait.head('note', %s)", (key,))
    for call in ("plait.changes_since(NULL)", "plait.snapshots('note', '{}')", "plait.winners('note', '00000000000000000000000007', '{}')"):
        assert "query would be affected by row-level security policy" in bob.hears(f"SELECT * FROM {call}"), call


def test_a_parallel_plan_sees_as_its_leader(notes, bob):
    bob.sql("SET force_parallel_mode = on; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0")
    unseen(bob)


# --- Partitions ------------------------------------------------------------------------------------


def test_a_partition_is_no_way_around_its_root(database, bob):
    database.sql("CREATE TABLE sale (id int, day int, owner text, body text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
                 "CREATE TABLE sale_1 (body text, owner text, day int NOT NULL, id int NOT NULL); ALTER TABLE sale ATTACH PARTITION sale_1 FOR VALUES FROM (1) TO (10);"
                 "ALTER TABLE sale ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sale USING (owner = current_user); SELECT plait.track('sale');"
                 "ALTER TABLE sale_1 ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sale_1 USING (day = 2);"
                 f"INSERT INTO sale VALUES (1, 1, '{bob.name}', 'own'), (2, 2, 'x', 'canary'); GRANT SELECT ON sale_1 TO {bob.name}")
    assert "canary" in bob.hears("SELECT * FROM sale_1")  # by the partition's own policy
    assert "permission_denied" in dict(unseen(bob, "sale"))["SELECT * FROM plait.history(%(c)s, %(key)s)"]
    assert "permission_denied" in bob.hears("SELECT plait.snapshot(s) FROM sale_1 s")
    database.sql(f"GRANT SELECT ON sale TO {bob.name}")
    unseen(bob, "sale")
    assert bob.value("SELECT plait.snapshot(s) FROM sale_1 s") is None
    assert bob.column("SELECT key FROM plait.changes_since(NULL)") == ['["1","1"]']


# --- Other people's code ---------------------------------------------------------------------------


def test_a_policy_that_tells_what_it_looks_at(notes, bob):
    """It tells that to a plain SELECT as well: of what Plait looks at it tells no more."""
    notes.sql("CREATE FUNCTION tells(owner text, body text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'looked at %', body;"
              " RETURN owner = current_user; END $$; ALTER POLICY own ON note USING (tells(owner, body))")
    plain = set(line for line in bob.hears("SELECT * FROM note").splitlines() if "looked at" in line)
    for asked, said in bob.hears_everything("note"):
        heard = set(line for line in said.splitlines() if "looked at" in line)
        assert heard <= plain, (asked, heard - plain)
        rest = "\n".join(line for line in said.splitlines() if "looked at" not in line)
        assert CANARY not in rest, (asked, rest)


def test_a_policy_that_fails_or_asks_plait(notes, bob):
    notes.sql("CREATE TABLE side (id int PRIMARY KEY, v text); SELECT plait.track('side'); INSERT INTO side VALUES (1, 'x');"
              f"GRANT SELECT ON side TO {bob.name};"
              "CREATE FUNCTION fails(id int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / (id - 4) IS NULL; END $$;"
              "CREATE FUNCTION itself(k int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN plait.head('note', k::text) IS NOT NULL; END $$;"
              "CREATE FUNCTION other(owner text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN owner = current_user AND "
              "(SELECT count(*) = 1 FROM plait.history('side', '1')); END $$;"
              "ALTER POLICY own ON note USING (fails(id))")
    assert "division by zero" in bob.hears("SELECT plait.head('note', '4')")
    assert bob.value("SELECT plait.head('note', '1')") is None
    notes.sql("ALTER POLICY own ON note USING (itself(id))")
    assert "stack depth limit exceeded" in bob.hears("SELECT * FROM note WHERE id = 1")
    assert "stack depth limit exceeded" in bob.hears("SELECT plait.head('note', '1')")
    notes.sql("ALTER POLICY own ON note USING (id <> 2 AND plait.head('side', id::text) IS NOT NULL)")
    assert len(bob.sql("SELECT * FROM plait.history('note', '1')")) == 3
    notes.sql(f"REVOKE SELECT ON side FROM {bob.name}; GRANT SELECT (id) ON side TO {bob.name}; ALTER POLICY own ON note USING (other(owner))")
    assert bob.column("SELECT key FROM plait.snapshots('note', ARRAY[%s, %s]::plait.ulid[])", ulid(1), ulid(2)) == ["1"]


EVIL = """
    CREATE TABLE evil.heard (who text, what text); GRANT ALL ON evil.heard TO PUBLIC; GRANT USAGE ON SCHEMA evil TO PUBLIC;
    CREATE FUNCTION evil.hear(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'heard % as %', what, current_user; END $$;
    CREATE FUNCTION evil.same(a text, b text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.hear(a)';
    CREATE FUNCTION evil.same(a int, b int) RETURNS boolean LANGUAGE sql AS 'SELECT evil.hear(a::text)';
    CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.same);
    CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.same);
    CREATE FUNCTION evil.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.hear('unnest'); END $$;
    CREATE FUNCTION evil.format_type(oid, int) RETURNS text LANGUAGE sql AS $$ SELECT evil.hear('type')::text $$;
    CREATE TABLE evil.note AS SELECT * FROM public.note WITH NO DATA;
    CREATE TABLE evil.event (LIKE plait.event);
    CREATE TYPE evil.mood AS ENUM ('good', 'bad');
    CREATE TYPE evil.pair AS (a text, b evil.mood);
    CREATE FUNCTION evil.mood_json(evil.mood) RETURNS json LANGUAGE sql AS $$ SELECT to_json(evil.hear($1::text)) $$;
    CREATE CAST (evil.mood AS json) WITH FUNCTION evil.mood_json(evil.mood) AS IMPLICIT;
    CREATE FUNCTION evil.pair_text(evil.pair) RETURNS text LANGUAGE sql AS $$ SELECT evil.hear(($1).a)::text $$;
    CREATE CAST (evil.pair AS text) WITH FUNCTION evil.pair_text(evil.pair) AS IMPLICIT;
    CREATE FUNCTION evil.same(a evil.mood, b evil.mood) RETURNS boolean LANGUAGE sql AS 'SELECT evil.hear(a::text)';
    CREATE OPERATOR evil.= (LEFTARG = evil.mood, RIGHTARG = evil.mood, FUNCTION = evil.same);
"""


def test_operators_casts_and_tables_of_an_ordinary_role_are_never_found(notes, role, bob):
    """mallory's objects stand first in everybody's search_path; whoever ran one would run it as himself."""
    mallory = role("mallory")
    notes.sql(f"CREATE SCHEMA evil AUTHORIZATION {mallory.name}; GRANT SELECT ON note TO {mallory.name};"
              f"GRANT SELECT ON plait.event TO {mallory.name}")
    mallory.sql(EVIL)
    notes.sql(f"REVOKE SELECT ON plait.event FROM {mallory.name}; ALTER TABLE note ADD mood evil.mood, ADD pair evil.pair;"
              "UPDATE note SET mood = 'good', pair = ROW('canary', 'bad')::evil.pair WHERE id = 2;"
              "CREATE TABLE felt (mood evil.mood, a int, b text, PRIMARY KEY (mood, a)); SELECT plait.track('felt');"
              f"INSERT INTO felt VALUES ('good', 1, 'canary'); GRANT SELECT (mood, a) ON felt TO {bob.name}")
    path = "SET search_path = evil, pg_temp, pg_catalog, public"
    for who in (bob, mallory):
        who.sql(path)
        who.sql("CREATE TEMP TABLE note (id int, owner text, body text, price text); CREATE TEMP TABLE event (id int)")
        told = unseen(who)
        assert not [said for asked, said in told if "heard" in said]
    assert not [said for asked, said in bob.hears_everything("felt") if "heard" in said]
    as_owner = Superuser(notes, path)
    told = as_owner.hears_everything("note") + as_owner.hears_everything("felt")
    assert not [said for asked, said in told if "heard" in said], told
    as_owner.connection.close()
    notes.sql("DROP TABLE felt")  # its key would go with mallory's type, and that is refused while it is tracked


class Superuser(Role):
    """Whose rights mallory would like to have."""

    def __init__(self, database, settings):
        self.database, self.connection = database, database.connect()
        self.sql(settings)


def test_a_domains_check_sees_no_hidden_key(database, bob):
    """Its function is whoever's domain it is, and a stored key is none for its eyes."""
    database.sql("CREATE FUNCTION curious(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'curious: %', $1; RETURN true; END $$;"
                 "CREATE DOMAIN code AS text CHECK (curious(VALUE)); CREATE TABLE item (code code PRIMARY KEY, owner text, body code);"
                 "ALTER TABLE item ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON item USING (owner = current_user); SELECT plait.track('item');"
                 f"INSERT INTO item VALUES ('own', '{bob.name}', 'b'), ('canary', 'x', 'canary'); GRANT SELECT, UPDATE, DELETE ON item TO {bob.name}")
    entities = database.column("SELECT entity::text FROM plait.changes_since(NULL)")
    for statement in ("SELECT * FROM plait.snapshots('item', %s::text[]::plait.ulid[])", "SELECT * FROM plait.changes_since(NULL) WHERE %s <> '{}'"):
        said = bob.hears(statement, (entities,))
        assert CANARY not in said and "own" in said
    for entity in entities:
        said = bob.hears("SELECT plait.winners('item', %s, '{body}')", (entity,))
        assert CANARY not in said and "curious" not in said


def test_a_plan_that_is_shown_holds_no_hidden_key(database, bob):
    """debug_print_plan is anybody's to set, and shows the constants of a plan byte by byte."""
    database.sql("CREATE TABLE item (code text PRIMARY KEY, owner text); ALTER TABLE item ENABLE ROW LEVEL SECURITY;"
                 "CREATE POLICY own ON item USING (owner = current_user); SELECT plait.track('item');"
                 f"INSERT INTO item VALUES ('own', '{bob.name}'), ('canary', 'x'); GRANT SELECT ON item TO {bob.name}")
    shown = " ".join(str(byte) for byte in CANARY.encode())
    entities = database.column("SELECT entity::text FROM plait.changes_since(NULL)")
    bob.sql("SET client_min_messages = log; SET debug_print_plan = on; SET debug_print_parse = on; SET debug_print_rewritten = on")
    assert shown in bob.hears("SELECT 1 WHERE current_user = 'canary'")
    for statement in ("SELECT * FROM plait.snapshots('item', %s::text[]::plait.ulid[])", "SELECT plait.winners('item', (%s::text[])[1]::plait.ulid, '{owner}')",
                      "SELECT plait.winners('item', (%s::text[])[2]::plait.ulid, '{owner}')", "SELECT * FROM plait.changes_since(NULL) WHERE %s <> '{}'"):
        said = bob.hears(statement, (entities,))
        assert "PLANNEDSTMT" in said and shown not in said and CANARY not in said, statement


def test_what_everybody_may_ask_tells_no_value(notes, role):
    nobody = role("nobody")
    told = dict(unseen(nobody))
    assert "permission_denied" in told["SELECT * FROM plait.verify(%(c)s)"] and "permission_denied" in told["SELECT * FROM plait.size(%(c)s)"]
    assert told["SELECT * FROM plait.changes(NULL)"] == ""
    cursor = notes.value("SELECT plait.cursor()") or notes.sql("CALL plait.advance()") or notes.value("SELECT plait.cursor()")
    assert nobody.hears("SELECT * FROM plait.changes(%s)", (cursor,)) == ""  # a cursor of others is no secret
    for table in notes.column("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'plait'::regnamespace AND relkind = 'r'"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            with nobody.connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {table}")


def test_a_table_that_is_gone_or_let_go(notes, bob):
    notes.sql("SELECT plait.untrack('note')")
    told = dict(unseen(bob))
    assert "permission_denied" in told["SELECT * FROM plait.history(%(c)s, %(key)s)"]
    notes.sql("DROP TABLE note; CREATE TABLE note (id int PRIMARY KEY, owner text, body text);"
              f"GRANT SELECT ON note TO {bob.name}")  # another table of that name
    unseen(bob)
