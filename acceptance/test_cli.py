# acceptance/test_cli.py: plait, the command line, before a real gateway: what it says, and what it lives through.
import json
import re
import signal
import threading

import pytest

from acceptance.harness.plait import Watch, run
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.tls import Authority, TlsProxy
from acceptance.harness.waiting import until


@pytest.fixture
def plait(people, tmp_path):
    """dog(id, name, age), and a function that runs a command before it."""
    people.plait = lambda *words, **more: run(people.gateway.url, tmp_path, *words, **more)
    return people


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize("words, code, said", [
    (["wach", "dog"], 2, 'there is no command "wach"'),
    (["watch"], 2, "plait watch --help"),
    (["watch", "dog", "--jsn"], 2, "there is no option --jsn"),
    (["--url", "http://x", "status"], 2, "write ws://host:port"),
    (["watch", "dog where aeg > 1"], 1, "it has id, name, age"),
    (["watch", "dgo"], 1, "there are dog"),
    (["watch", "dog whre age > 1"], 1, "    ^"),
    (["watch", "dog where age > 'old'"], 1, '"old" is no integer'),
    (["watch", "dog where born = 'soon'"], 1, "[bad_query]"),
    (["watch", "--once", "dog where age = $1"], 1, "$1 has no value"),
    (["set", "dog", "7", "age=1"], 1, "there is no dog 7"),
    (["set", "dog", "seven", "age=1"], 1, '"seven" is no key of dog'),
    (["set", "dog", "1", "aeg=1"], 1, "it has id, name, age"),
    (["set", "dog", "1", "age=old"], 1, "age is of type integer"),
    (["set", "dgo", "1", "age=1"], 1, "there are dog"),
    (["history", "dog", "7"], 1, "[not_found]"),
])
def test_mistakes_are_answered_with_what_mends_them(plait, words, code, said):
    plait.database.sql("ALTER TABLE dog ADD born date")
    plait.database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)")
    done = plait.plait(*words)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr, done.stderr
    assert done.stderr.startswith("plait: ")


def test_a_missing_right_is_named(plait):
    plait.database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)")
    plait.database.sql("REVOKE UPDATE ON dog FROM acceptance_app")
    done = plait.plait("set", "dog", "1", "age=4")
    assert done.returncode == 1 and "GRANT UPDATE" in done.stderr
    plait.database.sql("REVOKE SELECT ON dog FROM acceptance_app")
    done = plait.plait("watch", "--once", "dog")
    assert done.returncode == 1 and "[permission_denied]" in done.stderr and "GRANT" in done.stderr


def test_names_that_need_quotes(plait):
    plait.database.sql('CREATE TABLE "Order" ("Id" int PRIMARY KEY, "select" text, "größe ""m""" numeric)')
    plait.database.sql('GRANT ALL ON "Order" TO acceptance_app')
    plait.database.sql("""INSERT INTO "Order" VALUES (1, 'a', 1.5)""")
    plait.track('"Order"')
    done = plait.plait("watch", "--once", "Order")
    assert done.returncode == 1 and '"Order"' in done.stderr
    done = plait.plait("set", "Order", "1", 'größe "m"=2.50', "select=b")
    assert done.returncode == 0, done.stderr
    done = plait.plait("watch", "--once", '"Order" where "größe ""m""" = 2.5 and "select" = $1', "b")
    assert done.stdout.splitlines()[1:] == ['  + 1  select=b  größe "m"=2.50']


