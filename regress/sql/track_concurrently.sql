-- Tracking beside writers, its faces in SQL. What happens when others write is in the isolation specs and the acceptance tests.
CREATE TABLE album (id int PRIMARY KEY, title text, year int DEFAULT 2000);
INSERT INTO album SELECT n, 'title ' || n, 1990 + n FROM generate_series(1, 2000) n;
DELETE FROM album WHERE id % 2 = 0;
CALL plait.track_concurrently('album');

-- As plait.track would have left it.
SELECT count(*) AS geneses, count(DISTINCT entity) AS entities FROM plait.event WHERE parents = '';
SELECT operations FROM plait.history('album', '11');
SELECT operations FROM plait.history('album', '999');
SELECT name, table_name, naming, tracked FROM plait.collection;
SELECT * FROM plait.verify();
SELECT * FROM plait.progress;
SELECT objid FROM pg_locks WHERE locktype = 'object' AND classid = 'plait.backfill'::regclass;
UPDATE album SET year = 1 WHERE id = 11;
SELECT operations FROM plait.history('album', '11');

-- Again: nothing happens. Its name is fixed for life.
CALL plait.track_concurrently('album');
CALL plait.track_concurrently('album', name => 'record');

-- An empty table, one with a name of its own, keys that name nothing by themselves, partitions.
CREATE TABLE empty (id uuid PRIMARY KEY);
CALL plait.track_concurrently('empty');
CREATE TABLE "Odd table" (a text, "B c" numeric, wide text, PRIMARY KEY ("B c", a));
INSERT INTO "Odd table" SELECT 'key ' || n, n / 4.0, repeat('wide ', 10000 * (n % 2)) FROM generate_series(1, 50) n;
CALL plait.track_concurrently('"Odd table"', name => 'odd', merge => '{"wide": "lww"}');
SELECT count(*), count(DISTINCT entity), min(length(operations->'set'->>'wide')) FROM plait.changes_since(NULL) WHERE collection = 'odd';
CREATE TABLE sale (id int, at date, price int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE sale_2025 PARTITION OF sale FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sale_2026 (price int, gone int, at date NOT NULL, id int NOT NULL);
ALTER TABLE sale_2026 DROP gone;
ALTER TABLE sale ATTACH PARTITION sale_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO sale SELECT n, date '2025-12-01' + n, n * 10 FROM generate_series(1, 60) n;
CALL plait.track_concurrently('sale');
UPDATE sale_2026 SET price = 0 WHERE id = 40;
SELECT operations FROM plait.history('sale', '["40","2026-01-10"]');
SELECT * FROM plait.verify();

-- A database that has the new module and not yet the new objects is written as before.
SET client_min_messages = warning;
DROP EXTENSION plait CASCADE;
RESET client_min_messages;
CREATE EXTENSION plait VERSION '0.1';
SELECT plait.track('album');
UPDATE album SET year = year WHERE id < 10;
UPDATE album SET year = 2 WHERE id = 13;
SELECT plait.untrack('album');
SELECT plait.track('album');
SELECT * FROM plait.verify();
ALTER EXTENSION plait UPDATE;
CALL plait.track_concurrently('album');
CALL plait.track_concurrently('sale');

-- Refused.
CREATE TABLE no_key (id int);
CALL plait.track_concurrently('no_key');
CALL plait.track_concurrently('sale_2025');
CALL plait.track_concurrently(NULL);
CREATE TABLE fine (id int PRIMARY KEY);
CALL plait.track_concurrently('fine', merge => '{"id": "counter"}');
CALL plait.track_concurrently('fine', name => 'album');
BEGIN;
CALL plait.track_concurrently('fine');
ROLLBACK;
DO $$ BEGIN CALL plait.track_concurrently('fine'); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', sqlerrm; END $$;
SET default_transaction_read_only = on;
CALL plait.track_concurrently('fine');
RESET default_transaction_read_only;
SELECT plait.untrack('album');
CALL plait.track_concurrently('album');
SELECT count(*) AS claims FROM pg_locks WHERE locktype = 'object' AND classid = 'plait.backfill'::regclass;

-- For the owner; and each sees how far his own tables are.
CREATE ROLE regress_plait_stranger;
GRANT SELECT ON fine TO regress_plait_stranger;
SET ROLE regress_plait_stranger;
CALL plait.track_concurrently('fine');
SELECT * FROM plait.backfill;
RESET ROLE;
DO $$ BEGIN CALL plait.track_concurrently('fine'); END $$;
SELECT name FROM plait.collection ORDER BY 1;
DROP OWNED BY regress_plait_stranger;
DROP ROLE regress_plait_stranger;

-- How far it is, for who may read the table; and a backfill of another life of the database begins anew.
INSERT INTO plait.backfill SELECT number, relation, 7, 0, 3, 2, 1, 4, 1, 'epoch', 20000 FROM plait.collection WHERE name = 'fine';
\c -
INSERT INTO fine VALUES (1);
SELECT * FROM plait.progress;
CREATE ROLE regress_plait_stranger;
SET ROLE regress_plait_stranger;
SELECT count(*) FROM plait.progress;
RESET ROLE;
GRANT SELECT ON fine TO regress_plait_stranger;
SET ROLE regress_plait_stranger;
SELECT count(*) FROM plait.progress;
RESET ROLE;
DROP OWNED BY regress_plait_stranger;
DROP ROLE regress_plait_stranger;
SELECT plait.track('fine');
CALL plait.track_concurrently('fine');
SELECT * FROM plait.progress;
