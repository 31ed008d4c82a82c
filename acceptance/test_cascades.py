# acceptance/test_cascades.py: foreign keys and the user's own triggers, nested as deep as they go.
import pytest

from acceptance.harness.agreement import Recorder
from acceptance.harness.sql_world import SqlWorld
from acceptance.model.world import Refused

FAMILY = """
    CREATE TABLE parent (id int PRIMARY KEY, name text);
    CREATE TABLE child  (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
    CREATE TABLE orphan (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE SET NULL);
    CREATE TABLE tree   (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE, name text);
"""
TRIGGERS = """
    CREATE TABLE deep (id int PRIMARY KEY, a int DEFAULT 0, b int DEFAULT 0, c int DEFAULT 0, note text);
    CREATE FUNCTION deepen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF    NEW.a <> OLD.a THEN UPDATE deep SET b = NEW.a + 1 WHERE id = NEW.id;
      ELSIF NEW.b <> OLD.b THEN UPDATE deep SET c = NEW.b + 1, note = 'deep ' || NEW.b WHERE id = NEW.id;
      ELSIF NEW.c <> OLD.c THEN UPDATE deep SET a = NEW.c WHERE id = NEW.id AND a + 2 = NEW.c AND false;
      END IF;
      RETURN NULL; END $$;
    CREATE TRIGGER aaa_deepen AFTER UPDATE ON deep FOR EACH ROW EXECUTE FUNCTION deepen();
"""


def recorder(world, table):
    world.track(table)
    return Recorder(world, table)


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


@pytest.fixture
def family(bare):
    bare.database.sql(FAMILY)
    recorders = {table: recorder(bare, table) for table in ("parent", "child", "orphan", "tree")}
    bare.database.sql("""INSERT INTO parent VALUES (1, 'a'), (2, 'b');
                         INSERT INTO child VALUES (11, 1), (12, 1), (21, 2);
                         INSERT INTO orphan VALUES (11, 1), (21, 2);
                         INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'x'), (3, 2, 'y'), (4, NULL, 'z')""")
    for table in recorders.values():
        table.news()
    return recorders


def test_cascading_delete_and_set_null(family):
    family["parent"].after("DELETE FROM parent WHERE id = 1")
    assert family["child"].news() == {11: [{"delete": True}], 12: [{"delete": True}]}
    assert family["orphan"].news() == {11: [{"set": {"parent": None}}]}


def test_cascading_key_change(family):
    family["orphan"].after("UPDATE orphan SET parent = NULL")
    assert family["parent"].after("UPDATE parent SET id = 5 WHERE id = 2") == {2: [{"set": {"id": 5}}]}
    assert family["child"].news() == {21: [{"set": {"parent": 5}}]}


def test_a_table_that_references_itself(family):
    assert family["tree"].after("DELETE FROM tree WHERE id = 1") == {
        1: [{"delete": True}], 2: [{"delete": True}], 3: [{"delete": True}]}


def test_truncate_cascades(family):
    family["parent"].after("TRUNCATE parent CASCADE")
    assert family["child"].news() == {i: [{"delete": True}] for i in (11, 12, 21)}
    assert family["orphan"].news() == {i: [{"delete": True}] for i in (11, 21)}


def test_triggers_three_deep_give_one_net_event(bare):
    bare.database.sql(TRIGGERS)
    deep = recorder(bare, "deep")
    deep.after("INSERT INTO deep (id) VALUES (1), (2)")
    assert deep.after("UPDATE deep SET a = 5 WHERE id = 1") == {
        1: [{"set": {"a": 5, "b": 6, "c": 7, "note": "deep 6"}}]}
    assert deep.after("UPDATE deep SET a = a + 1") == {
        1: [{"set": {"a": 6, "b": 7, "c": 8, "note": "deep 7"}}],
        2: [{"set": {"a": 1, "b": 2, "c": 3, "note": "deep 2"}}]}
    assert deep.after("BEGIN; UPDATE deep SET a = 9 WHERE id = 1; ROLLBACK") == {}


