-- What CREATE EXTENSION makes: each object says what it is, and nothing runs as another user.
SELECT pg_describe_object(classid, objid, objsubid) AS without_a_comment
FROM pg_depend JOIN pg_extension e ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND extname = 'plait'
WHERE deptype = 'e' AND obj_description(objid, classid::regclass::name) IS NULL
  AND classid NOT IN ('pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_opfamily'::regclass)
  AND NOT (classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t WHERE t.oid = objid AND (typrelid <> 0 OR typcategory = 'A')))
ORDER BY 1;

SELECT p.oid::regprocedure::text COLLATE "C" AS function,
       CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
       CASE proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
       proisstrict AS strict, proleakproof AS leakproof
FROM pg_proc p WHERE pronamespace = 'plait'::regnamespace ORDER BY 1;

SELECT count(*) AS of_another_user FROM pg_proc WHERE pronamespace = 'plait'::regnamespace AND prosecdef;
SELECT relname AS granted FROM pg_class WHERE relnamespace = 'plait'::regnamespace AND relacl IS NOT NULL
    AND EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee <> relowner);

-- A query that calls them can still be read in parallel.
CREATE TABLE album (id int PRIMARY KEY, title text);
SELECT plait.track('album');
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
INSERT INTO album SELECT n, 'title ' || n FROM generate_series(1, 2000) n;
ANALYZE album;
SELECT count(DISTINCT plait.identity(a)) FROM album a WHERE title LIKE 'title 1%';
EXPLAIN (COSTS OFF) SELECT plait.identity(a) FROM album a WHERE title LIKE 'title 1%';
