# acceptance/test_track.py: what plait.track takes, what it refuses and how it says so; names for life.
import pytest

from acceptance.harness.agreement import Recorder, agrees
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker
from acceptance.model.world import Refused

REFUSED = {
    "no primary key": ("CREATE TABLE t (id int)", "not_trackable"),
    "deferrable key": ("CREATE TABLE t (id int PRIMARY KEY DEFERRABLE)", "not_trackable"),
    "unlogged": ("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "not_trackable"),
    "temporary": ("CREATE TEMP TABLE t (id int PRIMARY KEY)", "not_trackable"),
    "view": ("CREATE VIEW t AS SELECT 1 AS id", "not_trackable"),
    "materialized view": ("CREATE MATERIALIZED VIEW t AS SELECT 1 AS id", "not_trackable"),
    "inheritance child": ("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (PRIMARY KEY (id)) INHERITS (p)",
                          "not_trackable"),
    "inheritance parent": ("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c () INHERITS (t)",
                           "not_trackable"),
    "partitioned without a key": ("CREATE TABLE t (id int) PARTITION BY RANGE (id)", "not_trackable"),
    "partition": ("CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);"
                  "CREATE TABLE t PARTITION OF p DEFAULT", "not_trackable"),
    "unlogged partition": ("CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);"
                           "CREATE UNLOGGED TABLE f PARTITION OF t DEFAULT", "not_trackable"),
    "interval key": ("CREATE TABLE t (id interval PRIMARY KEY)", "not_trackable"),
    "collation that folds": ("CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', "
                             "deterministic = false); CREATE TABLE t (id text COLLATE folds PRIMARY KEY)",
                             "not_trackable"),
}


@pytest.fixture
def bare(database, rng):
    return SqlWorld(database, rng, fixtures=False)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_tracked_is_refused_with_reason_and_hint(bare, case):
    create, code = REFUSED[case]
    bare.database.sql(create)
    with pytest.raises(Refused) as caught:
        bare.database.sql("SELECT plait.track('t')")
    assert caught.value.code == code and caught.value.hint and caught.value.what
    assert bare.database.value("SELECT count(*) FROM plait.collection") == 0


@pytest.mark.parametrize("table", ["t", "leaf"])
def test_a_subscription_may_not_write_what_is_tracked(new_database, table):
    """Logical replication fires row triggers alone."""
    publisher, database = new_database(extension=False), new_database()
    tables = "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE leaf PARTITION OF t DEFAULT"
    publisher.sql(f"CREATE TABLE {table} (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE {table}")
    database.sql(f"{tables}; SELECT plait.track('t')")
    subscribe = (f"CREATE SUBSCRIPTION s CONNECTION '{publisher.cluster.dsn(publisher.name)}' PUBLICATION p"
                 " WITH (create_slot = false, enabled = false, slot_name = NONE)")

    def refused(sql):
        with pytest.raises(Refused) as caught:
            database.sql(sql)
        assert caught.value.code == "not_trackable" and "subscription" in caught.value.what

    refused(subscribe)
    assert database.value("SELECT count(*) FROM pg_subscription_rel") == 0
    database.sql("SELECT plait.untrack('t')")
    database.sql(subscribe)
    refused("SELECT plait.track('t')")
    database.sql("DROP SUBSCRIPTION s")
    # Who tracks it while the subscription is not committed yet waits, and is told.
    other = database.connect(autocommit=False)
    database.sql(subscribe, on=other)
    tracking = database.connect()
    worker = Worker(lambda: database.sql("SELECT plait.track('t')", on=tracking))
    worker.start()
    until(lambda: not worker.is_alive() or database.value(
        "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", tracking.info.backend_pid), "it waits")
    other.commit()
    with pytest.raises(Refused) as caught:
        worker.finish()
    assert caught.value.code == "not_trackable"
    database.sql("DROP SUBSCRIPTION s")
    assert database.value("SELECT plait.track('t')") == "t"
    database.sql("INSERT INTO t VALUES (1)")
    assert database.sql("SELECT * FROM plait.verify()") == []


def test_catalogues_are_not_trackable(bare):
    for table in ("pg_catalog.pg_class", "plait.event", "information_schema.sql_features"):
        with pytest.raises(Refused) as caught:
            bare.database.sql("SELECT plait.track(%s::regclass)", table)
        assert caught.value.code in ("not_trackable", "permission_denied")


def test_only_the_owner_tracks(bare):
    bare.database.sql("CREATE TABLE t (id int PRIMARY KEY)")
    bare.database.sql("CREATE ROLE track_stranger LOGIN")
    try:
        stranger = bare.database.connect("track_stranger")
        with pytest.raises(Refused) as caught:
            bare.database.sql("SELECT plait.track('public.t')", on=stranger)
        assert caught.value.sqlstate == "42501" or caught.value.code == "permission_denied"
        stranger.close()
    finally:
        bare.database.sql("DROP ROLE track_stranger")


def test_nobody_has_rights_on_plaits_tables(world):
    rights = world.database.sql("""
        SELECT c.relname, p.privilege_type
          FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) p
         WHERE c.relnamespace = 'plait'::regnamespace AND c.relkind IN ('r', 'S') AND p.grantee <> c.relowner""")
    assert rights == []
    assert world.database.value("""SELECT count(*) FROM pg_proc WHERE prosecdef
                                    AND pronamespace = 'plait'::regnamespace""") == 0


def test_the_name_is_the_tables_or_the_one_given(bare):
    bare.database.sql("CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY)")
    assert bare.database.value("SELECT plait.track('t')") == "t"
    assert bare.database.value("SELECT plait.track('s.t', name => 'other')") == "other"
    assert bare.database.column("SELECT name FROM plait.collection ORDER BY 1") == ["other", "t"]


def test_a_name_is_never_given_twice(bare):
    bare.database.sql("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)")
    bare.database.sql("SELECT plait.track('t')")
    for attempt in ("SELECT plait.track('u', name => 't')",
                    "SELECT plait.untrack('t'); SELECT plait.track('u', name => 't')",
                    "DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY); SELECT plait.track('t')"):
        with pytest.raises(Refused) as caught:
            bare.database.sql(attempt)
        assert caught.value.code == "collection_exists" and caught.value.hint


def test_a_renamed_table_keeps_its_collection(bare):
    bare.database.sql("CREATE TABLE t (id int PRIMARY KEY, v int)")
    bare.database.sql("SELECT plait.track('t')")
    bare.database.sql("ALTER TABLE t RENAME TO renamed; INSERT INTO renamed VALUES (1, 1)")
    assert bare.database.value("SELECT cardinality(plait.head('t', '1'))") == 1
    assert [event.operations for event in bare.events_of("t")] == [{"create": True, "set": {"v": 1}}]


def test_tracking_again_resumes_with_the_differences(bare):
    bare.database.sql("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")
    bare.track("t")
    recorder = Recorder(bare, "t")
    bare.database.sql("SELECT plait.untrack('t')")
    bare.database.sql("UPDATE t SET v = 20 WHERE id = 2; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (4, 4)")
    assert len(bare.events_of("t")) == 3
    bare.database.sql("SELECT plait.track('t')")
    assert recorder.news() == {2: [{"set": {"v": 20}}], 3: [{"delete": True}],
                               4: [{"create": True, "set": {"v": 4}}]}
    assert recorder.after("UPDATE t SET v = 5 WHERE id = 4") == {4: [{"set": {"v": 5}}]}


def test_initial_values_are_the_constant_defaults(bare):
    bare.database.sql("""CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 7, b text DEFAULT 'x', c timestamptz
                         DEFAULT now(), d numeric DEFAULT 1.50, e int, f bool DEFAULT true, g jsonb DEFAULT '{}')""")
    bare.track("t")
    told = dict(bare.database.sql("SELECT name, initial FROM plait.property WHERE key_position IS NULL"))
    assert told == {"a": 7, "b": "x", "c": None, "d": "1.50", "e": None, "f": True, "g": {}}
    bare.database.sql("INSERT INTO t (id, c) VALUES (1, NULL)")
    assert [event.operations for event in bare.events_of("t")] == [{"create": True}]
    bare.database.sql("ALTER TABLE t ALTER a SET DEFAULT 8; INSERT INTO t (id, c) VALUES (2, NULL)")
    assert bare.events_of("t")[-1].operations == {"create": True, "set": {"a": 8}}
    agrees(bare, "t")


def test_column_names_that_need_quotes(bare):
    bare.database.sql("""CREATE TABLE "Odd ""name" (id int PRIMARY KEY, "order" int, "ä 😀" text, "a.b" int)""")
    assert bare.database.value("""SELECT plait.track('"Odd ""name"')""") == 'Odd "name'
    bare.database.sql("""INSERT INTO "Odd ""name" VALUES (1, 2, 'x', 3); UPDATE "Odd ""name" SET "order" = 4""")
    assert [event.operations for event in bare.events_of('Odd "name')] == [
        {"create": True, "set": {"order": 2, "ä 😀": "x", "a.b": 3}}, {"set": {"order": 4}}]
    assert not bare.verify()