def test_a_row_trigger_that_undoes_the_change_leaves_no_event(bare):
    bare.database.sql("""
        CREATE TABLE undo (id int PRIMARY KEY, a int DEFAULT 0);
        CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN UPDATE undo SET a = OLD.a WHERE id = OLD.id; END IF;
          RETURN NULL; END $$;
        CREATE TRIGGER undo AFTER UPDATE ON undo FOR EACH ROW EXECUTE FUNCTION undo()""")
    undo = recorder(bare, "undo")
    undo.after("INSERT INTO undo VALUES (1)")
    assert undo.after("UPDATE undo SET a = 7") == {}


def test_a_row_trigger_that_deletes_or_moves_its_row(bare):
    bare.database.sql("""
        CREATE TABLE once (id int PRIMARY KEY, a int DEFAULT 0);
        CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.a = 13 THEN DELETE FROM once WHERE id = NEW.id;
          ELSIF NEW.a = 14 THEN INSERT INTO once VALUES (NEW.id + 100, 0) ON CONFLICT DO NOTHING;
          END IF; RETURN NULL; END $$;
        CREATE TRIGGER once AFTER INSERT OR UPDATE ON once FOR EACH ROW EXECUTE FUNCTION once()""")
    once = recorder(bare, "once")
    assert once.after("INSERT INTO once VALUES (1, 0), (2, 13), (3, 14)") == {
        1: [{"create": True}], 3: [{"create": True, "set": {"a": 14}}], 103: [{"create": True}]}
    assert once.after("UPDATE once SET a = 13 WHERE id = 1") == {1: [{"delete": True}]}


def test_a_before_trigger_rewrites_and_suppresses(bare):
    bare.database.sql("""
        CREATE TABLE neat (id int PRIMARY KEY, a text);
        CREATE FUNCTION neat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.a = 'no' THEN RETURN NULL; END IF; NEW.a := upper(NEW.a); RETURN NEW; END $$;
        CREATE TRIGGER neat BEFORE INSERT OR UPDATE ON neat FOR EACH ROW EXECUTE FUNCTION neat()""")
    neat = recorder(bare, "neat")
    assert neat.after("INSERT INTO neat VALUES (1, 'x'), (2, 'no')") == {1: [{"create": True, "set": {"a": "X"}}]}
    assert neat.after("UPDATE neat SET a = 'no'") == {}
    assert neat.after("UPDATE neat SET a = 'x'") == {}


def test_a_statement_trigger_that_writes_again(bare):
    bare.database.sql("""
        CREATE TABLE sum (id int PRIMARY KEY, a int DEFAULT 0);
        CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN UPDATE sum SET a = a + 1 WHERE id = 0; END IF; RETURN NULL; END $$;
        CREATE TRIGGER add AFTER UPDATE ON sum FOR EACH STATEMENT EXECUTE FUNCTION add()""")
    total = recorder(bare, "sum")
    total.after("INSERT INTO sum VALUES (0), (1)")
    assert total.after("UPDATE sum SET a = 5 WHERE id = 1") == {1: [{"set": {"a": 5}}], 0: [{"set": {"a": 1}}]}
    total.after("UPDATE sum SET a = 3")
    assert bare.database.sql("SELECT id, a FROM sum ORDER BY id") == [(0, 4), (1, 3)]


def test_a_trigger_writes_another_tracked_table(bare):
    bare.database.sql("""
        CREATE TABLE ledger (id int PRIMARY KEY, amount int);
        CREATE TABLE journal (id serial PRIMARY KEY, ledger int, amount int);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO journal (ledger, amount) VALUES (NEW.id, NEW.amount); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION note()""")
    ledger, journal = recorder(bare, "ledger"), recorder(bare, "journal")
    ledger.after("INSERT INTO ledger VALUES (1, 10), (2, 20)", "UPDATE ledger SET amount = amount + 1")
    assert journal.news() == {1: [{"create": True, "set": {"ledger": 1, "amount": 10}}],
                              2: [{"create": True, "set": {"ledger": 2, "amount": 20}}],
                              3: [{"create": True, "set": {"ledger": 1, "amount": 11}}],
                              4: [{"create": True, "set": {"ledger": 2, "amount": 21}}]}


