# bench/changes/task.py: reading the changes of a table from the beginning to the end.
import io
import time

from harness.server import Wrong

CONTESTANTS = ["row_audit", "plait"]
TRANSACTIONS = 100
TRANSACTIONS_A_READ = 10
INSERT = """
    INSERT INTO album
    SELECT n, 'Title number ' || n, 'Artist ' || n %% 1000, 1950 + n %% 75, n %% 6, 'a note of ordinary length, ' || n
    FROM generate_series(%s, %s) n"""


def measure(bench, contestant):
    with bench.database("changes", "album", contestant) as database:
        batch = bench.rows // TRANSACTIONS
        for i in range(TRANSACTIONS):
            database.execute(INSERT, (i * batch + 1, (i + 1) * batch))
            if contestant == "plait":
                database.execute("CALL plait.advance()")
        database.execute("ANALYZE")
        read = {"plait": read_plait, "row_audit": read_audit}[contestant]
        begin = time.monotonic()
        parts = list(read(database, batch * TRANSACTIONS_A_READ))
        seconds = time.monotonic() - begin
        lines = [line for part in parts for line in part.splitlines()]
        id_column = {"plait": 4, "row_audit": 0}[contestant]
        ids = {line.split(b"\t")[id_column] for line in lines}
        if len(lines) != batch * TRANSACTIONS or len(ids) != len(lines):
            raise Wrong(f"{len(lines)} changes came, {len(ids)} different ones, and {batch * TRANSACTIONS} were made")
        return {"changes a second": len(lines) / seconds,
                "bytes a change": sum(map(len, parts)) / len(lines)}


def copied(database, query):
    out = io.BytesIO()
    with database.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", out)
    return out.getvalue()


def read_plait(database, _):
    after = "NULL"
    while part := copied(database, f"SELECT * FROM plait.changes({after}, {TRANSACTIONS_A_READ})"):
        after = "'" + part[part.rfind(b"\n", 0, -1) + 1:].split(b"\t", 1)[0].decode() + "'"
        yield part


def read_audit(database, count):
    after = 0
    while part := copied(database, f"SELECT * FROM audit WHERE id > {after} ORDER BY id LIMIT {count}"):
        after = int(part[part.rfind(b"\n", 0, -1) + 1:].split(b"\t", 1)[0])
        yield part
