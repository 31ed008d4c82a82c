-- History goes only when somebody says so: DROP EXTENSION … CASCADE, and plait.prune for ticks.
CREATE TABLE album (id int PRIMARY KEY, title text);
SELECT plait.track('album');
DROP EXTENSION plait;
INSERT INTO album VALUES (1, 'Showbiz');
SELECT plait.untrack('album');
DROP EXTENSION plait;
\echo :SQLSTATE
DROP EXTENSION IF EXISTS no_such_extension, plait;
DROP SCHEMA plait;
SELECT count(*) FROM plait.history('album', '1');
SELECT plait.keep_history();
SELECT plait.track('album');

-- Of the ticks the last one of that time or before stays, and what is newer.
CALL plait.advance();
SELECT plait.cursor() AS first \gset
UPDATE album SET title = 'Origin of Symmetry';
CALL plait.advance();
SELECT plait.cursor() AS second \gset
SELECT at AS second_at FROM plait.tick ORDER BY seq DESC LIMIT 1 \gset
UPDATE album SET title = 'Absolution';
CALL plait.advance();
SELECT plait.prune(:'second_at'::timestamptz - interval '1 day');
SELECT plait.prune(NULL) IS NULL AS nothing;
SELECT plait.prune(:'second_at');
SELECT plait.prune(:'second_at');
SELECT count(*) AS ticks, min(seq) FROM plait.tick;

-- Events stay; who stood before what was pruned begins anew.
SELECT operations FROM plait.changes(:'second');
\set VERBOSITY sqlstate
SELECT count(*) FROM plait.changes(:'first');
\set VERBOSITY default
SELECT cursor = :'second' AS second, operations, recorded <= :'second_at' AS in_time FROM plait.changes(NULL);
SELECT operations, recorded IS NOT NULL AS recorded FROM plait.history('album', '1');
SELECT plait.prune('infinity');
SELECT count(*) AS ticks FROM plait.tick;
SELECT * FROM plait.verify();

-- Only the database's owner may.
CREATE ROLE regress_plait_reader;
SET ROLE regress_plait_reader;
SELECT plait.prune('infinity');
RESET ROLE;
DROP ROLE regress_plait_reader;
BEGIN READ ONLY;
SELECT plait.prune('infinity');
ROLLBACK;

DROP EXTENSION plait CASCADE;
SELECT * FROM album;
