# acceptance/test_key_change.py: the primary key of a tracked table changes: with clients away and connected, through a
# dump, and at random against the naive merge.
import pytest

from acceptance.harness.agreement import agrees, events_by_entity
from acceptance.harness.live import catches_up
from acceptance.harness.sql_world import COLUMNS, SqlWorld
from acceptance.harness.waiting import until
from acceptance.model import merge, ulid
from acceptance.model.world import Refused
from acceptance.test_dump import copy

NUMBERED = """ALTER TABLE rec ADD number int GENERATED ALWAYS AS IDENTITY, DROP CONSTRAINT rec_pkey,
              ADD PRIMARY KEY (number)"""


def look_again(world, table):
    """The columns and the key as they are now."""
    found = world.database.sql(COLUMNS, table)
    world.columns[table] = found
    world.initials[table] = {name: world._initial(constant, type_name, category)
                             for name, key, type_name, category, constant in found if not key}


def test_what_clients_wrote_before_lands(world):
    database = world.database
    line, dead = world.line(), world.line()
    line.commit("A@10 create title=a")
    dead.commit_each("A@10 create title=a n=3", "B@20(A) del")
    late, on_dead, again = line.event("C@30(A) title=late"), dead.event("C@30(A) n=7"), dead.event("D@40(B) create title=again")
    database.sql(NUMBERED)
    assert world.commit([late, on_dead]) == ["accepted", "accepted"]
    assert database.sql("SELECT id::text, title FROM rec") == [(line.key, "late")]
    # The head of the dead one has two events, and keeps them without a key.
    database.sql("ALTER TABLE rec DROP CONSTRAINT rec_pkey, ADD PRIMARY KEY (number, id)")
    assert world.verify() == []
    # The dead one has its old key again, which its id no longer says, and a new one as any row.
    assert world.commit([again]) == ["accepted"]
    assert database.sql("SELECT number, id::text, title, n FROM rec WHERE number > 1") == [(2, dead.key, "again", 7)]
    assert database.column("SELECT plait.identity(rec)::text FROM rec ORDER BY number") == [line.entity, dead.entity]
    look_again(world, "rec")
    agrees(world, "rec")


def test_a_create_by_the_old_key_is_refused_or_whole(world):
    database = world.database
    database.sql("CREATE TABLE num (id int PRIMARY KEY, code text NOT NULL UNIQUE, n int)")
    world.track("num")
    written = world.line("num", ulid.ulid_from_integer(7)).event('A@10 create code="seven" n=1')
    by_uuid = world.line("rec").event("A@10 create title=a")
    database.sql("ALTER TABLE num DROP CONSTRAINT num_pkey, ADD PRIMARY KEY (code);" + NUMBERED)
    with pytest.raises(Refused) as caught:
        world.commit([written])
    assert caught.value.code == "bad_entity" and caught.value.hint
    # What the id said is said no longer: the column is as NOT NULL as it was.
    with pytest.raises(Refused) as caught:
        world.commit([by_uuid])
    assert caught.value.code == "constraint_violation"
    database.sql("ALTER TABLE rec ALTER id DROP NOT NULL")
    assert world.commit([by_uuid]) == ["accepted"]
    look_again(world, "num")
    look_again(world, "rec")
    agrees(world, "num")
    agrees(world, "rec")


@pytest.mark.parametrize("key", ["name", "age, id"])
def test_clients_get_the_rows_again(people, key):
    database, client = people.database, people.client
    database.sql("ALTER TABLE dog ALTER name SET NOT NULL, ALTER age SET NOT NULL;"
                 "INSERT INTO dog VALUES (1, 'Rex', 7), (2, 'Fido', 3)")
    watch = client.watch("dog where age < 40")
    catches_up(client, watch, database)
    entities, held, cursor = set(watch.rows), dict(watch.rows), client.cursor
    database.sql(f"ALTER TABLE dog DROP CONSTRAINT dog_pkey, ADD PRIMARY KEY ({key})")

    def told():
        return [frame["schema"]["collections"][0]["key"] for frame in client.frames if frame["type"] == "schema"]
    client.wait(lambda: told() == [key.split(", ")], "the schema with the new key")
    catches_up(client, watch, database)
    assert set(watch.rows) == entities
    database.sql("UPDATE dog SET age = 8 WHERE id = 1; UPDATE dog SET name = 'Bello' WHERE id = 2; INSERT INTO dog VALUES (3, 'Lassie', 1)")
    catches_up(client, watch, database)
    # Who was away: every row that he holds has its new key.
    again = people.gateway.client()
    resumed = again.await_live(again.begin_watch("dog where age < 40", cursor=cursor, rows=held))
    catches_up(again, resumed, database)
    event = people.line("dog", ulid.ulid_from_integer(2))
    head = watch.rows[event.entity]["head"]
    made = event.maker.make_at(ulid.hlc_of(head[0]) + 1, head, {"set": {"age": 5}})
    answer = client.commit([made])
    assert answer["events"][0]["key"] == watch.rows[event.entity]["key"] or key == "age, id"
    client.await_covered(answer)
    catches_up(client, watch, database)


