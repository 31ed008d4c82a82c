# acceptance/test_dump.py: pg_dump and restore into a new database: history goes on, old cursors do not.
import psycopg2
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.database import Database
from acceptance.harness.feed import stored_xids
from acceptance.harness.waiting import until
from acceptance.model.world import Refused
from acceptance.scenarios.promises import hold


def filled(world):
    """Exceptions and all: text keys, a moved key, a dead entity, a head of two, a multi-tick feed."""
    database = world.database
    database.sql("CREATE TABLE word (word text PRIMARY KEY, n int); CREATE TABLE num (id int PRIMARY KEY, n int)")
    world.track("word")
    world.track("num")
    database.sql("INSERT INTO word VALUES ('a', 1), ('b', 2); UPDATE word SET word = 'c' WHERE word = 'b';"
                 "INSERT INTO num VALUES (1, 1), (2, 2), (3, 3); DELETE FROM num WHERE id = 2")
    database.sql("CALL plait.advance()")
    database.sql("""SET plait.context = '{"correlation_id":"42"}'; UPDATE num SET id = 7 WHERE id = 3;
                    RESET plait.context""")
    line = world.line()
    line.commit("A@10 create title=a", "B@20(A) title=b", "C@30(A) artist=c")
    dead = world.line()
    dead.commit("A@10 create title=a", "D@20(A) del")
    database.sql("CALL plait.advance()")
    return line, dead


def copy(database, tmp_path, new_database, form):
    target = new_database(extension=False)
    path = str(tmp_path / f"dump.{form}")
    database.cluster.tool("pg_dump", "-F", form, "-f", path, database.name)
    if form == "p":
        database.cluster.tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", target.name, "-f", path)
    else:
        database.cluster.tool("pg_restore", "-e", "-d", target.name, path)
    return target


@pytest.mark.parametrize("form", ["p", "c"])
def test_a_restored_database_goes_on(world, new_database, tmp_path, rng, form):  # core 15, SQL's part
    line, dead = filled(world)
    before, cursor = world.database, world.database.value("SELECT plait.cursor()")
    target = copy(before, tmp_path, new_database, form)
    world.database = target
    target.sql("SET TimeZone = 'UTC'")
    for table in ("rec", "word", "num"):
        assert len(agrees(world, table)) == before.value(
            "SELECT count(DISTINCT entity) FROM plait.event JOIN plait.collection c ON number = collection"
            " WHERE c.name = %s", table)
    for query in ("SELECT name, table_name, naming FROM plait.collection ORDER BY number",
                  "SELECT collection, name, column_name, merge, initial::text FROM plait.property ORDER BY 1, 2",
                  "SELECT entity::text, key::text, head FROM plait.entity ORDER BY 1",
                  "SELECT id::text, operations::text, actor FROM plait.history('num', '7')",
                  "SELECT plait.head('rec', '%s')::text[]" % line.key):
        assert target.sql(query) == before.sql(query), query
    with pytest.raises(Refused) as caught:
        target.sql("SELECT * FROM plait.changes(%s)", cursor)
    assert caught.value.code == "cursor_unknown" and caught.value.hint
    write_on(world, line, dead)
    read_all(target)
    with pytest.raises(Refused) as caught:  # also now that the new life has ticks of its own
        target.sql("SELECT * FROM plait.changes(%s)", cursor)
    assert caught.value.code == "cursor_unknown"


def write_on(world, line, dead):
    """New writes extend the old DAG."""
    target = world.database
    head = world.head_ids(line)
    target.sql("UPDATE rec SET n = 5 WHERE id = %s", line.key)
    assert world.stored_events(line)[-1].parents == tuple(head)
    hold(line)
    line.maker.remember("E", line.maker.make_at(line["B"].hlc + 1, [line["B"].id], {"set": {"title": "late"}}))
    line.commit("E")
    assert line.row() == {"title": "late", "artist": "c", "n": 5}
    target.sql("INSERT INTO rec VALUES (%s, 'back'); INSERT INTO word VALUES ('b', 9)", dead.key)
    assert world.stored_events(dead)[-1].parents == (dead["D"].id,)
    target.sql("DELETE FROM num; INSERT INTO num VALUES (2, 9), (3, 9), (7, 9)")
    for table in ("rec", "word", "num"):
        agrees(world, table)
    target.sql("""SET request.jwt.claims = '{"sub":"who came later"}'; UPDATE num SET n = 3 WHERE id = 3;
                  RESET request.jwt.claims""")
    actors = target.column("SELECT actor ->> 'subject' FROM plait.history('num', '3')")
    assert actors[-1] == "who came later" and set(actors[:-1]) == {None}
    origins = target.value("SELECT count(DISTINCT origin) FROM plait.event")
    assert origins >= 3, "the new life writes as a node of its own"
    assert target.value("SELECT count(*) FROM plait.node WHERE era IS NOT NULL") == 2


