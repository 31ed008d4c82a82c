# acceptance/harness/listener.py: a session that waits for notifications, and the workers that send them.
import select
import time

from acceptance.harness.waiting import until

KNOWN_AFTER_SECONDS = 1.3  # a backend looks for the worker once a second


class Listener:
    """What SELECT plait.listen() said stands in `has_worker`."""

    def __init__(self, database, user="postgres"):
        self.database, self.connection = database, database.connect(user)
        self.has_worker = self.listen()

    def listen(self):
        return self.database.value("SELECT plait.listen()", on=self.connection)

    def wait(self, seconds=30):
        """Until a notification comes; how many came by then."""
        deadline = time.monotonic() + seconds
        while not (count := self.pending()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{seconds} s passed without a notification")
            select.select([self.connection], [], [], max(0, deadline - time.monotonic()))
        return count

    def pending(self):
        """How many have come since the last look."""
        self.connection.poll()
        assert {notify.channel for notify in self.connection.notifies} <= {"plait"}
        count = len(self.connection.notifies)
        self.connection.notifies.clear()
        return count


WORKERS = """SELECT pid FROM pg_stat_activity WHERE backend_type = 'plait worker' AND datname = current_database()"""


def workers(database):
    return database.column(WORKERS)


def the_worker(database):
    """Its pid, once there is exactly one that can be seen."""
    return until(lambda: len(workers(database)) == 1, "there is one worker") and workers(database)[0]


def no_worker(database, seconds=30):
    until(lambda: not workers(database), "the worker has ended", seconds)


def told(database):
    """What plait.status() says of the worker."""
    return database.value("SELECT value FROM plait.status() WHERE item = 'worker'")