def test_a_key_without_values_of_its_own_is_told_too(people):
    """From one key in plait.entity to another no value changes: followers learn of it all the same."""
    database, client = people.database, people.client
    database.sql("INSERT INTO dog VALUES (1, 'Rex', 7);"
                 "ALTER TABLE dog DROP CONSTRAINT dog_pkey, ADD PRIMARY KEY (name)")
    watch = until(lambda: client.watch("dog"), "the new key is known")
    client.wait(lambda: [row["key"] for row in watch.rows.values()] == ["Rex"], "the row with its key")
    held, cursor = dict(watch.rows), client.cursor
    client.close()
    database.sql("ALTER TABLE dog DROP CONSTRAINT dog_pkey, ADD PRIMARY KEY (name, id)")
    # The gateway knows the new key by itself; what its reader missed is in the feed.
    until(lambda: people.gateway.client().welcome["schema"]["collections"][0]["key"] == ["name", "id"], "the new key is known")
    again = people.gateway.client()
    resumed = again.await_live(again.begin_watch("dog", cursor=cursor, rows=held))
    catches_up(again, resumed, database)
    assert [row["key"] for row in resumed.rows.values()] == ['["Rex","1"]']


def test_a_changed_key_is_dumped_and_restored(world, new_database, tmp_path):
    line, dead = world.line(), world.line()
    line.commit("A@10 create title=a", "B@20(A) title=b", "C@30(A) artist=c")
    dead.commit("A@10 create title=a", "B@20(A) n=1", "C@30(A) del")
    before = world.database
    before.sql(NUMBERED)
    world.database = copy(before, tmp_path, new_database, "p")
    query = "SELECT entity::text, key::text, head FROM plait.entity ORDER BY 1"
    assert world.database.sql(query) == before.sql(query) != []
    world.commit([line.event("D@50(C) artist=late")])
    world.commit([dead.event("D@50(B,C) create")])
    world.database.sql("ALTER TABLE rec DROP CONSTRAINT rec_pkey, ADD PRIMARY KEY (id)")
    world.database.sql("SET TimeZone = 'UTC'")
    look_again(world, "rec")
    assert len(agrees(world, "rec")) == 2
    assert world.database.sql("SELECT id::text, artist FROM rec WHERE plait.identity(rec) = %s::plait.ulid", line.entity) == [
        (line.key, "late")]


def test_a_table_that_is_being_tracked_keeps_its_key(new_database):
    database = new_database()
    database.sql("CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL); INSERT INTO t SELECT n, n FROM generate_series(1, 10) n")
    blocker = database.connect(autocommit=False)
    database.sql("SELECT FROM t WHERE id = 1 FOR UPDATE", on=blocker)
    database.sql("SET statement_timeout = 1500")
    with pytest.raises(Refused):
        database.sql("CALL plait.track_concurrently('t')")
    blocker.rollback()
    database.sql("RESET statement_timeout")
    for change in ("DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (code)", "ALTER id TYPE text USING id || 'x'"):
        with pytest.raises(Refused) as caught:
            database.sql(f"ALTER TABLE t {change}")
        assert caught.value.code == "being_tracked" and caught.value.hint
    database.sql("ALTER TABLE t ALTER id TYPE bigint")
    database.sql("CALL plait.track_concurrently('t')")
    database.sql("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (code)")
    assert database.verify() == []


def test_a_scan_that_was_in_the_middle_of_the_table_moves_no_identity(new_database):
    """A sequential scan of a large table joins another one where that is, and a rewrite begins there too."""
    database = new_database()
    database.sql("CREATE TABLE wide (id int PRIMARY KEY, filler text DEFAULT repeat('x', 400)) WITH (fillfactor = 10);"
                 "INSERT INTO wide SELECT n FROM generate_series(1, 6000) n; SELECT plait.track('wide')")
    assert database.value("SELECT pg_relation_size('wide') > pg_size_bytes(current_setting('shared_buffers')) / 4")
    reader = database.connect(autocommit=False)
    database.sql("DECLARE half CURSOR FOR SELECT id FROM wide", on=reader)
    (last,) = database.sql("FETCH ABSOLUTE 3000 FROM half", on=reader)[-1]
    assert last == 3000
    reader.commit()
    assert database.value("SELECT id FROM wide LIMIT 1") > 1, "scans begin where the last one was"
    database.sql("ALTER TABLE wide ALTER id TYPE int USING -id")
    assert database.value("SELECT count(*) FROM wide WHERE plait.identity(wide) <> lpad(to_hex(-id), 32, '0')::uuid::plait.ulid") == 0
    assert database.value("SHOW synchronize_seqscans") == "on" and database.verify() == []


