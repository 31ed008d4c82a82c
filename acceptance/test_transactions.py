# acceptance/test_transactions.py: TX-01 to TX-07 through SQL: all or nothing, constraints, triggers, isolation.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.worker import together
from acceptance.model.canonical import canonical
from acceptance.model.event import EventMaker, wire_text
from acceptance.model.ulid import hlc_at, hlc_of, ulid_from_integer
from acceptance.scenarios import transactions
from acceptance.scenarios.promises import hold, refused


@pytest.mark.parametrize("scenario", transactions.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_transactions(world, scenario):
    scenario(world)


BREAKS = {  # TX-01, core 25: how a third event breaks, constraint, SQLSTATE
    "check": ("A@12 create n=-1", "rec_n_check", "23514"),
    "foreign key": ("A@12 create artist=nobody", "rec_artist_fkey", "23503"),
    "unique": ("A@12 create title=taken", "rec_title_key", "23505"),
    "not null": ("A@12 create title=null artist=a", None, "23502"),
}


@pytest.mark.parametrize("case", BREAKS)
def test_a_commit_is_kept_whole_or_not_at_all(world, case):
    third, constraint, sqlstate = BREAKS[case]
    world.database.sql("""CREATE TABLE artist (name text PRIMARY KEY); INSERT INTO artist VALUES ('a');
                          ALTER TABLE rec ADD UNIQUE (title), ADD FOREIGN KEY (artist) REFERENCES artist;
                          INSERT INTO rec VALUES (gen_random_uuid(), 'taken')""")
    if case == "not null":
        world.database.sql("ALTER TABLE rec ALTER title SET NOT NULL")
    one, two, three = (world.line() for _ in range(3))
    events = [three.event(third), one.event("A@10 create title=one"), two.event("A@11 create title=two")]
    error = refused(world, "constraint_violation", events)
    assert error.sqlstate in (sqlstate, "PL022") and error.hint
    assert constraint is None or error.constraint == constraint
    assert "/events/0" in error.where, "the index in the commit as it was sent"
    assert all(line.stored() == [] and line.row() is None for line in (one, two, three))
    assert world.commit(events[1:]) == ["accepted", "accepted"]
    for line in (one, two):
        hold(line)


def test_a_deferred_constraint_is_checked_by_the_commit(world):
    world.database.sql("ALTER TABLE rec ADD CONSTRAINT late UNIQUE (n) DEFERRABLE INITIALLY DEFERRED")
    one, two = world.line(), world.line()
    events = [one.event("A@10 create n=1"), two.event("A@11 create n=1")]
    error = refused(world, "constraint_violation", events)
    assert error.constraint == "late"
    assert one.stored() == two.stored() == []


@pytest.mark.parametrize("first, second", [("S", "E"), ("E", "S")])
def test_legal_apart_illegal_merged(world, first, second):  # TX-02
    world.database.sql("CREATE TABLE span (id uuid PRIMARY KEY, s int, e int, CONSTRAINT ordered CHECK (s <= e))")
    world.track("span")
    line = world.line("span")
    line.commit("A@10 create s=1 e=10")
    line.events("S@20(A) s=5", "E@30(A) e=3")
    line.commit(first)
    error = refused(line, "constraint_violation", second)
    assert error.constraint == "ordered"
    assert line.stored() == sorted(["A", first])
    hold(line)


def test_open_transactions_do_not_see_each_other(world):  # TX-05
    line, other = world.line(), world.line()
    line.commit("A@10 create title=a")
    left, right = (world.database.connect(autocommit=False) for _ in range(2))
    world.commit([line.event("B@20(A) title=b")], on=left)
    world.commit([other.event("X@20 create title=x")], on=right)
    for reader, sees in ((left, {"b"}), (right, {"a", "x"}), (world.database.main, {"a"})):
        assert set(world.database.column("SELECT title FROM rec", on=reader)) == sees
        heads = world.database.value("SELECT plait.head('rec', %s)::text[]", line.key, on=reader)
        assert line.names(heads) == ({"B"} if reader is left else {"A"})
    left.commit()
    right.rollback()
    assert line.row()["title"] == "b" and other.stored() == []
    hold(line)


def test_check_and_write_use_one_state_under_concurrency(world):  # TX-06
    world.database.sql("""
        CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN NEW.n := OLD.n + 1; RETURN NEW; END $$;
        CREATE TRIGGER count_up BEFORE UPDATE ON rec FOR EACH ROW EXECUTE FUNCTION count_up()""")
    line = world.line()
    line.commit("A@10 create title=a n=0")
    events = [line.event(f"W{i}@{20 + i}(A) title=w{i}") for i in range(50)]

    def writer(mine, on):
        return lambda: [world.commit([event], on=on) for event in mine]
    together(*[writer(events[i::10], world.database.connect()) for i in range(10)])
    row = line.row()
    late = sum(1 for event in world.stored_events(line) if "n" in event.operations.get("set", {})) - 1
    assert row["n"] == late, "one count for each write of the row, none lost"
    agrees(world, "rec")


def test_a_rewriting_trigger_and_a_default_give_follow_ups(world):  # TX-07
    world.database.sql("""
        ALTER TABLE rec ALTER artist SET DEFAULT 'of ' || current_user;
        CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN NEW.title := upper(NEW.title); RETURN NEW; END $$;
        CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON rec FOR EACH ROW EXECUTE FUNCTION shout()""")
    line = world.line()
    answer = commit_raw(world, line.event("A@10 create title=a"))
    assert line.row() == {"title": "A", "artist": "of postgres", "n": None}
    (follow_up,) = [event for event in world.stored_events(line) if event.id != line["A"].id]
    assert follow_up.parents == (line["A"].id,)
    assert follow_up.operations == {"set": {"title": "A", "artist": "of postgres"}}
    assert [told["id"] for told in answer["follow_ups"]] == [follow_up.id]
    assert answer["events"][0]["head"] in ([follow_up.id], [line["A"].id])
    edit = line.maker.make_at(hlc_of(follow_up.id) + 1, [follow_up.id], {"set": {"title": "b"}})
    commit_raw(world, edit)
    assert line.row()["title"] == "B"
    agrees(world, "rec")


def test_a_trigger_that_changes_the_key_gives_a_follow_up_of_the_same_entity(world):
    database = world.database
    database.sql("""
        CREATE TABLE seat (id int PRIMARY KEY, v text);
        CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.v = 'move' THEN UPDATE seat SET id = id + 100, v = 'moved' WHERE id = NEW.id; END IF; RETURN NULL; END $$;
        CREATE TRIGGER move AFTER INSERT OR UPDATE ON seat FOR EACH ROW EXECUTE FUNCTION move()""")
    world.track("seat")
    database.sql("INSERT INTO seat VALUES (1, 'stays')")
    head = database.value("SELECT plait.head('seat', '1')::text[]")
    update = EventMaker("seat", ulid_from_integer(1), world.rng).make_at(hlc_of(head[0]) + 1, head, {"set": {"v": "move"}})
    create = EventMaker("seat", ulid_from_integer(2), world.rng).make_at(hlc_at(10), [], {"create": True, "set": {"v": "move"}})
    assert world.commit([update]) == ["accepted"]
    assert world.commit([create]) == ["accepted"]
    assert database.sql("SELECT id, v FROM seat ORDER BY id") == [(101, "moved"), (102, "moved")]
    events = agrees(world, "seat")
    assert [event.operations for event in events[ulid_from_integer(1)]][2:] == [{"set": {"v": "moved", "id": 101}}]
    assert [event.operations for event in events[ulid_from_integer(2)]][1:] == [{"set": {"v": "moved", "id": 102}}]
    assert len(events) == 2


def commit_raw(world, event):
    return world.database.value("SELECT plait.commit(%s::jsonb)", wire_text([event]))


def test_a_trigger_that_lets_nothing_through_is_write_refused(world):
    world.database.sql("""
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN IF NEW.title = 'no' THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER no BEFORE INSERT OR UPDATE ON rec FOR EACH ROW EXECUTE FUNCTION no()""")
    line, other = world.line(), world.line()
    line.commit("A@10 create title=a")
    refused(line, "write_refused", "B@20(A) title=no")
    refused(other, "write_refused", "A@10 create title=no")
    assert line.stored() == ["A"] and other.stored() == []
    hold(line)


def test_row_triggers_three_deep_follow_a_commit(world):
    world.database.sql("""
        CREATE FUNCTION deepen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF pg_trigger_depth() = 1 THEN UPDATE rec SET n = coalesce(n, 0) + 1 WHERE id = NEW.id;
          ELSIF pg_trigger_depth() = 2 THEN UPDATE rec SET artist = 'depth ' || NEW.n WHERE id = NEW.id;
          END IF; RETURN NULL; END $$;
        CREATE TRIGGER deepen AFTER UPDATE ON rec FOR EACH ROW EXECUTE FUNCTION deepen()""")
    line = world.line()
    line.commit("A@10 create title=a")
    line.commit("B@20(A) title=b")
    assert line.row() == {"title": "b", "artist": "depth 1", "n": 1}
    (follow_up,) = [event for event in world.stored_events(line) if event.id not in line.ids({"A", "B"})]
    assert follow_up.parents == (line["B"].id,)
    assert follow_up.operations == {"set": {"artist": "depth 1", "n": 1}}
    agrees(world, "rec")


def test_a_reference_to_an_entity_is_resolved_by_a_follow_up(world):
    world.database.sql("""CREATE TABLE author (id serial PRIMARY KEY, name text);
                          CREATE TABLE book (id uuid PRIMARY KEY, author int REFERENCES author, title text)""")
    world.track("author")
    world.track("book")
    maker = EventMaker("author", None, world.rng)
    author = maker.make_at(hlc_at(10), [], {"create": True, "set": {"name": "Woolf"}})
    book = world.line("book")
    event = book.maker.make_at(hlc_at(11), [], {"create": True, "set": {
        "title": "Orlando", "author": {"ref": author.id}}})
    assert world.commit([event, author]) == ["accepted", "accepted"]
    number = world.database.value("SELECT id FROM author")
    assert world.database.value("SELECT author FROM book") == number
    stored = world.stored_events(book)
    assert stored[0].operations["set"]["author"] == {"ref": author.id}
    assert stored[1].operations == {"set": {"author": number}}
    assert world.commit([event, author]) == ["known", "known"]
    assert not world.verify()


def test_expect_head(world):
    line = world.line()
    line.commit("A@10 create title=a")
    line.commit("B@20(A) title=b")
    stale, fresh = line.event("C@30(A) title=c"), line.event("D@40(B) title=d")
    with pytest.raises(Exception) as caught:
        world.database.sql("SELECT plait.commit(%s::jsonb)", canonical([{**stale.wire(), "expect_head": True}]))
    assert caught.value.code == "head_moved" and caught.value.hint
    assert line.stored() == ["A", "B"]
    world.database.sql("SELECT plait.commit(%s::jsonb)", canonical([{**fresh.wire(), "expect_head": True}]))
    assert line.head() == {"D"}
    hold(line)