def test_values_of_every_form_can_be_set(plait):
    plait.database.sql("""CREATE TABLE form (id int PRIMARY KEY, flag bool, big int8, exact numeric, real float8, words text,
                          tree jsonb, list int[], day date, raw bytea, computed int GENERATED ALWAYS AS (id) STORED)""")
    plait.database.sql("GRANT ALL ON form TO acceptance_app")
    plait.database.sql("INSERT INTO form VALUES (1)")
    plait.track("form")
    done = plait.plait("set", "form", "1", "flag=yes", "big=9007199254740993", "exact=1.50", "real=-0", "words=a b",
                       'tree={"a": [1, null]}', "list=[1, null]", "day=2020-02-29", r"raw=\x00ff")
    assert done.returncode == 0, done.stderr
    written = "SELECT flag, big, exact::text, real::text, words, tree, list, day::text, raw::text FROM form"
    assert plait.database.sql(written) == [
        (True, 9007199254740993, "1.50", "-0", "a b", {"a": [1, None]}, [1, None], "2020-02-29", r"\x00ff")]
    done = plait.plait("set", "form", "1", "words:=null", "tree=null")
    assert plait.database.sql("SELECT words, tree::text FROM form") == [(None, "null")]
    assert "generated" in plait.plait("set", "form", "1", "computed=2").stderr


def test_status_shows_the_worker_and_who_holds_back(plait):
    database, other = plait.database, plait.database.connect(autocommit=False)
    database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)", on=other)
    xid = database.value("SELECT pg_current_xact_id()::text", on=other)
    told = json.loads(plait.plait("--json", "status").stdout)
    pid = other.info.backend_pid  # since when, a role like the gateway's is not told of others
    assert told["held_back"] == [{"holds": "its events", "xid": xid, "pid": pid}]
    assert f'held back    holds="its events"  xid={xid}  pid={pid}' in plait.plait("status").stdout
    assert told["worker"] == database.value("SELECT value FROM plait.status() WHERE item = 'worker'")
    other.rollback()
    assert "held back    nothing" in plait.plait("status").stdout


def test_no_gateway(people, tmp_path):
    people.gateway.kill()
    for words in (["watch", "dog"], ["set", "dog", "1", "age=1"], ["history", "dog", "1"], ["status"]):
        done = run(people.gateway.url, tmp_path, *words)
        assert done.returncode == 3 and "nothing listens there" in done.stderr and "--url" in done.stderr


# --- what it lives through -----------------------------------------------------------------------


class Writer(threading.Thread):
    """Changes rows by SQL for as long as it is not told to stop, whatever becomes of the server."""

    def __init__(self, database, rng):
        super().__init__(daemon=True)
        self.database, self.rng, self.stop, self.written = database, rng, threading.Event(), 0

    def run(self):
        connection = None
        while not self.stop.wait(0.005):
            try:
                connection = connection or self.database.cluster.connect(self.database.name)
                key = self.rng.randint(1, 20)
                with connection.cursor() as cursor:
                    cursor.execute(self.rng.choice([
                        "INSERT INTO dog VALUES (%s, 'new', 1) ON CONFLICT (id) DO UPDATE SET age = dog.age + 1",
                        "UPDATE dog SET age = age + 1 WHERE id = %s", "DELETE FROM dog WHERE id = %s"]), [key])
                self.written += 1
            except Exception:  # the server is away; what was under way is in the table or not
                connection = None


def kill_the_gateway(world):
    world.gateway.kill()
    world.gateway.start()


def kill_postgres(world):
    world.database.cluster.kill()
    world.database.cluster.start()


def stop_postgres_for_a_while(world):
    world.database.cluster.stop("fast")
    until(lambda: world.gateway.ask("/health")[0] == 503, "the gateway misses its database")
    world.database.cluster.start()


@pytest.fixture
def durable_people(durable_cluster, new_database, gateway, rng):
    world = SqlWorld(new_database(on=durable_cluster()), rng, fixtures=False)
    world.database.sql("CREATE TABLE dog (id int PRIMARY KEY, name text, age int)")
    world.track("dog")
    world.gateway = gateway(world.database)
    return world


