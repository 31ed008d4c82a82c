# acceptance/harness/cluster.py: a private Postgres with this build of the extension, by scripts/private-postgres.
import os
import pathlib
import shlex
import subprocess
import sys

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = str(ROOT / "scripts" / "private-postgres")
SETTINGS = {"max_connections": "200", "statement_timeout": "120s", "max_worker_processes": "16"}


class Cluster:
    """fsync is off unless the test is about crashes: `Cluster(durable=True)`."""

    def __init__(self, durable=False, **settings):
        options = ["--durable"] if durable else []
        for name, value in {**SETTINGS, **settings}.items():
            options += ["-c", f"{name}={value}"]
        exports = self._script("start", *options)
        words = (word.partition("=") for word in shlex.split(exports) if "=" in word)
        self.environment = {name: value for name, _, value in words}
        self.folder = pathlib.Path(self.environment["PLAIT_POSTGRES"])

    def stop(self, how="immediate"):
        self._pg_ctl("stop", "-m", how)

    def start(self):
        self._script("resume", str(self.folder))

    def kill(self):
        """kill -9 of the postmaster and all its children."""
        self._script("crash", str(self.folder))

    def remove(self):
        self._script("stop", str(self.folder))

    def dsn(self, database="postgres", user="postgres"):
        return f"host={self.folder} port={self.environment['PGPORT']} user={user} dbname={database}"

    def connect(self, database="postgres", user="postgres", autocommit=True):
        connection = psycopg2.connect(self.dsn(database, user))
        connection.autocommit = autocommit
        return connection

    def answers(self):
        """A connection, or None while there is no server to take it."""
        try:
            return self.connect()
        except psycopg2.OperationalError:
            return None

    def tool(self, name, *arguments, stdin=None):
        """Runs one of Postgres' own programs (psql, pg_dump, …) against this server; its output."""
        done = subprocess.run([name, *arguments], env={**os.environ, **self.environment}, text=True,
                              stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}")
        return done.stdout

    def programs(self):
        """The folder of its programs."""
        return str(next(self.folder.glob("postgres/**/bin/pg_ctl")).parent)

    def owner_tool(self, name, *arguments, cwd="/"):
        """Runs one of Postgres' own programs on the server's files, as their owner; its output."""
        command = [f"{self.programs()}/{name}", *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}{done.stdout}")
        return done.stdout

    def renumber(self, epoch, next_xid):
        """The next transaction gets this id: the first of a page of the commit log, as nothing else has made it."""
        assert next_xid % 32_768 == 0
        self.stop("fast")
        self.owner_tool("pg_resetwal", "-D", self.environment["PGDATA"], "-e", str(epoch), "-x", str(next_xid))
        self.start()

    def log_tail(self, lines=15):
        with open(self.folder / "log", errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def _pg_ctl(self, *arguments):
        self.owner_tool("pg_ctl", "-D", self.environment["PGDATA"], "-w", *arguments)

    @staticmethod
    def _script(*arguments):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout
