# bench/harness/server.py: the private Postgres of a run, and a new database for every measurement.
import contextlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

import psycopg2

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
BUILD = Path(os.environ.get("PLAIT_BUILD", ROOT / "build"))
PRIVATE_POSTGRES = ROOT / "scripts" / "private-postgres"

# No checkpoint and no autovacuum falls into one contestant's turn and not into another's.
SETTINGS = ["shared_buffers=1GB", "max_wal_size=16GB", "checkpoint_timeout=1h", "autovacuum=off"]


class Wrong(Exception):
    """A contestant's answer is not the right one: the run fails, and there is no figure."""


class Skipped(Exception):
    """The task cannot run here; says what is missing."""


class Server:
    """fsync, full_page_writes and synchronous_commit are on, as in production."""

    def __init__(self):
        self.environment = {}

    def __enter__(self):
        words = [word for setting in SETTINGS for word in ("-c", setting)]
        started = subprocess.run([PRIVATE_POSTGRES, "start", "--port", "--durable", *words],
                                 stdout=subprocess.PIPE, text=True)
        if started.returncode != 0:
            sys.exit("bench: the private Postgres did not start")
        for line in started.stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = shlex.split(value)[0]
        return self

    def __exit__(self, *_):
        subprocess.run([PRIVATE_POSTGRES, "stop", self.environment["PLAIT_POSTGRES"]])

    def connect(self, database, user="postgres"):
        connection = psycopg2.connect(host=self.environment["PGHOST"], port=self.environment["PGPORT"],
                                      user=user, dbname=database)
        connection.autocommit = True
        return connection


class Database:
    """One measurement's database and a connection to it."""

    def __init__(self, server, task, name, rows):
        self.server, self.folder, self.name = server, BENCH / task, name
        self.connection = server.connect(name)
        self.execute(f"SET bench.rows = '{rows}'; SET client_min_messages = warning")

    def text(self, name):
        """An SQL file of the task, or what several tasks share."""
        folders = (self.folder, BENCH / "contestants", BENCH / "harness")
        path = next(path for folder in folders if (path := folder / f"{name}.sql").exists())
        if path.with_suffix(".c").exists():
            self.execute(f"SET bench.module = '{self.built(path.with_suffix('.c'))}'")
        return path.read_text()

    def built(self, source):
        """A contestant in C, where the server's user may read it."""
        module = Path(self.server.environment["PLAIT_POSTGRES"]) / f"{source.stem}.so"
        if not module.exists():
            headers = subprocess.run(["pg_config", "--includedir-server"], check=True, stdout=subprocess.PIPE, text=True)
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-I", headers.stdout.strip(), source, "-o", module], check=True)
            module.chmod(0o755)
        return module

    def execute(self, sql, parameters=None):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    def value(self, sql, parameters=None):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]

    def wal_bytes(self):
        return int(self.value("SELECT pg_current_wal_insert_lsn() - '0/0'"))

    def disk_bytes(self):
        """Tables and their indexes, the catalogs of Postgres excepted."""
        return int(self.value("""
            SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
            WHERE relkind = 'r' AND nspname IN ('public', 'plait')"""))


class Bench:
    """What a task's measure() is given."""

    def __init__(self, server, rows, seconds, commits):
        self.server, self.rows, self.seconds, self.commits = server, rows, seconds, commits

    @contextlib.contextmanager
    def database(self, task, *files):
        """A new database in which the SQL files have run; gone afterwards."""
        name = "bench"
        administration = self.server.connect("postgres")
        cursor = administration.cursor()
        cursor.execute(f"CREATE DATABASE {name}")
        database = None
        try:
            database = Database(self.server, task, name, self.rows)
            for file in files:
                database.execute(database.text(file))
            yield database
        finally:
            if database:
                database.connection.close()
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            administration.close()
