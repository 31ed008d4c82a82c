# bench/single_rows/task.py: single-row transactions by pgbench.
from pathlib import Path

from harness.pgbench import pgbench
from harness.statement import check

CONTESTANTS = ["plain_table", "plait", "row_audit", "statement_audit", "bare_event"]
CLIENTS = (1, 8, 32)
SCRIPTS = Path(__file__).resolve().parent


def settings(bench):
    return f"{bench.seconds} s a run"


def measure(bench, contestant):
    figures = {}
    for clients in CLIENTS:
        with bench.database("single_rows", "album", "ten_thousand", contestant) as database:
            recorded = database.value("SELECT recorded()")
            done = {}
            for script in ("insert", "update"):
                done[script], tps = pgbench(bench, database, SCRIPTS / f"{script}.pgbench", clients)
                figures[f"{script.upper()} tps, {clients} client{'s' if clients > 1 else ''}"] = tps
            database.execute(f"SET bench.inserts = '{done['insert']}'; SET bench.updates = '{done['update']}'")
            check(database, recorded, sum(done.values()))
    return figures
