# bench/harness/pgbench.py: a script of single-row transactions by many clients at once.
import os
import re
import subprocess

from harness.server import Wrong


def pgbench(bench, database, script, clients):
    """Transactions done and transactions a second, without connecting."""
    run = subprocess.run(
        ["pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1", f"--time={bench.seconds}",
         f"--file={script}", database.name],
        env=dict(os.environ, **dict(bench.server.environment, PGDATABASE=database.name)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = re.search(r"number of transactions actually processed: (\d+)", run.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", run.stdout)
    tps = re.search(r"tps = ([\d.]+) \(without", run.stdout)
    if run.returncode != 0 or not (done and failed and tps) or failed[1] != "0":
        raise Wrong(f"pgbench {script.name}:\n{run.stdout}")
    return int(done[1]), float(tps[1])
