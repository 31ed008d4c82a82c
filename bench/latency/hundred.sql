-- bench/latency/hundred.sql: the rows that everyone watches, and who the gateway logs in as.
INSERT INTO album SELECT n, 'Title number ' || n, 'Artist ' || n, 2001, 0, 'a note' FROM generate_series(1, 100) n;
DO $$
BEGIN
    IF to_regrole('bench_gateway') IS NULL THEN
        CREATE ROLE bench_gateway LOGIN;
    END IF;
END $$;
GRANT SELECT ON album TO bench_gateway;
