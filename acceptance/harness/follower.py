# acceptance/harness/follower.py: a follower of plait.changes in a process of its own, made to be killed.
#
# It appends one JSON line for what each call gave, with the cursor to go on from; a torn last line is
# what a kill leaves and is forgotten at the next start.
#   python3 -m acceptance.harness.follower DSN FILE [COLUMN…]
import json
import os
import pathlib
import select
import signal
import subprocess
import sys

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
POLL_SECONDS = 0.02
COLUMNS = ("collection", "entity::text", "id::text", "parents::text[]", "xid::text")


def follow(dsn, path, *columns, ticks_max=20):
    changes = f"SELECT cursor, {', '.join(columns or COLUMNS)} FROM plait.changes(%s, %s)"
    cursor = resume(path)
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    sql = connection.cursor()
    sql.execute("SELECT plait.listen()")
    with open(path, "a") as out:
        while True:
            sql.execute("CALL plait.advance()")
            sql.execute(changes, (cursor, ticks_max))
            rows = sql.fetchall()
            if rows:
                cursor = rows[-1][0]
                out.write(json.dumps({"cursor": cursor, "rows": rows}) + "\n")
                out.flush()
            else:
                select.select([connection], [], [], POLL_SECONDS)
                connection.poll()
                connection.notifies.clear()


def resume(path):
    """The cursor of the last whole line; cuts off what is torn."""
    if not os.path.exists(path):
        return None
    with open(path, "rb+") as file:
        whole = file.read().rpartition(b"\n")[0]
        file.truncate(len(whole) + 1 if whole else 0)
    return json.loads(whole.rpartition(b"\n")[2])["cursor"] if whole else None


def delivered(path):
    """[(cursor after the call, rows), …] of everything that was delivered."""
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        whole = file.read().rpartition(b"\n")[0]
    return [(line["cursor"], line["rows"]) for line in map(json.loads, whole.split(b"\n")) if line] if whole else []


def calls(path):
    """How many calls gave something; cheap, for waiting."""
    if not os.path.exists(path):
        return 0
    with open(path, "rb") as file:
        return file.read().count(b"\n")


class Follower:
    """The process, started, killed and started again."""

    def __init__(self, dsn, path, columns=()):
        self.dsn, self.path, self.columns, self.process = dsn, str(path), columns, None

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-m", __name__, self.dsn, self.path, *self.columns],
                                        cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def kill(self):
        self.check()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def check(self):
        if self.process.poll() is not None:
            raise AssertionError("the follower ended: " + self.process.stderr.read())


if __name__ == "__main__":
    follow(*sys.argv[1:])
