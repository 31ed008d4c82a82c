-- Partitioned tables: one collection, the root's, whatever is written where. Leaves have their columns in other orders.
CREATE TABLE sale (id int, at int, note text, n int DEFAULT 7, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE sale_0 (gone int, n int DEFAULT 7, note text, at int NOT NULL, id int NOT NULL);
ALTER TABLE sale_0 DROP COLUMN gone;
ALTER TABLE sale ATTACH PARTITION sale_0 FOR VALUES FROM (0) TO (10);
CREATE TABLE sale_1x PARTITION OF sale FOR VALUES FROM (10) TO (30) PARTITION BY LIST (at);
CREATE TABLE sale_12 PARTITION OF sale_1x FOR VALUES IN (12);
CREATE TABLE sale_11 PARTITION OF sale_1x FOR VALUES IN (11);
CREATE TABLE sale_rest PARTITION OF sale DEFAULT PARTITION BY HASH (id);
CREATE TABLE sale_even PARTITION OF sale_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE sale_odd PARTITION OF sale_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO sale VALUES (1, 1, 'first', 1), (2, 11, 'second', 7), (3, 99, 'third', NULL);
SELECT plait.track('sale');
SELECT count(*) AS collections FROM plait.collection;
SELECT DISTINCT tgrelid::regclass AS tables, array_agg(tgname ORDER BY tgname) AS triggers, array_agg(DISTINCT tgenabled) AS enabled
  FROM pg_trigger WHERE tgname LIKE '!plait%' GROUP BY 1 ORDER BY 1;

-- What was written since, by the last key of its entity; what was deleted has the key it had.
CREATE TABLE seen (id plait.ulid);
CREATE FUNCTION news() RETURNS TABLE (key text, operations jsonb, parents int) LANGUAGE sql AS $$
    WITH fresh AS (SELECT e.*, row_number() OVER (ORDER BY e.id) AS nth FROM plait.event e LEFT JOIN seen USING (id) WHERE seen.id IS NULL),
         noted AS (INSERT INTO seen SELECT id FROM fresh)
    SELECT coalesce(x.key::text, ('x' || encode(substr(f.entity::bytea, 9, 4), 'hex'))::bit(32)::int || ', '
               || ('x' || encode(substr(f.entity::bytea, 13, 4), 'hex'))::bit(32)::int), f.operations, length(f.parents) / 16
      FROM fresh f LEFT JOIN plait.entity x USING (collection, entity) ORDER BY f.nth
$$;
SELECT * FROM news();

-- Through the root, an intermediate and a leaf: the same events.
INSERT INTO sale VALUES (4, 2, 'root'), (5, 12, 'root'), (6, 50, 'root');
INSERT INTO sale_1x VALUES (7, 11, 'between');
INSERT INTO sale_0 (id, at, note) VALUES (8, 3, 'leaf');
INSERT INTO sale_odd VALUES (10, 51, 'leaf');
UPDATE sale SET note = note || '!' WHERE id IN (4, 5, 6);
UPDATE sale_0 SET n = n + 1 WHERE id = 8;
UPDATE sale_1x SET note = 'changed' WHERE id = 7;
DELETE FROM sale_0 WHERE id = 8;
DELETE FROM sale WHERE id = 10;
COPY sale (id, at) FROM stdin;
11	4
12	12
\.
COPY sale_0 (id, at) FROM stdin;
13	5
\.
INSERT INTO sale VALUES (13, 5, 'upserted'), (14, 6, 'inserted') ON CONFLICT (id, at) DO UPDATE SET note = excluded.note;
INSERT INTO sale_0 (id, at, note) VALUES (14, 6, 'upserted') ON CONFLICT (id, at) DO UPDATE SET note = excluded.note;
SELECT * FROM news();

-- A row that moves has another key and stays its entity; straight within an intermediate too.
UPDATE sale SET at = CASE id WHEN 1 THEN 12 ELSE 99 END WHERE id IN (1, 2);
UPDATE sale_1x SET at = 12 WHERE id = 7;
SELECT * FROM news();
SELECT tableoid::regclass AS lies_in, id, at, plait.identity(t) FROM sale t WHERE id IN (1, 2, 7) ORDER BY id;
SELECT plait.identity(t), (plait.snapshot(t)).key FROM sale_0 t WHERE id = 4;

-- A trigger on the partition that lets a moving row not in: that row is gone, the others pair by key.
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id = 11 THEN RETURN NULL; END IF; RETURN NEW; END';
CREATE TRIGGER keep_out BEFORE INSERT ON sale_12 FOR EACH ROW EXECUTE FUNCTION keep_out();
UPDATE sale SET at = CASE id WHEN 14 THEN at ELSE 12 END, note = 'moved' WHERE id IN (4, 11, 14);
DROP TRIGGER keep_out ON sale_12;
SELECT * FROM news();

-- MERGE: to Postgres 15 a row that it moves is a deleted one and an inserted one.
MERGE INTO sale USING (VALUES (13, 5), (14, 6), (15, 11), (12, 12)) v (i, a) ON id = i AND at = a
    WHEN MATCHED AND i = 12 THEN DELETE WHEN MATCHED AND i = 13 THEN UPDATE SET at = 12
    WHEN MATCHED THEN UPDATE SET note = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (i, a, 'merged');
SELECT * FROM news() ORDER BY 1, 2;

-- A trigger that writes a leaf while a statement on the root is under way, and the other way round: one net event.
CREATE FUNCTION deeper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN UPDATE sale_0 SET n = 100, note = NEW.note || ' in the leaf' WHERE id = NEW.id;
    ELSIF pg_trigger_depth() = 2 THEN UPDATE sale SET n = n + 1 WHERE id = NEW.id; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deeper AFTER INSERT OR UPDATE ON sale FOR EACH ROW EXECUTE FUNCTION deeper();
INSERT INTO sale VALUES (20, 7, 'deep');
UPDATE sale_0 SET note = 'leaf' WHERE id = 20;
WITH a AS (UPDATE sale SET note = 'with' WHERE id = 20) INSERT INTO sale_0 (id, at, note) VALUES (21, 7, 'with');
SELECT * FROM news();
DROP TRIGGER deeper ON sale;
SELECT * FROM sale WHERE at = 7 ORDER BY id;

-- Foreign keys cascade into partitions and from them.
CREATE TABLE part_of (id int PRIMARY KEY, sale int, sale_at int, FOREIGN KEY (sale, sale_at) REFERENCES sale ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE shop (id int PRIMARY KEY);
INSERT INTO shop VALUES (1), (2);
ALTER TABLE sale ADD COLUMN shop int REFERENCES shop ON UPDATE CASCADE ON DELETE CASCADE;
SELECT plait.track('part_of') IS NOT NULL AS tracked;
INSERT INTO part_of VALUES (1, 20, 7), (2, 21, 7);
UPDATE sale SET shop = id - 19 WHERE at = 7;
UPDATE shop SET id = 3 WHERE id = 2;
DELETE FROM shop WHERE id = 1;
UPDATE sale SET at = 11 WHERE id = 21;
SELECT collection, operations FROM plait.event LEFT JOIN seen USING (id) WHERE seen.id IS NULL ORDER BY plait.event.id;
SELECT count(*) > 0 AS noted FROM news();
SELECT * FROM part_of;
DROP TABLE part_of;

-- Columns are followed through the root; a value that differs row by row is told.
ALTER TABLE sale ADD COLUMN extra int DEFAULT 5;
UPDATE sale SET extra = 6 WHERE id = 21;
ALTER TABLE sale ADD COLUMN made int DEFAULT (random() * 0)::int + 3;
SELECT operations, count(*) FROM news() GROUP BY 1 ORDER BY 1;
ALTER TABLE sale ALTER note TYPE text USING upper(note);
SELECT operations FROM news() ORDER BY 1;

-- New partitions, by whatever command; TRUNCATE of one and of all.
CREATE TABLE sale_30 PARTITION OF sale FOR VALUES FROM (30) TO (40);
INSERT INTO sale_30 (id, at) VALUES (30, 30), (31, 31);
CREATE SCHEMA old CREATE TABLE sale_40 PARTITION OF public.sale FOR VALUES FROM (40) TO (45);
INSERT INTO old.sale_40 (id, at) VALUES (40, 40);
TRUNCATE sale_30;
SELECT * FROM news();
TRUNCATE sale;
SELECT operations, count(*) FROM news() GROUP BY 1;
SELECT * FROM plait.verify();

-- ATTACH: rows that come get their geneses, or are the entities that they were; DETACH and DROP delete.
CREATE TABLE sale_60 (id int NOT NULL, n int, note text, at int NOT NULL, made int, extra int, shop int, PRIMARY KEY (id, at));
INSERT INTO sale_60 (id, at, note) VALUES (60, 60, 'comes'), (10, 51, 'again');
ALTER TABLE sale ATTACH PARTITION sale_60 FOR VALUES FROM (50) TO (70);
SELECT * FROM news();
UPDATE sale SET note = 'known' WHERE id = 60;
ALTER TABLE sale DETACH PARTITION sale_60;
SELECT * FROM news();
UPDATE sale_60 SET note = 'alone';
SELECT * FROM news();
ALTER TABLE sale ATTACH PARTITION sale_60 FOR VALUES FROM (50) TO (70);
SELECT * FROM news();
SELECT tgname FROM pg_trigger WHERE tgrelid = 'sale_60'::regclass AND NOT tgisinternal;
INSERT INTO old.sale_40 (id, at) VALUES (41, 41);
SELECT count(*) FROM news();
CREATE ROLE regress_nobody;
SET ROLE regress_nobody;
DROP TABLE sale_60;
RESET ROLE;
DROP ROLE regress_nobody;
DROP TABLE sale_60;
-- What goes with its schema is found missing, rows of this very transaction too.
BEGIN;
INSERT INTO old.sale_40 (id, at) VALUES (42, 42);
DROP SCHEMA old CASCADE;
COMMIT;
SELECT * FROM news();
SELECT count(*) AS history FROM plait.history('sale', '["60","60"]');
-- CONCURRENTLY is two transactions: the rows are deleted in the second.
ALTER TABLE sale DETACH PARTITION sale_rest;
CREATE TABLE sale_50 PARTITION OF sale FOR VALUES FROM (50) TO (60);
INSERT INTO sale VALUES (50, 50);
ALTER TABLE sale DETACH PARTITION sale_50 CONCURRENTLY;
SELECT * FROM news();
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'sale_50'::regclass AND NOT tgisinternal;
ALTER TABLE sale ATTACH PARTITION sale_rest DEFAULT;
-- A whole branch goes and comes back.
INSERT INTO sale VALUES (70, 11), (71, 12);
ALTER TABLE sale DETACH PARTITION sale_1x;
ALTER TABLE sale ATTACH PARTITION sale_1x FOR VALUES FROM (10) TO (30);
DROP TABLE sale_1x;
SELECT * FROM news();
SELECT * FROM plait.verify();

-- What cannot be tracked, or could not be once it is a partition.
SELECT plait.track('sale_0');
SELECT plait.untrack('sale_0');
CREATE TABLE bare (id int, at int) PARTITION BY RANGE (at);
SELECT plait.track('bare');
CREATE UNLOGGED TABLE sale_80 PARTITION OF sale FOR VALUES FROM (80) TO (90);
CREATE TABLE alone (id int, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE UNLOGGED TABLE alone_0 PARTITION OF alone FOR VALUES FROM (0) TO (10);
SELECT plait.track('alone');
DROP TABLE alone_0;
CREATE TABLE alone_1 (id int, at int, PRIMARY KEY (id, at));
SELECT plait.track('alone_1');
ALTER TABLE alone ATTACH PARTITION alone_1 FOR VALUES FROM (10) TO (20);

-- untrack takes the triggers from all; what happens then is told when it is tracked again.
SELECT plait.untrack('sale');
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE tgname LIKE '!plait%' AND relname LIKE 'sale%';
INSERT INTO sale VALUES (90, 1, 'meanwhile');
CREATE TABLE sale_90 PARTITION OF sale FOR VALUES FROM (90) TO (100);
SELECT plait.track('sale');
UPDATE sale_0 SET note = 'now' WHERE id = 90;
INSERT INTO sale_90 (id, at) VALUES (91, 91);
SELECT * FROM news();
SELECT * FROM plait.verify();
