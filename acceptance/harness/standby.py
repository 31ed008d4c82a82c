# acceptance/harness/standby.py: servers made of a base backup of a cluster, with the cluster's own programs.
import os
import pathlib
import shutil
import tempfile

import psycopg2

from acceptance.harness.cluster import Cluster
from acceptance.harness.waiting import until


class Restored(Cluster):
    """A base backup, not started yet. Lies in the cluster's folder; its socket too, under another port."""

    PORT = "5433"

    def __init__(self, source, *options):
        self.environment = {**source.environment, "PGPORT": self.PORT}
        self.folder = source.folder
        self.data = tempfile.mkdtemp(prefix="restored-", dir=source.folder)
        self.environment["PGDATA"] = self.data
        if os.geteuid() == 0:
            shutil.chown(self.data, "postgres", "postgres")
        self.owner_tool("pg_basebackup", "-D", self.data, "-h", str(source.folder), "-p", source.environment["PGPORT"],
                        "-U", "postgres", "-X", "stream", "-c", "fast", *options)
        self.set(port=self.PORT, hot_standby="on")

    def set(self, **settings):
        """For the next start."""
        with open(f"{self.data}/postgresql.auto.conf", "a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def start(self):
        self._pg_ctl("start", "-l", f"{self.data}/log")

    def recover(self, archive, **target):
        """From the archive to the target, and begins to write."""
        self.set(restore_command=f"cp {archive}/%f %p", recovery_target_action="promote", **target)
        pathlib.Path(self.data, "recovery.signal").touch()
        self.start()
        self.can_write()

    def can_write(self):
        until(lambda: not self.ask("SELECT pg_is_in_recovery()"), "recovery has ended")

    def remove(self):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def ask(self, query):
        connection = self.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            answer = cursor.fetchone()[0] if cursor.description else None
        connection.close()
        return answer


class Standby(Restored):
    """A hot standby that streams. Its snapshots hold back the primary's vacuum, so no query of it is cancelled."""

    def __init__(self, primary):
        super().__init__(primary, "-R")
        self.primary = primary
        self.set(hot_standby_feedback="on")
        self.start()

    def reach(self):
        """Until it shows all that the primary has flushed."""
        connection = self.primary.connect()
        position = connection.cursor()
        position.execute("SELECT pg_current_wal_flush_lsn()::text")
        (flushed,) = position.fetchone()
        connection.close()
        until(lambda: self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{flushed}'"), "the standby has replayed it")

    def lose_the_primary(self):
        """Nothing that the primary writes from here on comes any more."""
        self.reach()
        connection = self.connect()
        connection.cursor().execute("ALTER SYSTEM SET primary_conninfo = ''")
        connection.cursor().execute("SELECT pg_reload_conf()")
        connection.close()
        until(lambda: not self.ask("SELECT count(*) FROM pg_stat_wal_receiver"), "it has stopped listening")

    def promote(self):
        self._pg_ctl("promote")
