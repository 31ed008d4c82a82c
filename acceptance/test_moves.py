# acceptance/test_moves.py: a database that moves to another cluster begins another life, whatever transaction ids are there.
import pytest

from acceptance.harness.database import Database
from acceptance.harness.gateway import Gateway
from acceptance.harness.plait import Watch
from acceptance.harness.replica import Replica, follows, refused

TABLE = "CREATE TABLE log (id int PRIMARY KEY, v int, w text); SELECT plait.track('log')"
HIGH = {"epoch": 1, "next_xid": 100_007_936}


@pytest.fixture
def cluster(durable_cluster):
    """No machine dies here: no fsync. The worker would hold up what wants a database for itself."""
    return lambda: durable_cluster(fsync="off", **{"plait.worker_idle": "0"})


def fill(database):
    """A history of many ticks, with writers of all ends; the follower of it."""
    database.sql(TABLE)
    replica = Replica(database)
    late, never = database.connect(autocommit=False), database.connect(autocommit=False)
    database.sql("INSERT INTO log VALUES (1000, 0)", on=late)
    database.sql("INSERT INTO log VALUES (1001, 0)", on=never)
    for number in range(20):
        database.sql("INSERT INTO log VALUES (%s, 1); UPDATE log SET v = v + 1", number)
        database.sql("DELETE FROM log WHERE id = %s", number - 5)
        assert replica.follow()[1] == 0
    late.commit()
    replica.follow()
    never.close()
    database.sql("UPDATE log SET w = 'in no tick'")
    return replica


def writes_on(database):
    """Followers of the new life see each further write, and what came along as well."""
    replica = follows(database)
    for number in range(2000, 2010):
        database.sql("INSERT INTO log VALUES (%s, 1); UPDATE log SET v = v + 1", number)
        replica.follow()
    follows(database)
    assert database.verify() == []


@pytest.mark.parametrize("source, target", [(HIGH, None), (None, HIGH)], ids=["lower", "higher"])
def test_a_restore_into_a_cluster_with_other_transaction_ids(cluster, new_database, source, target, tmp_path):
    """Of which many are those of stored events, or all lie far behind."""
    old, new = cluster(), cluster()
    for each, ids in ((old, source), (new, target)):
        if ids:
            each.renumber(**ids)
    before, database = new_database(on=old), new_database(on=new, extension=False)
    follower = fill(before)
    old.tool("pg_dump", "-Fc", "-f", str(tmp_path / "dump"), before.name)
    new.tool("pg_restore", "-e", "-d", database.name, str(tmp_path / "dump"))
    refused(Replica(database, follower))
    writes_on(database)
    refused(Replica(database, follower))


def test_pg_upgrade(cluster, new_database, tmp_path):
    """It takes files, ids and names along, but not who the cluster was."""
    old, new = cluster(), cluster()
    old.renumber(**HIGH)
    before = new_database(on=old)
    follower = fill(before)
    for connection in before.connections:
        connection.close()
    for each in (old, new):
        each.stop("fast")
    new.owner_tool("pg_upgrade", "-b", old.programs(), "-B", new.programs(), "-d", old.environment["PGDATA"], "-D",
                   new.environment["PGDATA"], cwd=str(new.folder))
    new.start()
    database = Database(new, before.name, extension=False)
    refused(Replica(database, follower))
    writes_on(database)
    refused(Replica(database, follower))


def test_transaction_ids_of_32_bits_begin_again(cluster, new_database):
    """With transactions and prepared ones of before that end after."""
    server = cluster()
    for next_xid in (1_500_020_736, 3_000_008_704, 2**32 - 32_768):
        server.tool("psql", "-q", "-c", "ALTER DATABASE template0 ALLOW_CONNECTIONS true")
        server.tool("vacuumdb", "--all", "--freeze", "--quiet")
        server.renumber(0, next_xid)
    database = new_database(on=server)
    follower = fill(database)
    open_one = database.connect(autocommit=False)
    database.sql("INSERT INTO log VALUES (5000, 0); SAVEPOINT a; INSERT INTO log VALUES (5001, 0)", on=open_one)
    assert database.value("SELECT pg_current_xact_id()::text::bigint", on=open_one) < 2**32
    database.sql("BEGIN; INSERT INTO log VALUES (5002, 0); PREPARE TRANSACTION 'moves'")
    follower.advance()
    database.sql("""DO $$ BEGIN FOR i IN 1..32768 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$""")
    assert database.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint") > 2**32
    for number in range(6000, 6010):
        database.sql("INSERT INTO log VALUES (%s, 1); UPDATE log SET v = v + 1 WHERE id < 5000", number)
        assert follower.follow()[1] == 0
    open_one.commit()
    database.sql("COMMIT PREPARED 'moves'")
    assert follower.follow()[0] == 0 and {5000, 5001, 5002} <= set(follower.copy())
    follows(database)
    assert database.verify() == []


def test_a_client_of_a_gateway_goes_on_with_the_restored_database(cluster, new_database, tmp_path):
    """Under the same address: the client finds another life and takes the rows anew."""
    old, new = cluster(), cluster()
    before, database = new_database(on=old), new_database(on=new, extension=False)
    before.sql(TABLE)
    server = Gateway(before)
    try:
        line = Watch(server.url, tmp_path, "log")
        before.sql("INSERT INTO log SELECT i, i FROM generate_series(1, 10) i")
        line.until(lambda rows: len(rows) == 10, "the rows")
        old.tool("pg_dump", "-Fc", "-f", str(tmp_path / "dump"), before.name)
        before.sql("DELETE FROM log WHERE id = 1; UPDATE log SET v = 0; INSERT INTO log VALUES (11, 11)")
        line.until(lambda rows: {row["v"] for row in rows.values()} == {0, 11}, "what the dump has not")
        server.kill()
        new.tool("psql", "-q", "-c", "CREATE ROLE acceptance_gateway LOGIN NOINHERIT; CREATE ROLE acceptance_app;"
                                     "GRANT acceptance_app TO acceptance_gateway")
        new.tool("pg_restore", "-e", "-d", database.name, str(tmp_path / "dump"))
        server.database = database
        server.start()
        line.until(lambda rows: {row["v"] for row in rows.values()} == set(range(1, 11)), "what the dump had")
        database.sql("INSERT INTO log VALUES (12, 12)")
        line.until(lambda rows: len(rows) == 11, "what is new")
        line.end()
        assert [wrong for wrong in line.wrong if not wrong.startswith("tick ")] == []
    finally:
        server.close()
