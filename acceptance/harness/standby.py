# acceptance/harness/standby.py: a hot standby of a cluster, by pg_basebackup, with the cluster's own programs.
import os
import shutil
import subprocess
import tempfile

from acceptance.harness.cluster import Cluster


class Standby(Cluster):
    """Lies in the primary's folder; its socket too, under another port."""

    PORT = "5433"

    def __init__(self, primary):
        self.environment = {**primary.environment, "PGPORT": self.PORT}
        self.folder = primary.folder
        self.data = tempfile.mkdtemp(prefix="standby-", dir=primary.folder)
        self.environment["PGDATA"] = self.data
        self._own(self.data)
        self._run("pg_basebackup", "-D", self.data, "-h", str(primary.folder), "-p", primary.environment["PGPORT"],
                  "-U", "postgres", "-R", "-X", "stream", "-c", "fast")
        with open(f"{self.data}/postgresql.auto.conf", "a") as settings:
            settings.write(f"port = '{self.PORT}'\nhot_standby = on\n")
        self._run("pg_ctl", "-D", self.data, "-l", f"{self.data}/log", "-w", "start")

    def promote(self):
        self._pg_ctl("promote")

    def remove(self):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def _own(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")

    def _run(self, name, *arguments):
        program = next(self.folder.glob(f"postgres/**/bin/{name}"))
        command = [str(program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