def read_all(target):
    """A reader of the new life gets everything, the older lives' events in its first tick."""
    target.sql("CALL plait.advance()")
    rows = target.records("SELECT cursor, id::text, parents::text[], xid::text FROM plait.changes(NULL, 1000)")
    stored = stored_xids(target)
    assert {row["id"] for row in rows} == set(stored) and len(rows) == len(stored)
    seen = set()
    for row in rows:
        assert set(row["parents"]) <= seen
        seen.add(row["id"])
    target.sql("UPDATE num SET n = 10 WHERE id = 7")
    target.sql("CALL plait.advance()")
    more = target.records("SELECT cursor, id::text, parents::text[], xid::text FROM plait.changes(%s)",
                          rows[-1]["cursor"])
    assert len(more) == 1
    after = [row for row in rows if row["cursor"] != rows[0]["cursor"]] + more
    assert [int(row["cursor"].split(".")[0]) for row in after] == sorted(
        int(row["cursor"].split(".")[0]) for row in after)


def test_a_dump_comes_over_what_is_there_once_the_extension_is_gone(world, tmp_path):
    filled(world)
    database, path = world.database, str(tmp_path / "dump")
    history = "SELECT id::text, operations::text FROM plait.history('num', '1') ORDER BY id"
    database.cluster.tool("pg_dump", "-Fc", "-f", path, database.name)
    dumped = database.sql(history)
    database.sql("UPDATE num SET n = 2; INSERT INTO num VALUES (8, 8)")

    def restore(*options):
        database.cluster.tool("pg_restore", "--clean", "--if-exists", *options, "-d", database.name, path)
    with pytest.raises(RuntimeError, match="code: "):  # the first thing that it drops and may not
        restore("--single-transaction")
    assert len(database.sql(history)) == len(dumped) + 1 and database.verify() == []
    with pytest.raises(RuntimeError, match="(?s)history_exists.*errors ignored on restore"):
        restore()
    with pytest.raises(Refused):  # a table with triggers that is no collection
        database.sql("INSERT INTO num VALUES (9, 9)")
    database.sql("DROP EXTENSION plait CASCADE")
    restore("--exit-on-error")
    database.sql("SET TimeZone = 'UTC'")
    assert database.sql(history) == dumped
    for table in ("rec", "word", "num"):
        agrees(world, table)


def test_a_template_copy_is_another_life(world, new_database, rng):
    line, _ = filled(world)
    cursor = world.database.value("SELECT plait.cursor()")
    name = world.database.name + "_copy"
    for connection in world.database.connections:
        connection.close()
    cluster = world.database.cluster
    admin = cluster.connect()
    until(lambda: _created(admin, name, world.database.name), "nobody is connected to the template")
    try:
        copied = Database(cluster, name, extension=False)
        world.database = copied
        with pytest.raises(Refused) as caught:
            copied.sql("SELECT * FROM plait.changes(%s)", cursor)
        assert caught.value.code == "cursor_unknown"
        copied.sql("UPDATE rec SET n = 5 WHERE id = %s", line.key)
        hold(line)
        copied.drop()
    finally:
        admin.close()


def _created(admin, name, template):
    try:
        admin.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return True
    except psycopg2.errors.ObjectInUse:
        return False


def test_a_table_alone_can_be_dumped(world):
    filled(world)
    text = world.database.cluster.tool("pg_dump", "-t", "rec", world.database.name)
    assert "CREATE TABLE public.rec" in text
