# bench/instructions/task.py: a single-row transaction in instructions of its backend, counted by valgrind.
import os
import re
import shutil
import subprocess
from pathlib import Path

from harness.server import BENCH, Database, Server, Skipped, Wrong
from harness.statement import check

CONTESTANTS = ["plain_table", "plait", "row_audit", "statement_audit", "bare_event"]
KINDS = ["insert", "update"]  # statements of single_rows
FEW, MANY = 20, 220  # transactions of two runs: their difference leaves out what a backend does once


def settings(bench):
    return f"{MANY - FEW} transactions of each kind"


def measure(bench, contestant):
    if shutil.which("valgrind") is None:
        raise Skipped("valgrind is not installed: apt-get install valgrind")
    with Server() as server:
        server.connect("postgres").cursor().execute("CREATE DATABASE bench")
        database = Database(server, "single_rows", "bench", bench.rows)
        for file in ("album", "ten_thousand", contestant):
            database.execute(database.text(file))
        recorded = database.value("SELECT recorded()")
        database.execute("VACUUM ANALYZE")
        database.connection.close()
        stop(server)
        figures = {}
        for kind in KINDS:
            few, many = (count(server, statement(kind), transactions) for transactions in (FEW, MANY))
            figures[f"instructions, one {kind.upper()}"] = (many - few) / (MANY - FEW)
        start(server)
        again = Database(server, "single_rows", "bench", bench.rows)
        again.execute(f"SET bench.inserts = '{FEW + MANY}'; SET bench.updates = '{FEW + MANY}'")
        check(again, recorded, 2 * (FEW + MANY))
        again.connection.close()
    return figures


def statement(kind):
    """The one of the script, its row the loop's."""
    script = (BENCH / "single_rows" / f"{kind}.pgbench").read_text()
    return script.splitlines()[-1].rstrip(";").replace(":id", "i")


def count(server, statement, transactions):
    """Of a server of one process, which runs them in a loop, each committed."""
    loop = f"DO $$ BEGIN FOR i IN 1..{transactions} LOOP {statement}; COMMIT; END LOOP; END $$\n"
    run = subprocess.run(
        owner() + ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                   program(server, "postgres"), "--single", "-D", server.environment["PGDATA"], "-j", "bench"],
        input=loop, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    refs = re.search(r"I\s+refs:\s+([\d,]+)", run.stdout)
    if run.returncode != 0 or refs is None or "ERROR" in run.stdout:
        raise Wrong(f"{loop}{run.stdout[-2000:]}")
    return int(refs[1].replace(",", ""))


def stop(server):
    control(server, "stop", "-m", "fast")


def start(server):
    control(server, "start", "-l", "/dev/null")


def control(server, *words):
    subprocess.run(owner() + [program(server, "pg_ctl"), "-D", server.environment["PGDATA"], "-w", *words],
                   check=True, stdout=subprocess.DEVNULL, cwd="/")


def program(server, name):
    return str(next(Path(server.environment["PLAIT_POSTGRES"], "postgres").rglob(f"bin/{name}")))


def owner():
    """Postgres refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
