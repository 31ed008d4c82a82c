# acceptance/harness/backfill.py: a CALL of plait.track_concurrently beside the test, and writers of its table.
import itertools

import psycopg2

from acceptance.harness.waiting import until
from acceptance.harness.worker import Worker


class Tracking(Worker):
    """The CALL, in a session of its own."""

    def __init__(self, database, table):
        super().__init__()
        self.database, self.table = database, table
        self.connection = database.connect()
        self.pid = self.connection.info.backend_pid
        self.notices = self.connection.notices

    def work(self):
        self.database.sql(f"CALL plait.track_concurrently('{self.table}')", on=self.connection)

    def progress(self):
        told = self.database.records("SELECT * FROM plait.progress WHERE pid = %s", self.pid)
        return told[0] if told else None

    def reaches(self, phase, seconds=60):
        """Waits until it is there, and waits itself for somebody."""
        def there():
            assert self.is_alive(), f"it has ended: {self.error}"
            told = self.progress()
            return told if told and told["phase"] == phase and told["waits_for"] else None
        return until(there, phase, seconds)


def hold(database, rows):
    """Somebody locks these rows of item until he rolls back."""
    holder = database.connect(autocommit=False)
    database.sql(f"SELECT FROM item WHERE {rows} FOR UPDATE", on=holder)
    return holder


class HeldUp:
    """Somebody holds rows of item, and a CALL has tracked all others and waits for him; `told`, by plait.progress."""

    def __init__(self, database, rows):
        self.holder, self.tracking = hold(database, rows), Tracking(database, "item")
        self.tracking.start()
        self.told = self.tracking.reaches("rows that others hold")

    def go_on(self):
        self.holder.rollback()
        self.tracking.finish()


class Writer(Worker):
    """Writes at random rows of a table (id, v, w) until it is told to stop. Keys up to `rows` were there before."""

    def __init__(self, number, database, table, rows, random):
        super().__init__()
        self.table, self.rows, self.random = table, rows, random
        self.ids = (f"{1_000_000 * (number + 1) + n}" for n in itertools.count())
        self.connection = database.connect(autocommit=False)
        self.stopped, self.done = False, 0

    def stop(self):
        self.stopped = True
        self.finish()

    def work(self):
        while not self.stopped:
            try:
                self.transaction()
            except psycopg2.errors.DeadlockDetected:  # two of us wrote several rows each
                self.connection.rollback()

    def any(self):
        return f"'{self.random.randrange(self.rows) + 1}'"

    def transaction(self):
        sql = self.connection.cursor()
        for _ in range(self.random.randrange(3) + 1):
            sql.execute(self.statement())
        if self.random.random() < 0.2:
            self.connection.rollback()
        else:
            self.connection.commit()
        self.done += 1

    def statement(self):
        one, other, new = self.any(), self.any(), f"'{next(self.ids)}'"
        key = f"id = {one}"
        return self.random.choice([
            f"INSERT INTO {self.table} VALUES ({new}, 1, 'new')",
            f"UPDATE {self.table} SET v = v + 1 WHERE {key}",
            f"UPDATE {self.table} SET v = v, w = w WHERE {key}",
            f"UPDATE {self.table} SET v = v - 1 WHERE id IN ({one}, {other})",
            f"UPDATE {self.table} SET id = {new}, w = 'moved' WHERE {key}",
            f"DELETE FROM {self.table} WHERE {key}",
            f"DELETE FROM {self.table} WHERE {key}; INSERT INTO {self.table} VALUES ({one}, 9, 'again') ON CONFLICT DO NOTHING",
            f"INSERT INTO {self.table} VALUES ({one}, 5, 'upsert') ON CONFLICT (id) DO UPDATE SET v = excluded.v",
            f"SAVEPOINT s; UPDATE {self.table} SET v = 0 WHERE {key}; ROLLBACK TO s",
            f"SELECT FROM {self.table} WHERE id IN ({one}, {other}) FOR UPDATE",
            f"WITH gone AS (DELETE FROM {self.table} WHERE {key} RETURNING v) INSERT INTO {self.table} SELECT {new}, v, 'cte' FROM gone",
        ])
