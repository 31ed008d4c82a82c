# acceptance/test_clients.py: other people's clients cannot tell a tracked table from a plain one.
#
# examples/clients/ has one shop for each: `schema URL` makes its tables, `run URL` works on them and prints a line of
# JSON for each step. Once on plain tables, once on tracked ones: the same lines, and events that are those rows.
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.feed import stored_xids, whole_and_once
from acceptance.harness.loopback import loopback_port
from acceptance.harness.sql_world import SqlWorld
from acceptance.model.event import EventMaker
from acceptance.model.ulid import hlc_of

CLIENTS = pathlib.Path(__file__).resolve().parent.parent / "examples" / "clients"
JDBC = pathlib.Path("/usr/share/java/postgresql.jar")
ROLE = "acceptance_shop"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
CHANGES = """SELECT cursor, id::text, parents::text[], xid::text, collection, actor ->> 'session_user' AS who
               FROM plait.changes(NULL)"""


def python(script, module):
    """Skips where the client is not installed; in CI it is."""
    if importlib.util.find_spec(module) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"the Python module {module} is missing")
        pytest.skip(f"the Python module {module} is not here")
    return [sys.executable, CLIENTS / script]


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Runs a script in a folder where npm has put the packages; skips where npm is not, or its registry does not answer."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not here")
    folder = tmp_path_factory.mktemp("node")
    for file in (*CLIENTS.glob("*.mjs"), CLIENTS / "package.json", CLIENTS / "package-lock.json"):
        shutil.copy(file, folder)
    done = subprocess.run(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--fetch-retries=0"],
                          cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode:
        assert "npm ci` can only install" not in done.stdout, done.stdout  # the lock file is not the package's
        pytest.skip(f"npm could not bring its packages: {done.stdout[-300:]}")
    return lambda script: ["node", folder / script]


def go(program):
    """The folder's Go program; skips where Go is not, or the proxy of its modules does not answer."""
    if not shutil.which("go"):
        pytest.skip("go is not here")
    environment = dict(os.environ, GOTOOLCHAIN="local")
    if subprocess.run(["go", "mod", "download"], cwd=CLIENTS, env=environment, check=False).returncode:
        pytest.skip("go could not bring its modules")
    subprocess.run(["go", "build", "-o", program, "."], cwd=CLIENTS, env=environment, check=True)
    return [program]


@pytest.fixture
def shop(cluster):
    """The role that the shop logs in as: it owns its tables and nothing else."""
    admin = cluster.connect()
    admin.cursor().execute(f"CREATE ROLE {ROLE} LOGIN")
    yield ROLE
    admin.cursor().execute(f"DROP ROLE {ROLE}")
    admin.close()


@pytest.fixture
def databases(shop, new_database):
    """One that has nothing of Plait, and one with the extension."""
    made = new_database(extension=False), new_database()
    for database in made:
        database.sql(f"GRANT CREATE ON SCHEMA public TO {ROLE}")
    return made


def socket_url(database):
    return (f"postgresql://{ROLE}@/{database.name}?host={database.cluster.folder}"
            f"&port={database.cluster.environment['PGPORT']}")


def run(client, command, database, url=socket_url):
    """What the client printed; an error that it did not catch is ours."""
    done = subprocess.run([*client, command, url(database)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def works_the_same(client, databases, rng, url=socket_url):
    plain, tracked = databases
    for database in databases:
        run(client, "schema", database, url)
    world = SqlWorld(tracked, rng, fixtures=False)
    for table in tracked.column(TABLES):
        world.track(table)
    told = run(client, "run", tracked, url)
    assert told == run(client, "run", plain, url)
    assert len(told) >= 10, told
    for table in world.columns:
        entities = agrees(world, table, verify=False)
        assert any(len(events) > 1 for events in entities.values()), f"no row of {table} was ever changed"
    assert not world.verify()
    tracked.sql("CALL plait.advance()")
    changes = tracked.records(CHANGES)
    whole_and_once(changes, stored_xids(tracked))
    assert {(change["collection"], change["who"]) for change in changes} == {(table, ROLE) for table in world.columns}


def test_sqlalchemy(databases, rng):
    works_the_same(python("sqlalchemy_shop.py", "sqlalchemy"), databases, rng)


def test_django(databases, rng):
    works_the_same(python("django_shop.py", "django"), databases, rng)


def test_node_postgres(node, databases, rng):
    works_the_same(node("node_postgres_shop.mjs"), databases, rng)


def test_drizzle(node, databases, rng):
    works_the_same(node("drizzle_shop.mjs"), databases, rng)


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="building pgx takes a minute of two cores")
def test_pgx(databases, rng, tmp_path):
    works_the_same(go(tmp_path / "shop"), databases, rng)


@pytest.mark.skipif(not (shutil.which("javac") and JDBC.exists()), reason="a JDK 17 or libpostgresql-jdbc-java is not here")
def test_jdbc(databases, rng):
    cluster = databases[0].cluster
    client = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", JDBC, CLIENTS / "JdbcShop.java"]
    with loopback_port(f"{cluster.folder}/.s.PGSQL.{cluster.environment['PGPORT']}") as port:
        works_the_same(client, databases, rng, lambda database: f"jdbc:postgresql://127.0.0.1:{port}/{database.name}?user={ROLE}")


def test_a_version_that_a_trigger_counts(database, rng):
    """Optimistic locking with writers beside the client: it counts as the trigger does, so both agree."""
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("""
        CREATE TABLE note (id uuid PRIMARY KEY, body text, version int NOT NULL DEFAULT 1);
        CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$;
        CREATE TRIGGER count BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION count_version()""")
    world.track("note")
    line = world.line("note")
    save = "UPDATE note SET body = %s, version = %s + 1 WHERE id = %s AND version = %s RETURNING version"
    database.sql("INSERT INTO note VALUES (%s, 'first')", line.key)
    assert database.column(save, "by the client", 1, line.key, 1) == [2]
    (head,) = world.head_ids(line)
    maker = EventMaker("note", line.entity)
    assert world.commit([maker.make_at(hlc_of(head) + 1, [head], {"set": {"body": "by event"}})]) == ["accepted"]
    assert database.column(save, "stale", 2, line.key, 2) == []
    assert database.column(save, "read again", 3, line.key, 3) == [4]
    agrees(world, "note")