@pytest.mark.parametrize("disaster", [kill_the_gateway, kill_postgres, stop_postgres_for_a_while])
def test_a_watch_lives_through(durable_people, rng, tmp_path, disaster):
    world, database = durable_people, durable_people.database
    watch = Watch(world.gateway.url, tmp_path, "dog where age > 1")
    writer = Writer(database, rng)
    writer.start()
    for _ in range(3):
        goal = writer.written + 50
        until(lambda: writer.written >= goal, "rows are written")
        disaster(world)
    goal = writer.written + 50
    until(lambda: writer.written >= goal, "rows are written")
    writer.stop.set()
    writer.join()
    database.main = database.connect()
    expected = {row[0]: row[1] for row in database.sql("SELECT id, age FROM dog WHERE age > 1")}
    watch.until(lambda rows: {row["id"]: row["age"] for row in rows.values()} == expected, f"the rows {expected}")
    watch.quiet()
    assert {row["id"]: row["age"] for row in watch.rows.values()} == expected
    assert watch.wrong == []
    if disaster is kill_the_gateway:
        assert any("no connection" in line for line in watch.said) and any("again" in line for line in watch.said)
    watch.end()


def test_a_set_waits_for_postgres(durable_people, tmp_path):
    """The gateway is there and its database is not: the set is done when it is back, once."""
    world, database = durable_people, durable_people.database
    database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)")
    database.cluster.stop("fast")
    answers = []
    words = (world.gateway.url, tmp_path, "set", "dog", "1", "age=4")
    setting = threading.Thread(target=lambda: answers.append(run(*words)))
    setting.start()
    until(lambda: re.search(r"^\S*sessions\S* 1$", world.gateway.ask("/metrics")[1], re.MULTILINE), "the set has come")
    database.cluster.start()
    setting.join()
    assert answers[0].returncode == 0, answers[0].stderr
    database.main = database.connect()
    assert database.sql("SELECT age FROM dog") == [(4,)]
    assert database.value("SELECT count(*) FROM plait.history('dog', '1')") == 2


# --- TLS -----------------------------------------------------------------------------------------


def test_wss_takes_only_a_certificate_that_is_trusted_and_of_this_host(people, tmp_path):
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)")
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    cases = [(authority.sign("right", "DNS:localhost"), "localhost", ""),
             (authority.sign("address", "IP:127.0.0.1"), "127.0.0.1", ""),
             (other.sign("foreign", "DNS:localhost"), "localhost", "issuer certificate"),
             (authority.sign("elsewhere", "DNS:example.org"), "localhost", "ostname mismatch"),
             (authority.sign("late", "DNS:localhost", days=-1), "localhost", "expired")]
    for pair, host, refused in cases:
        proxy = TlsProxy(pair, people.gateway.port)
        url = f"wss://{host}:{proxy.port}"
        done = run(url, tmp_path, "watch", "--once", "dog", SSL_CERT_FILE=str(authority.certificate))
        if refused:
            assert done.returncode == 3 and refused in done.stderr and "SSL_CERT_FILE" in done.stderr, done.stderr
        else:
            assert done.returncode == 0 and "name=Rex" in done.stdout, done.stderr
        proxy.close()
    done = run(f"wss://127.0.0.1:{people.gateway.port}", tmp_path, "status")
    assert done.returncode == 3 and "speaks no TLS" in done.stderr, done.stderr


def test_a_watch_over_tls_lives_through_a_restart_of_the_gateway(people, tmp_path):
    authority = Authority(tmp_path)
    proxy = TlsProxy(authority.sign("right", "DNS:localhost"), people.gateway.port)
    watch = Watch(f"wss://localhost:{proxy.port}", tmp_path, "dog", SSL_CERT_FILE=str(authority.certificate))
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 3)")
    watch.until(lambda rows: len(rows) == 1, "the first dog")
    people.gateway.kill()
    people.database.sql("INSERT INTO dog VALUES (2, 'Ada', 5)")
    people.gateway.start()
    watch.until(lambda rows: len(rows) == 2, "the second dog")
    assert watch.wrong == []
    assert watch.end() == -signal.SIGINT
    proxy.close()
