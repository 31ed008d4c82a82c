# acceptance/conftest.py: what every test may ask for: a database, a world, a seed.
#
# One Postgres serves all tests of a process, of which `make check` has two; each test has a database of its own.
# SEED=… replays a random test.
import itertools
import os
import pathlib
import random
import signal

import pytest

from acceptance.harness.cluster import Cluster
from acceptance.harness.database import Database
from acceptance.harness.gateway import Gateway, GatewayWorld
from acceptance.harness.role import Role
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
numbers = itertools.count(1)
running = []
# Whoever stops the run: the fixtures still end what they started.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def cluster():
    cluster = Cluster()
    running.append(cluster)
    try:
        yield cluster
    finally:
        running.remove(cluster)
        cluster.remove()


@pytest.fixture
def new_database(cluster):
    """Makes databases; all of them are dropped when the test ends."""
    made = []

    def make(extension=True, on=cluster):
        name = f"acceptance_{next(numbers)}"
        admin = until(on.answers, "Postgres answers")  # it may be recovering from a crash in the test before
        admin.cursor().execute(f"CREATE DATABASE {name}")
        admin.close()
        made.append(Database(on, name, extension))
        return made[-1]

    yield make
    for database in made:
        if database.cluster is cluster:
            until(cluster.answers, "Postgres answers").close()
            database.drop()


@pytest.fixture
def database(new_database):
    return new_database()


@pytest.fixture
def rng():
    seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
    print(f"SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def world(database, rng):
    """A fresh database with rec and album tracked."""
    return SqlWorld(database, rng)


@pytest.fixture
def gateway(database):
    """Starts gateways of the database, over the tables that the test has made so far."""
    made = []

    def make(of=database):
        made.append(Gateway(of))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def wired(database, rng):
    """A world whose commits go over the wire."""
    world = GatewayWorld(database, rng)
    yield world
    world.gateway.close()


@pytest.fixture
def people(database, rng, gateway):
    """dog(id, name, age), tracked, with a gateway and a client."""
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE dog (id int PRIMARY KEY, name text, age int)")
    world.track("dog")
    world.gateway = gateway()
    world.client = world.gateway.client()
    return world


@pytest.fixture
def role(database):
    """Makes roles; they go with the test."""
    made = []

    def make(name, on=database):
        made.append(Role(on, name))
        return made[-1]

    yield make
    for each in made:
        each.drop()


@pytest.fixture
def alice(role):
    return role("alice")


@pytest.fixture
def durable_cluster():
    """Makes servers of their own that really flush, for tests that kill them."""
    made = []

    def make(**settings):
        made.append(Cluster(durable=True, **settings))
        running.append(made[-1])
        return made[-1]

    yield make
    for cluster in made:
        running.remove(cluster)
        cluster.remove()


@pytest.fixture(scope="session")
def shared_data():
    """Data that lies beside the project; without it its tests are skipped, in CI they fail."""
    if not SHARED_DATA.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SHARED_DATA} is missing")
        pytest.skip(f"{SHARED_DATA} is not here")
    return SHARED_DATA


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for cluster in running:
            report.sections.append(("Postgres' log, its end", cluster.log_tail()))
