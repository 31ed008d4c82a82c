# bench/wake_up/task.py: how soon a follower is awake, and at which price for writers.
import random
import select
import threading
import time

from harness.pgbench import pgbench
from harness.server import BENCH, Wrong

CONTESTANTS = ["polling", "plait", "notify"]
FILES = {"polling": ["without_worker"], "plait": [], "notify": ["without_worker", "notify"]}  # beside the tracked table
UPDATE = BENCH / "single_rows" / "update.pgbench"
CLIENTS = 32
POLL_SECONDS = 0.05
WARM_UP_SECONDS = 1.5  # a backend looks for the worker once a second
ANSWER_SECONDS_MAX = 30


def settings(bench):
    return f"{bench.commits} commits, then {bench.seconds} s of {CLIENTS} clients"


def measure(bench, contestant):
    with bench.database("wake_up", "album", "ten_thousand", "plait", *FILES[contestant]) as database:
        follower = (Polling if contestant == "polling" else Notified)(bench, database)
        try:
            samples = sorted(idle(bench, database, follower))
            tps = loaded(bench, database, follower)
        finally:
            follower.close()
    return {"p50 ms, idle": samples[len(samples) // 2] * 1000, "p95 ms, idle": samples[len(samples) * 95 // 100] * 1000,
            f"UPDATE tps, {CLIENTS} clients": tps}


def idle(bench, database, follower):
    """Seconds from answer to awake, one a commit."""
    begin, samples = time.monotonic(), []
    while len(samples) < bench.commits:
        time.sleep(random.uniform(0.02, 0.06))
        follower.forget()
        database.execute("UPDATE album SET stars = stars + 1 WHERE id = %s", (random.randint(1, 100),))
        committed = time.monotonic()
        awake = follower.awake()
        if committed - begin > WARM_UP_SECONDS:
            samples.append(max(0, awake - committed))
    return samples


def loaded(bench, database, follower):
    stop = threading.Event()
    drain = threading.Thread(target=follower.drain, args=(stop,))
    drain.start()
    try:
        _, tps = pgbench(bench, database, UPDATE, CLIENTS)
    finally:
        stop.set()
        drain.join()
    follower.forget()
    database.execute("UPDATE album SET stars = stars + 1 WHERE id = 1")
    follower.awake()
    return tps


class Notified:
    def __init__(self, bench, database):
        self.connection = bench.server.connect(database.name)
        self.connection.cursor().execute("SELECT plait.listen()")

    def forget(self):
        self.connection.poll()
        self.connection.notifies.clear()

    def awake(self):
        """When it was notified."""
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while not self.connection.notifies:
            if time.monotonic() > deadline:
                raise Wrong("the follower was not woken")
            select.select([self.connection], [], [], ANSWER_SECONDS_MAX)
            self.connection.poll()
        return time.monotonic()

    def drain(self, stop):
        while not stop.is_set():
            select.select([self.connection], [], [], 0.1)
            self.forget()

    def close(self):
        self.connection.close()


class Polling:
    """A thread asks every 50 ms whether there is an event in no tick, and makes it one."""

    def __init__(self, bench, database):
        self.connection = bench.server.connect(database.name)
        self.found, self.stopped, self.at = threading.Event(), False, 0
        self.look = threading.Lock()
        self.thread = threading.Thread(target=self._poll)
        self.thread.start()

    def _poll(self):
        cursor = self.connection.cursor()
        while not self.stopped:
            with self.look:
                cursor.execute("SELECT complete FROM plait.feed_position()")
                if not cursor.fetchone()[0]:
                    self.at = time.monotonic()
                    cursor.execute("CALL plait.advance()")
                    self.found.set()
            time.sleep(POLL_SECONDS)

    def forget(self):
        """What is committed from now on no look under way takes along."""
        with self.look:
            self.found.clear()

    def awake(self):
        if not self.found.wait(ANSWER_SECONDS_MAX):
            raise Wrong("the follower found nothing")
        return self.at

    def drain(self, stop):
        stop.wait()

    def close(self):
        self.stopped = True
        self.thread.join()
        self.connection.close()
