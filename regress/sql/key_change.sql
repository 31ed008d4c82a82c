-- The primary key of a tracked table changes: entities stay themselves, history goes on under the new key.
CREATE TABLE album (id int PRIMARY KEY, code text UNIQUE NOT NULL, title text);
INSERT INTO album VALUES (0, 'o', 'Zero'), (1, 'a', 'Showbiz'), (2, 'b', 'Origin'), (3, 'c', 'Absolution');
SELECT plait.track('album');
DELETE FROM album WHERE id IN (0, 3);
UPDATE album SET id = 20 WHERE id = 2;
CREATE TABLE was AS SELECT code, plait.identity(a) AS entity FROM album a;
-- What the catalogue says of keys, which rows are not who they were, and what verify finds.
CREATE VIEW told AS
    SELECT (SELECT naming FROM plait.collection WHERE name = 'album') AS naming,
           (SELECT string_agg(p.name, ',' ORDER BY key_position) FROM plait.property p JOIN plait.collection c ON c.number = collection
            WHERE c.name = 'album' AND key_position IS NOT NULL) AS key,
           (SELECT count(*) FROM plait.verify()) AS problems;
CREATE FUNCTION others() RETURNS SETOF text LANGUAGE plpgsql AS
    $$ BEGIN RETURN QUERY SELECT a.title FROM album a JOIN was w USING (code) WHERE plait.identity(a) IS DISTINCT FROM w.entity; END $$;
CREATE VIEW keys AS SELECT key, count(*) FROM plait.entity GROUP BY key ORDER BY key;

-- Dropped alone, DEFERRABLE, or of a type that names nothing: refused.
ALTER TABLE album DROP CONSTRAINT album_pkey;
ALTER TABLE album DROP COLUMN id;
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (code) DEFERRABLE;
ALTER TABLE album ADD span interval DEFAULT '1 day', DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (span, code);
-- The same key again, or a wider type, changes nothing.
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (id);
ALTER TABLE album ALTER id TYPE bigint;
SELECT * FROM told; SELECT others(); SELECT * FROM keys;
SELECT operations FROM plait.history('album', '1');

-- Another column. What ids said of the old key becomes values, of the dead too; they have no key any more.
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (code);
SELECT * FROM told; SELECT others(); SELECT * FROM keys;
SELECT operations FROM plait.history('album', 'a');
SELECT plait.head('album', '1');
SELECT DISTINCT collection, key, operations FROM plait.changes_since(NULL) WHERE operations -> 'set' ->> 'id' IN ('0', '3', '20');
INSERT INTO album VALUES (3, 'c', 'another');
SELECT count(*) AS geneses FROM plait.event WHERE parents = '';
UPDATE album SET id = 21, code = 'bb' WHERE id = 20;
SELECT operations FROM plait.history('album', 'bb') OFFSET 3;
DELETE FROM album WHERE code = 'bb';
INSERT INTO album VALUES (20, 'bb', 'Origin again');
UPDATE album SET code = 'b' WHERE code = 'bb';
SELECT * FROM told; SELECT others();

-- Several columns, their order, and one again.
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (code, id);
SELECT key FROM keys;
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (id, code);
SELECT key FROM keys;
SELECT * FROM told; SELECT others();
SELECT operations FROM plait.history('album', '["1","a"]');
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (id);
SELECT key FROM keys;

-- The key's type and values: by a rewrite.
ALTER TABLE album ALTER id TYPE text USING 'n' || id;
SELECT key FROM keys;
SELECT operations FROM plait.history('album', 'n1') OFFSET 1;
SELECT * FROM told; SELECT others();
-- A type without another form changes nothing.
ALTER TABLE album ALTER id TYPE varchar(10);
ALTER TABLE album ALTER id TYPE varchar(20);
SELECT count(*) FROM plait.history('album', 'n1');
-- The old column goes in the same command.
ALTER TABLE album ADD COLUMN uid uuid DEFAULT md5('x')::uuid, ALTER title TYPE text USING upper(title);
UPDATE album SET uid = md5(code)::uuid;
ALTER TABLE album DROP COLUMN id, ADD PRIMARY KEY (uid);
SELECT * FROM told; SELECT others();
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD COLUMN number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ADD made float DEFAULT random();
SELECT * FROM told; SELECT others();
SELECT key FROM keys;
ALTER TABLE album RENAME number TO no;
ALTER TABLE album DROP COLUMN no CASCADE, ADD PRIMARY KEY (code);
SELECT * FROM told; SELECT others();

-- Followers are told of every entity, also where the command rewrites rows and no value changes.
SELECT count(*) FROM plait.history('album', 'a') \gset before_
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (uid), ALTER code TYPE varchar(40);
SELECT count(*) - :before_count AS events FROM plait.history('album', md5('a')::uuid::text);

-- By values: the least and greatest uuid, integers whose packing changes.
CREATE TABLE point (x int, y int, v text, PRIMARY KEY (x, y));
INSERT INTO point VALUES (0, 0, 'a'), (-1, -1, 'b'), (1, -1, 'c');
SELECT plait.track('point');
CREATE TABLE was_point AS SELECT v, plait.identity(p) AS entity FROM point p;
ALTER TABLE point ALTER x TYPE bigint;
SELECT naming FROM plait.collection WHERE name = 'point';
ALTER TABLE point ALTER y TYPE text;
SELECT v, plait.identity(p) = entity AS same, (plait.snapshot(p)).key FROM point p JOIN was_point USING (v) ORDER BY v;
ALTER TABLE point ALTER x TYPE int USING -x, ALTER y TYPE int USING y::int * 2;
SELECT v, plait.identity(p) = entity AS same, (plait.snapshot(p)).key FROM point p JOIN was_point USING (v) ORDER BY v;
SELECT problem FROM plait.verify();

