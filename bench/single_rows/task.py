# bench/single_rows/task.py: single-row transactions by pgbench.
import os
import re
import subprocess

from harness.server import BENCH, Wrong
from harness.statement import check

CONTESTANTS = ["plain_table", "plait", "row_audit", "statement_audit"]
CLIENTS = (1, 8, 32)


def settings(bench):
    return f"{bench.seconds} s a run"


def measure(bench, contestant):
    figures = {}
    for clients in CLIENTS:
        with bench.database("single_rows", "album", "ten_thousand", contestant) as database:
            recorded = database.value("SELECT recorded()")
            done = {}
            for script in ("insert", "update"):
                done[script], tps = pgbench(bench, database, script, clients)
                figures[f"{script.upper()} tps, {clients} client{'s' if clients > 1 else ''}"] = tps
            database.execute(f"SET bench.inserts = '{done['insert']}'; SET bench.updates = '{done['update']}'")
            check(database, recorded, sum(done.values()))
    return figures


def pgbench(bench, database, script, clients):
    """Transactions done and transactions a second, without connecting."""
    run = subprocess.run(
        ["pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1", f"--time={bench.seconds}",
         f"--file={BENCH / 'single_rows' / script}.pgbench", database.name],
        env=dict(os.environ, **dict(bench.server.environment, PGDATABASE=database.name)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = re.search(r"number of transactions actually processed: (\d+)", run.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", run.stdout)
    tps = re.search(r"tps = ([\d.]+) \(without", run.stdout)
    if run.returncode != 0 or not (done and failed and tps) or failed[1] != "0":
        raise Wrong(f"pgbench {script}:\n{run.stdout}")
    return int(done[1]), float(tps[1])
