-- bench/tracked_insert/statement.sql: what is measured.
INSERT INTO album
SELECT n, 'Title number ' || n, 'Artist ' || n % 1000, 1950 + n % 75, n % 6, 'a note of ordinary length, ' || n
FROM generate_series(1, current_setting('bench.rows')::integer) n
