# acceptance/harness/gateway.py: starts plait-gateway on a free loopback port, stops it, kills it.
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

from acceptance.harness.client import Client
from acceptance.harness.sql_world import SqlWorld

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
ROLES = """
    DO $$ BEGIN
      IF to_regrole('acceptance_gateway') IS NULL THEN
        CREATE ROLE acceptance_gateway LOGIN NOINHERIT; CREATE ROLE acceptance_app;
        GRANT acceptance_app TO acceptance_gateway;
      END IF;
    END $$;
    GRANT USAGE ON SCHEMA public TO acceptance_gateway, acceptance_app;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO acceptance_gateway;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO acceptance_app;
    SELECT plait.grant_feed('acceptance_gateway');
"""


def program():
    binaries = os.environ.get("PLAIT_BINARIES", str(ROOT / "build" / "cmake"))
    return os.environ.get("PLAIT_GATEWAY", f"{binaries}/gateway/plait-gateway")


class Gateway:
    """The gateway of one database; a port that is kept over restarts, as behind a name."""

    def __init__(self, database, hosts=""):
        """`hosts`: a dsn's, where they are not the database's own server."""
        self.database, self.hosts = database, hosts
        self.port, self.process, self.clients = 0, None, []
        database.sql(ROLES)
        self.start()

    def start(self):
        dsn = f"{self.database.cluster.dsn(self.database.name, 'acceptance_gateway')} {self.hosts}"
        self.log = []
        listening = threading.Event()
        self.process = subprocess.Popen(
            [program(), "--dsn", dsn, "--listen", f"127.0.0.1:{self.port}", "--role", "acceptance_app"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        reader = threading.Thread(target=self._read_log, args=(self.process, self.log, listening), daemon=True)
        reader.start()
        if not listening.wait(START_SECONDS) or self.process.poll() is not None:
            self.kill()
            raise AssertionError("the gateway does not listen:\n" + self.log_tail())

    def _read_log(self, process, log, listening):
        for line in process.stdout:
            log.append(line)
            found = re.search(r"listening on \S*:(\d+)", line)
            if found:
                self.port = int(found[1])
                listening.set()
        process.wait()
        listening.set()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/"

    def client(self, **options):
        self.clients.append(Client(self.url, **options))
        return self.clients[-1]

    def ask(self, path):
        """What it answers to a GET: status and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=START_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def close(self):
        for client in self.clients:
            client.close()
        if self.process.poll() is None:
            self.kill()

    def log_tail(self, lines=40):
        return "".join(self.log[-lines:])


class GatewayWorld(SqlWorld):
    """The same database as a world whose commits go over the wire."""

    def __init__(self, database, rng):
        super().__init__(database, rng)
        self.gateway = Gateway(database)
        self.client = self.gateway.client()

    def commit(self, events, on=None):
        answer = (on or self.client).commit(events)
        statuses = {told["id"]: told["status"] for told in answer["events"]}
        return [statuses[event.id] for event in events]
