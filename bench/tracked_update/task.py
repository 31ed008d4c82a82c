# bench/tracked_update/task.py: one UPDATE of many rows.
from harness.statement import measure_statement

CONTESTANTS = ["plain_table", "plait", "row_audit", "statement_audit"]


def measure(bench, contestant):
    with bench.database("tracked_update", "album", "rows", contestant) as database:
        return measure_statement(bench, database)