def test_keys_shift_while_a_trigger_writes_the_same_table(bare):
    """Each row takes the key that the one before it in the heap left, in one statement with others inside it."""
    bare.database.sql("""
        CREATE TABLE chain (id int PRIMARY KEY, name text, n int DEFAULT 0);
        CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN UPDATE chain SET n = n + 1 WHERE id = NEW.id; END IF; RETURN NULL; END $$;
        CREATE TRIGGER count_up AFTER UPDATE ON chain FOR EACH ROW EXECUTE FUNCTION count_up()""")
    chain = recorder(bare, "chain")
    chain.after("INSERT INTO chain VALUES (4, 'd'), (3, 'c'), (2, 'b'), (1, 'a')")
    named = dict(bare.database.sql("SELECT name, plait.identity(t)::text FROM chain t"))
    for n in (1, 2, 3):
        found = chain.after("UPDATE chain SET id = id + 1")
        assert [operations[0]["set"]["n"] for operations in found.values()] == [n] * 4
        assert dict(bare.database.sql("SELECT name, plait.identity(t)::text FROM chain t")) == named


def test_a_statement_that_fails_leaves_nothing_under_way(bare):
    bare.database.sql("""
        CREATE TABLE frail (id int PRIMARY KEY, a int DEFAULT 0, b int DEFAULT 0);
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN
            UPDATE frail SET b = NEW.a WHERE id = NEW.id;
            IF NEW.a = 13 THEN RAISE 'not 13'; END IF;
          END IF; RETURN NULL; END $$;
        CREATE TRIGGER fail AFTER UPDATE ON frail FOR EACH ROW EXECUTE FUNCTION fail()""")
    frail = recorder(bare, "frail")
    frail.after("INSERT INTO frail VALUES (1), (2)")
    assert frail.after("""
        DO $$ BEGIN
          BEGIN UPDATE frail SET a = 13 WHERE id = 1; EXCEPTION WHEN raise_exception THEN NULL; END;
          UPDATE frail SET a = 7 WHERE id = 2; END $$""") == {2: [{"set": {"a": 7, "b": 7}}]}
    with pytest.raises(Refused):
        bare.database.sql("UPDATE frail SET a = 13")
    assert frail.after("UPDATE frail SET a = 8 WHERE id = 1") == {1: [{"set": {"a": 8, "b": 8}}]}


def test_a_block_that_fails_takes_only_its_own_changes(bare):
    bare.database.sql("""
        CREATE TABLE split (id int PRIMARY KEY, a int DEFAULT 0, b int DEFAULT 0);
        CREATE FUNCTION split() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;
          BEGIN UPDATE split SET b = b + 1 WHERE id = 2; EXCEPTION WHEN division_by_zero THEN NULL; END;
          BEGIN UPDATE split SET b = b / 0 WHERE id = 3; EXCEPTION WHEN division_by_zero THEN NULL; END;
          BEGIN UPDATE split SET b = 9 WHERE id = 3; PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN NULL; END;
          RETURN NULL; END $$;
        CREATE TRIGGER split AFTER UPDATE ON split FOR EACH ROW EXECUTE FUNCTION split()""")
    split = recorder(bare, "split")
    split.after("INSERT INTO split VALUES (1), (2), (3)")
    assert split.after("UPDATE split SET a = 5 WHERE id = 1") == {1: [{"set": {"a": 5}}], 2: [{"set": {"b": 1}}]}


def test_a_row_trigger_that_replaces_its_row_or_gives_its_key_on(bare):
    bare.database.sql("""
        CREATE TABLE heir (id int PRIMARY KEY, a int DEFAULT 0);
        CREATE FUNCTION replace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN
            DELETE FROM heir WHERE id = NEW.id;
            INSERT INTO heir VALUES (NEW.id, NEW.a + 1);
          END IF; RETURN NULL; END $$;
        CREATE FUNCTION inherit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN UPDATE heir SET id = OLD.id WHERE id = OLD.id + 10; END IF;
          RETURN NULL; END $$;
        CREATE TRIGGER replace AFTER UPDATE ON heir FOR EACH ROW EXECUTE FUNCTION replace();
        CREATE TRIGGER inherit AFTER DELETE ON heir FOR EACH ROW EXECUTE FUNCTION inherit()""")
    heir = recorder(bare, "heir")
    heir.after("INSERT INTO heir VALUES (1), (2), (12)")
    assert heir.after("UPDATE heir SET a = 5 WHERE id = 1") == {1: [{"set": {"a": 6}}]}
    assert heir.after("DELETE FROM heir WHERE id = 2") == {2: [{"delete": True}], 12: [{"set": {"id": 2}}]}
