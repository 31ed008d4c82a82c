# bench/harness/statement.py: one statement over many rows: time, WAL and disk, and whether the answer is right.
import time

from harness.server import Wrong


def measure_statement(bench, database):
    """The task's statement.sql in a database that is set up, then check.sql; raises Wrong."""
    statement = database.text("statement")
    recorded = database.value("SELECT recorded()")
    disk, wal = database.disk_bytes(), database.wal_bytes()
    begin = time.monotonic()
    database.execute(statement)
    seconds = time.monotonic() - begin
    wal, disk = database.wal_bytes() - wal, database.disk_bytes() - disk
    check(database, recorded, bench.rows)
    return {"ms": seconds * 1000, "WAL bytes a row": wal / bench.rows, "disk bytes a row": disk / bench.rows}


def check(database, recorded_before, changes):
    """check.sql says true, `changes` more are on record, and the record agrees with the table."""
    if not database.value(database.text("check")):
        raise Wrong("the table does not hold what it should")
    if recorded_before is not None:
        recorded = database.value("SELECT recorded()") - recorded_before
        if recorded != changes:
            raise Wrong(f"{recorded} changes on record, not {changes}")
    if not database.value("SELECT sound()"):
        raise Wrong("the record of changes does not agree with the table")
