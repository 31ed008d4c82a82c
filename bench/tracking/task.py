# bench/tracking/task.py: how long writers wait while their table becomes a collection.
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from harness.server import Wrong

CONTESTANTS = ["track", "track_concurrently"]
STATEMENTS = {"track": "SELECT plait.track('album')", "track_concurrently": "CALL plait.track_concurrently('album')"}
CLIENTS = 4
WRITER = Path(__file__).resolve().parent / "writer.py"


def settings(bench):
    return f"{bench.rows:,} rows, {CLIENTS} clients"


def measure(bench, contestant):
    with bench.database("tracking", "album", "rows") as database:
        database.execute("CREATE EXTENSION plait")
        with writers(bench, database) as took:
            time.sleep(bench.seconds)
            begin = time.monotonic()
            database.execute(STATEMENTS[contestant])
            end = time.monotonic()
        check(database)
    before = [t for t in took if t[1] < begin]
    meanwhile = [t for t in took if t[1] > begin and t[0] < end]
    return {"rows a second": bench.rows / (end - begin),
            "writers' longest, ms": percentile(meanwhile, 100), "writers' p99, ms": percentile(meanwhile, 99),
            "before: longest, ms": percentile(before, 100), "before: p99, ms": percentile(before, 99),
            "transactions a second": len(meanwhile) / (end - begin),
            "before: transactions a second": len(before) / bench.seconds}


@contextlib.contextmanager
def writers(bench, database):
    """Gives a list that is filled when they have ended."""
    dsn = database.connection.dsn
    made = [subprocess.Popen([sys.executable, WRITER, dsn, str(bench.rows)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True) for _ in range(CLIENTS)]
    took = []
    try:
        yield took
        for writer in made:
            writer.stdin.close()
        for writer in made:
            took += json.load(writer.stdout)
    finally:
        for writer in made:
            writer.kill()
            writer.wait()


def percentile(took, percent):
    sorted_ms = sorted((end - begin) * 1000 for begin, end in took)
    return sorted_ms[min(len(sorted_ms) * percent // 100, len(sorted_ms) - 1)]


def check(database):
    told = database.value("""SELECT ARRAY[count(*) FILTER (WHERE parents = ''), count(DISTINCT entity),
        (SELECT count(*) FROM album)] FROM plait.event""")
    if len(set(told)) != 1:
        raise Wrong("{} geneses of {} entities in {} rows".format(*told))
    if database.value("SELECT count(*) FROM plait.verify('album')") != 0:
        raise Wrong("the table is not the fold of its events")
