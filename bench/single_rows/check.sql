-- bench/single_rows/check.sql: did every transaction that pgbench counted do its change, and nothing else?
SELECT count(*) - 10000 = current_setting('bench.inserts')::bigint
       AND sum(stars) = current_setting('bench.updates')::bigint
FROM album
