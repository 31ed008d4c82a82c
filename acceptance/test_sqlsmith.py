# acceptance/test_sqlsmith.py: random SQL over tracked tables and Plait's own functions breaks nothing.
import os
import re
import shutil
import subprocess
import time

import pytest

from acceptance.harness.database import Database

SOAK_SECONDS = 3600
QUERIES = 1000  # of a run: some ten seconds
TABLES = """
    CREATE TABLE album (id int PRIMARY KEY, title text, artist text, year int, stars int, note text);
    CREATE TABLE artist (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, tags text[], doc jsonb, born date);
    CREATE TABLE play (album int REFERENCES album ON DELETE CASCADE ON UPDATE CASCADE, n int, at timestamptz DEFAULT now(),
                       price numeric CHECK (price >= 0), PRIMARY KEY (album, n));
    SELECT plait.track('album'), plait.track('artist'), plait.track('play');
    INSERT INTO album SELECT n, 'title ' || n, 'artist ' || n % 10, 1950 + n % 75, n % 6 FROM generate_series(1, 200) n;
    INSERT INTO artist (name, tags, doc) SELECT 'a' || n, ARRAY['x', n::text], jsonb_build_object('n', n) FROM generate_series(1, 50) n;
    INSERT INTO play SELECT a, n, now(), n * 1.5 FROM generate_series(1, 50) a, generate_series(1, 3) n;
    UPDATE album SET stars = stars + 1;
    DELETE FROM album WHERE id % 7 = 0;
    CREATE ROLE smith LOGIN;
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO smith;
    SELECT plait.grant_feed('smith');
"""


@pytest.mark.skipif(shutil.which("sqlsmith") is None and os.environ.get("CI") != "true", reason="there is no sqlsmith")
def test_random_sql_breaks_nothing(durable_cluster, rng):
    cluster = durable_cluster(log_error_verbosity="verbose", statement_timeout="2s", fsync="off")
    cluster.connect().cursor().execute("CREATE DATABASE smithy")
    database = Database(cluster, "smithy")
    database.sql(TABLES)
    database.sql("CALL plait.advance()")
    end = time.monotonic() + (SOAK_SECONDS if os.environ.get("SOAK") else 0)
    while True:
        subprocess.run(["sqlsmith", f"--target={cluster.dsn('smithy', 'smith')}", f"--seed={rng.getrandbits(31)}",
                        f"--max-queries={QUERIES}", "--exclude-catalog"], stdout=subprocess.DEVNULL, check=True)
        log = (cluster.folder / "log").read_text(errors="replace")
        assert not re.search(r"PANIC|TRAP:|was terminated by signal", log), of_ours(log)
        assert of_ours(log) == ""
        assert database.verify() == []
        if time.monotonic() >= end:
            return


def of_ours(log):
    """The log's internal errors that Plait's code raised, with their statements."""
    entries = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] \S+ (?:ERROR|FATAL|PANIC|LOG):)", log)
    return "\n".join(entry for entry in entries if " XX000: " in entry and re.search(r"LOCATION:.*\.cpp:", entry))