-- An integer key whose values swap: each entity keeps its id.
CREATE TABLE n (id int PRIMARY KEY, v text);
INSERT INTO n VALUES (1, 'one'), (2, 'two');
SELECT plait.track('n');
ALTER TABLE n ALTER id TYPE int USING 3 - id;
SELECT id, v, plait.identity(n)::text FROM n ORDER BY id;
SELECT problem FROM plait.verify();

-- The label of an enum, under a domain.
CREATE TYPE mood AS ENUM ('low', 'high', 'gone');
CREATE DOMAIN spirits AS mood;
CREATE TABLE m (id spirits PRIMARY KEY, v text);
INSERT INTO m VALUES ('low', 'a'), ('high', 'b'), ('gone', 'c');
SELECT plait.track('m');
DELETE FROM m WHERE v = 'c';
CREATE TABLE was_m AS SELECT v, plait.identity(m) AS entity FROM m;
ALTER TYPE mood RENAME VALUE 'low' TO 'down';
SELECT id, plait.identity(m) = entity AS same, (plait.snapshot(m)).key FROM m JOIN was_m USING (v) ORDER BY id;
SELECT operations FROM plait.history('m', 'down');
SELECT problem FROM plait.verify();
-- With its column the key would go.
DROP TYPE mood CASCADE;

-- Partitions: the root's key.
CREATE TABLE sale (id int, sold date, price int, PRIMARY KEY (id, sold)) PARTITION BY RANGE (sold);
CREATE TABLE sale_1 (price int, sold date NOT NULL, id int NOT NULL);
ALTER TABLE sale ATTACH PARTITION sale_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO sale SELECT n, '2025-12-30'::date + n, n * 10 FROM generate_series(1, 4) n;
SELECT plait.track('sale');
CREATE TABLE was_sale AS SELECT price, plait.identity(s) AS entity FROM sale s;
ALTER TABLE sale DROP CONSTRAINT sale_pkey, ADD PRIMARY KEY (sold, id);
ALTER TABLE sale ALTER id TYPE text;
SELECT s.price, plait.identity(s) = entity AS same, (plait.snapshot(s)).key FROM sale s JOIN was_sale USING (price) ORDER BY 1;
SELECT problem FROM plait.verify();

-- Not tracked for a while: by what was the key. Of two rows with one key the first is the entity.
CREATE TABLE t (id int PRIMARY KEY, code text, v text);
INSERT INTO t SELECT n, 'c' || n, 'v' || n FROM generate_series(1, 5) n;
SELECT plait.track('t');
CREATE TABLE was_t AS SELECT id, plait.identity(t) AS entity FROM t;
SELECT plait.untrack('t');
ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (code), ALTER id DROP NOT NULL;
DELETE FROM t WHERE id = 5;
INSERT INTO t VALUES (NULL, 'null', 'new'), (1, 'double', 'new');
ALTER TABLE t ALTER id TYPE text;
SELECT plait.track('t');
SELECT code, t.id, plait.identity(t) = entity AS same, (plait.snapshot(t)).key FROM t LEFT JOIN was_t w ON w.id::text = t.id ORDER BY code;
SELECT operations FROM plait.history('t', 'c1');
SELECT problem FROM plait.verify();
SELECT plait.untrack('t');
ALTER TABLE t DROP COLUMN code, ADD COLUMN serial serial PRIMARY KEY;
SELECT plait.track('t');
SELECT plait.head('t', 'c1');

-- Another access method may order rows as it likes.
CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE o (id int PRIMARY KEY, code text NOT NULL) USING other;
INSERT INTO o VALUES (1, 'a');
SELECT plait.track('o');
ALTER TABLE o DROP CONSTRAINT o_pkey, ADD PRIMARY KEY (code);
ALTER TABLE o ALTER id TYPE bigint;
SELECT plait.untrack('o');
ALTER TABLE o DROP CONSTRAINT o_pkey, ADD PRIMARY KEY (code);
SELECT plait.track('o');
SELECT plait.identity(o)::text FROM o;

-- A failed change leaves nothing behind.
BEGIN;
SAVEPOINT s;
ALTER TABLE n ALTER id TYPE text USING (1 / (id - 1))::text;
ROLLBACK TO s;
ALTER TABLE n ADD w int DEFAULT 1;
ALTER TABLE n ALTER id TYPE text USING 'n' || id;
ROLLBACK;
SHOW synchronize_seqscans;
SELECT naming FROM plait.collection WHERE name = 'n';
SELECT problem FROM plait.verify();

-- The least id there is is an entity as any other.
CREATE TABLE least (id int PRIMARY KEY);
INSERT INTO least VALUES (0), (1);
SELECT plait.track('least');
SELECT plait.untrack('least');
DELETE FROM least WHERE id = 0;
SELECT plait.track('least');
SELECT operations FROM plait.history('least', '0');
