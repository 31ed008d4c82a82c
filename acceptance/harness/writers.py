# acceptance/harness/writers.py: writers of a table log(id, v, w): transactions of all kinds, ended in all ways.
import itertools
import os
import threading

from acceptance.harness.worker import Worker

TRANSACTIONS = 60 * (10 if os.environ.get("SOAK") else 1)


class Writer(Worker):
    """Transactions of all kinds; some stay open until the others have committed some more."""

    def __init__(self, number, database, rng, progress):
        super().__init__()
        self.number, self.database, self.rng, self.progress = number, database, rng, progress
        self.keys = itertools.count(number * 100_000 + 1)

    def work(self):
        try:
            connection = self.database.connect()
            made = 0
            while made < TRANSACTIONS or self.progress.must_go_on():
                self.transaction(connection)
                made += 1
            connection.close()
        finally:
            self.progress.gone()

    def transaction(self, on):
        sql = self.database.sql
        sql("BEGIN", on=on)
        for _ in range(self.rng.randint(1, 4)):
            kind = self.rng.random()
            if kind < 0.5:
                sql("INSERT INTO log VALUES (%s, 0), (%s, 1)", next(self.keys), next(self.keys), on=on)
            elif kind < 0.7:
                sql("UPDATE log SET v = v + 1 WHERE id BETWEEN %s AND %s", self.number * 100_000,
                    self.number * 100_000 + self.rng.randint(1, 20), on=on)
            elif kind < 0.8:
                sql("DELETE FROM log WHERE id = %s", self.number * 100_000 + self.rng.randint(1, 20), on=on)
            else:
                sql("SAVEPOINT s; INSERT INTO log VALUES (%s, 2)", next(self.keys), on=on)
                sql("ROLLBACK TO s" if self.rng.random() < 0.5 else "RELEASE s", on=on)
        if self.rng.random() < 0.15:
            self.progress.wait_for_others(self.rng.randint(5, 60))
        self.end(on)
        self.progress.one_more()

    def end(self, on):
        kind, name = self.rng.random(), f"w{self.number}_{next(self.keys)}"
        if kind < 0.15:
            self.database.sql("ROLLBACK", on=on)
        elif kind < 0.3:
            self.database.sql(f"PREPARE TRANSACTION '{name}'", on=on)
            self.progress.wait_for_others(self.rng.randint(0, 20))
            self.database.sql(f"{'COMMIT' if kind < 0.25 else 'ROLLBACK'} PREPARED '{name}'", on=on)
        else:
            self.database.sql("COMMIT", on=on)


class Progress:
    """Counts ended transactions, so that a stall ends by what others did and not by a clock; and says
    how long the writers go on at least."""

    def __init__(self, writers):
        self.changed, self.ended, self.waiting, self.alive = threading.Condition(), 0, 0, writers
        self.enough = threading.Event()

    def must_go_on(self):
        return not self.enough.is_set()

    def one_more(self):
        with self.changed:
            self.ended += 1
            self.changed.notify_all()

    def gone(self):
        with self.changed:
            self.alive -= 1
            self.changed.notify_all()

    def wait_for_others(self, count):
        """Until `count` more have ended, or too few are left that could end any."""
        with self.changed:
            goal = self.ended + count
            self.waiting += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.ended >= goal or self.waiting * 2 >= self.alive, timeout=60)
            self.waiting -= 1
