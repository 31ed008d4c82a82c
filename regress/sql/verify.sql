-- verify tells what does not agree: digests, parents, heads, rows. Nothing wrong, no rows.
CREATE TABLE album (id int PRIMARY KEY, title text, year int, price numeric, tags text[], layout jsonb, born timestamptz,
                    twice int GENERATED ALWAYS AS (year * 2) STORED);
INSERT INTO album SELECT i, 'album ' || i, 2000 + i, i / 4.0, ARRAY['a', NULL, i::text], '{"a": {"b": 1.50}}', now() FROM generate_series(1, 5) i;
SELECT plait.track('album');
UPDATE album SET year = year + 1, born = NULL, price = 'NaN' WHERE id < 4;
DELETE FROM album WHERE id = 2;
DELETE FROM album WHERE id = 3;
INSERT INTO album (id) VALUES (3);
UPDATE album SET id = 9 WHERE id = 4;
CREATE TABLE tag (name text PRIMARY KEY, note text);
SELECT plait.track('tag');
INSERT INTO tag VALUES ('x', 'y'), ('z', NULL);
UPDATE tag SET name = 'x2' WHERE name = 'x';
SELECT * FROM plait.verify();
SELECT * FROM plait.verify('album');
SET DateStyle = german; SET TimeZone = 'Asia/Kolkata';
SELECT * FROM plait.verify();
RESET DateStyle; RESET TimeZone;

-- What it says is the same whatever the reader's settings. Now each kind of damage, one at a time.
CREATE VIEW problems AS SELECT collection, problem, count(*) FROM plait.verify() GROUP BY 1, 2 ORDER BY 1, 2;
CREATE FUNCTION one(key text) RETURNS plait.ulid AS 'SELECT max(id::text)::plait.ulid FROM plait.history(''album'', $1)' LANGUAGE sql;
BEGIN; UPDATE plait.event SET operations = '{"set": {"year": 3}}' WHERE id = one('1'); SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.event SET salt = salt + 1 WHERE id = one('1'); SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.event SET salt = NULL; SELECT * FROM problems; ROLLBACK;
BEGIN; DELETE FROM plait.event WHERE id = one('1'); SELECT * FROM problems; ROLLBACK;
BEGIN; DELETE FROM plait.event WHERE parents = '' AND entity = '00000000000000000000000001'; SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.event SET parents = '' WHERE id = one('1'); SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.event SET parents = decode(repeat('ff', 16), 'hex') WHERE id = one('1'); SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.entity SET head = decode(repeat('ab', 16), 'hex') WHERE collection = 2 AND key = '["x2"]'; SELECT * FROM problems; ROLLBACK;
BEGIN; UPDATE plait.event SET entity = '00000000000000000000000007' WHERE entity = '00000000000000000000000005'; SELECT * FROM problems; ROLLBACK;
ALTER TABLE album DISABLE TRIGGER ALL;
BEGIN; UPDATE album SET title = 'silently' WHERE id = 1; SELECT problem, detail FROM plait.verify(); ROLLBACK;
BEGIN; UPDATE album SET price = 1.250 WHERE id = 5; SELECT problem, detail FROM plait.verify(); ROLLBACK;
BEGIN; DELETE FROM album WHERE id = 1; SELECT problem, detail FROM plait.verify(); ROLLBACK;
BEGIN; INSERT INTO album (id) VALUES (2); SELECT problem, detail FROM plait.verify(); ROLLBACK;
BEGIN; INSERT INTO album (id) VALUES (77); SELECT problem, detail FROM plait.verify(); ROLLBACK;
BEGIN; UPDATE album SET id = 78 WHERE id = 1; SELECT problem, detail FROM plait.verify(); ROLLBACK;
ALTER TABLE album ENABLE TRIGGER ALL;
SELECT * FROM problems;

-- A table that is no longer tracked goes its own way; its history is still checked.
SELECT plait.untrack('tag');
INSERT INTO tag VALUES ('later');
SELECT * FROM problems;
BEGIN; UPDATE plait.event SET salt = salt + 1 WHERE collection = 2; SELECT * FROM problems; ROLLBACK;
DROP TABLE tag;
SELECT * FROM problems;
CALL plait.advance();
SELECT collection, key, count(*) FROM plait.changes(NULL) WHERE collection = 'tag' GROUP BY 1, 2;
SELECT plait.head('tag', 'z');

-- Whoever may not read it all cannot verify it.
CREATE ROLE regress_verify_reader;
SET ROLE regress_verify_reader;
SELECT * FROM plait.verify('album');
SELECT * FROM plait.verify('nothing');
RESET ROLE;
DROP ROLE regress_verify_reader;

-- The state of the database in a few words.
SELECT item FROM plait.status();
SELECT value FROM plait.status() WHERE item = 'collections';
UPDATE album SET year = 7 WHERE id = 1;
SELECT value FROM plait.status() WHERE item = 'complete';
CALL plait.advance();
SELECT (SELECT value #>> '{}' FROM plait.status() WHERE item = 'cursor') = plait.cursor() AS newest,
       (SELECT value FROM plait.status() WHERE item = 'complete') AS complete;