KEYS = ["a", "b", "tag", "a, b", "b, a", "tag, a", "u"]
TYPES = ["int", "bigint", "text", "numeric", "varchar(20)"]


class Changes:
    """Random statements on t. A row's tag is its for as long as it lives, so it tells whether the entity stayed itself."""

    def __init__(self, world):
        self.world, self.rng, self.last = world, world.rng, 0

    def sql(self, text):
        self.world.database.sql(text)

    def number(self):
        self.last += 1
        return self.last

    def insert(self):
        self.sql(f"INSERT INTO t (tag, a, b, n) VALUES ('t{self.number()}', '{self.number()}', 'b{self.number()}', 1)")

    def again(self):
        """A key that was another's may be taken."""
        self.sql(f"INSERT INTO t (tag, a, b, n) VALUES ('t{self.number()}', '{self.rng.randint(1, self.last)}', "
                 f"'b{self.rng.randint(1, self.last)}', 2) ON CONFLICT DO NOTHING")

    def update(self):
        self.sql("UPDATE t SET n = coalesce(n, 0) + 1 WHERE random() < 0.5")

    def move(self):
        self.sql(f"UPDATE t SET a = '{self.number()}', b = 'b{self.number()}' WHERE tag = (SELECT tag FROM t ORDER BY random() LIMIT 1)")

    def delete(self):
        self.sql("DELETE FROM t WHERE tag = (SELECT tag FROM t ORDER BY random() LIMIT 1)")

    def rekey(self):
        more = self.rng.choice(["", ", ADD x uuid DEFAULT gen_random_uuid()"])
        self.sql(f"ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY ({self.rng.choice(KEYS)}){more}")
        self.sql("ALTER TABLE t DROP COLUMN IF EXISTS x")

    def retype(self):
        using = self.rng.choice(["a::text::{0}", "(a::text::numeric + 1000)::{0}"])
        kind = self.rng.choice(TYPES)
        self.last += 1000
        self.sql(f"ALTER TABLE t ALTER a TYPE {kind} USING {using.format(kind)}")

    def untracked(self):
        self.sql("SELECT plait.untrack('t')")
        self.rng.choice([self.rekey, self.update, self.delete])()
        self.rng.choice([self.rekey, self.insert])()
        self.sql("SELECT plait.track('t')")

    def any(self):
        steps = [self.insert, self.again, self.update, self.move, self.delete, self.rekey, self.rekey, self.retype, self.untracked]
        self.rng.choice(steps)()


def same_as_merged(world):
    """Rows as text = the naive merge of their events as text, for types change; but what ids still say."""
    rows = world.database.records("SELECT plait.identity(t)::text AS entity, tag, a::text, b, u::text, n::text FROM t")
    said = world.database.column("SELECT p.name FROM plait.property p JOIN plait.collection ON number = collection"
                                 " WHERE key_position IS NOT NULL AND naming <> 'genesis'")
    events = events_by_entity(world, "t")
    alive = set()
    for entity, told in events.items():
        initial = {name: None for event in told for name in event.operations.get("set", {})}
        state = merge.fold(told, initial)
        if not state.alive:
            continue
        alive.add(entity)
        (row,) = [row for row in rows if row["entity"] == entity]
        for name in {"tag", "a", "b", "u", "n"} - set(said):
            value = state.values.get(name)
            assert row[name] == (None if value is None else str(value)), (entity, name, row, told)
    assert alive == {row["entity"] for row in rows}


@pytest.mark.parametrize("key", ["a", "u", "b"])
def test_entities_stay_themselves(new_database, rng, key):
    database = new_database()
    world = SqlWorld(database, rng, fixtures=False)
    database.sql(f"""SELECT setseed({rng.random()});
        CREATE TABLE t (tag text NOT NULL, a int NOT NULL, b text NOT NULL, u uuid NOT NULL DEFAULT gen_random_uuid(), n int,
                        PRIMARY KEY ({key}));
        ALTER TABLE t ADD UNIQUE (tag), ADD UNIQUE (a), ADD UNIQUE (b), ADD UNIQUE (u)""")  # CREATE TABLE would leave out the key's
    world.track("t")
    changes, entities = Changes(world), {}
    for _ in range(5):
        changes.insert()
    for _ in range(40):
        changes.any()
        now = dict(database.sql("SELECT tag, plait.identity(t)::text FROM t"))
        assert len(set(now.values())) == len(now) and None not in now.values()
        assert {tag: now[tag] for tag in entities if tag in now} == {tag: entities[tag] for tag in entities if tag in now}
        entities = now
        assert world.verify() == []
        same_as_merged(world)
        keys = database.sql("SELECT s.key, plait.head('t', s.key) = s.head FROM t, LATERAL plait.snapshot(t) s")
        assert len(keys) == len(now) and all(is_head for _, is_head in keys)
