# bench/tracked_insert/task.py: one INSERT of many rows.
from harness.statement import measure_statement

CONTESTANTS = ["plain_table", "plait", "row_audit", "statement_audit"]


def measure(bench, contestant):
    with bench.database("tracked_insert", "album", contestant) as database:
        return measure_statement(bench, database)
