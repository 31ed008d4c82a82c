# bench/poll/task.py: what a look for something new costs beside transactions that stay open.
import contextlib
import time

from harness.server import Wrong

CONTESTANTS = ["nothing_open", "few_transactions", "many_transactions"]
POLLS, POLLS_WITH_AN_EVENT = 1_000, 200
EVENTS_A_TICK = 1_000
INSERT = "INSERT INTO album SELECT n, 'Title', 'Artist', 1950, 3, 'a note' FROM generate_series({}, {}) n"
ONE_BY_ONE = "DO $$ BEGIN FOR n IN {}..{} LOOP INSERT INTO album VALUES (n, 'Title', 'Artist', 1950, 3, 'a note'); COMMIT; END LOOP; END $$"
OTHER = "bench_other"


def events(bench):
    return 10 * bench.rows


def settings(bench):
    return f"{events(bench):,} events"


def measure(bench, contestant):
    with bench.database("poll", "album", "plait") as database, contextlib.ExitStack() as stack:
        database.execute("INSERT INTO album VALUES (0, 'Title', 'Artist', 1950, 3, 'a note'); SET synchronous_commit = off")
        if contestant != "nothing_open":
            stay_open(bench, database, stack)
        statement = ONE_BY_ONE if contestant == "many_transactions" else INSERT
        for first in range(1, events(bench) + 1, EVENTS_A_TICK):
            database.execute(statement.format(first, first + EVENTS_A_TICK - 1))
            database.execute("CALL plait.advance()")
        database.execute("RESET synchronous_commit")
        cursor = database.value("SELECT plait.cursor()")
        idle = sorted(poll(database, cursor, 0)[0] for _ in range(POLLS))
        busy = []
        for _ in range(POLLS_WITH_AN_EVENT):
            database.execute("UPDATE album SET stars = stars + 1 WHERE id = 0")
            seconds, cursor = poll(database, cursor, 1)
            busy.append(seconds)
        busy.sort()
    return {f"{name} ms, {what}": samples[int(len(samples) * part)] * 1000
            for what, samples in (("nothing new", idle), ("one event", busy)) for name, part in (("p50", .5), ("p95", .95))}


def stay_open(bench, database, stack):
    """A writer here, and one in a database of its own, until the stack ends."""
    administration = bench.server.connect("postgres")
    administration.cursor().execute(f"CREATE DATABASE {OTHER}")
    stack.callback(administration.close)
    stack.callback(lambda: administration.cursor().execute(f"DROP DATABASE {OTHER} WITH (FORCE)"))
    other = stack.enter_context(contextlib.closing(bench.server.connect(OTHER)))
    for file in ("album", "plait"):
        other.cursor().execute(database.text(file))
    here = stack.enter_context(contextlib.closing(bench.server.connect(database.name)))
    for connection in (here, other):
        connection.cursor().execute("BEGIN; " + INSERT.format(2_000_000_001, 2_000_001_000))


def poll(database, cursor, wanted):
    """Its seconds, and the cursor after it."""
    begin = time.monotonic()
    database.value("SELECT cursor FROM plait.feed_position()")
    seconds = time.monotonic() - begin
    if wanted:
        database.execute("CALL plait.advance()")
    begin = time.monotonic()
    with database.connection.cursor() as changes:
        changes.execute("SELECT cursor FROM plait.changes(%s)", (cursor,))
        rows = changes.fetchall()
    seconds += time.monotonic() - begin
    if len(rows) != wanted:
        raise Wrong(f"{len(rows)} changes came, {wanted} were made")
    return seconds, rows[-1][0] if rows else cursor
