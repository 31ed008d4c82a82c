-- A database of 0.1 goes on with the library of today, before and after ALTER EXTENSION plait UPDATE.
DROP EXTENSION plait;
CREATE EXTENSION plait VERSION '0.1';
CREATE TABLE album (id int PRIMARY KEY, title text);
CREATE TABLE word (word text PRIMARY KEY, n int);
INSERT INTO album VALUES (1, 'Showbiz'), (2, 'Absolution');
SELECT plait.track('album'), plait.track('word');
INSERT INTO word VALUES ('a', 1), ('b', 2);
UPDATE word SET word = 'c' WHERE word = 'b';
DELETE FROM album WHERE id = 2;
CALL plait.advance();
SELECT plait.cursor() AS cursor \gset
UPDATE album SET title = 'Origin of Symmetry';
SELECT plait.commit('[]') ->> 'events' AS committed;

SELECT string_agg(h::text, ',' ORDER BY h.id) AS before FROM (VALUES ('album', '1'), ('album', '2'), ('word', 'c')) e (collection, key),
       LATERAL plait.history(collection, key) h \gset
SELECT * FROM plait.verify();
SELECT count(*) > 5 AS has_status FROM plait.status();
-- But for the gateway's part of the feed, which has another form since.
SELECT plait.make_tick();

ALTER EXTENSION plait UPDATE;
SELECT extversion FROM pg_extension WHERE extname = 'plait';
SELECT string_agg(h::text, ',' ORDER BY h.id) AS now FROM (VALUES ('album', '1'), ('album', '2'), ('word', 'c')) e (collection, key),
       LATERAL plait.history(collection, key) h \gset
SELECT :'before' = :'now' AS same, length(:'now') > 1000 AS whole;
UPDATE album SET title = 'Drones';
INSERT INTO album VALUES (2, 'Simulation Theory');
CALL plait.advance();
SELECT collection, key, operations FROM plait.changes(:'cursor');
SELECT * FROM plait.verify();

-- What an update makes is what a new database has.
CREATE TEMP TABLE objects AS SELECT pg_describe_object(classid, objid, objsubid) AS object
FROM pg_depend JOIN pg_extension e ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND extname = 'plait' WHERE deptype = 'e';
DROP EXTENSION plait CASCADE;
CREATE EXTENSION plait;
SELECT object FROM objects EXCEPT SELECT pg_describe_object(classid, objid, objsubid)
FROM pg_depend JOIN pg_extension e ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND extname = 'plait' WHERE deptype = 'e';
SELECT count(*) = (SELECT count(*) FROM objects) AS all_there
FROM pg_depend JOIN pg_extension e ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND extname = 'plait' WHERE deptype = 'e';
