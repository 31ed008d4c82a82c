-- The feed: ticks are batches of committed transactions, and changes brings each event in one of them.
CREATE TABLE album (id int PRIMARY KEY, title text, year int);

-- Before the first tick there is no cursor, and nothing to read.
SELECT plait.cursor() IS NULL AS no_cursor;
SELECT cursor IS NULL AS no_cursor, complete FROM plait.feed_position();
SELECT count(*) FROM plait.changes(NULL);

-- The first tick is made in any case; then a tick only when something was committed.
CALL plait.advance();
SELECT split_part(plait.cursor(), '.', 1) AS seq, plait.cursor() ~ '^\d+\.[0-9a-f]{16}$' AS well_formed;
CALL plait.advance();
CALL plait.advance();
CREATE TABLE unrelated AS SELECT 1 AS one;
CALL plait.advance();
SELECT count(*) AS ticks, (SELECT complete FROM plait.feed_position()) FROM plait.tick;

-- One tick a batch, whatever the number of transactions; order by tick, then id: parents come first.
INSERT INTO album VALUES (1, 'Showbiz', 1999), (2, 'Origin of Symmetry', 2001);
SELECT plait.track('album');
UPDATE album SET year = year + 1;
SELECT complete FROM plait.feed_position();
CALL plait.advance();
SELECT complete FROM plait.feed_position();
DELETE FROM album WHERE id = 2;
CALL plait.advance();
SELECT split_part(cursor, '.', 1) AS seq, collection, key, operations, cardinality(parents) AS parents,
       actor ->> 'session_user' = session_user AS by_me, context, origin = (SELECT id FROM plait.node) AS from_here,
       happened <= recorded AS in_time, salt ~ '^[0-9a-f]{16}$' AS salted
  FROM plait.changes(NULL);
SELECT count(*) AS parents_not_seen_before FROM (
    SELECT unnest(parents) AS parent, id, row_number() OVER () AS nth FROM plait.changes(NULL)) c
 WHERE NOT EXISTS (SELECT FROM (SELECT id, row_number() OVER () AS nth FROM plait.changes(NULL)) p
                    WHERE p.id = parent AND p.nth < c.nth);

-- From a cursor on; ticks_max limits whole ticks; the same question has the same answer for ever.
SELECT cursor AS first FROM plait.changes(NULL) LIMIT 1 \gset
SELECT key, operations FROM plait.changes(:'first');
SELECT count(*), count(DISTINCT cursor) AS ticks FROM plait.changes(NULL, 1);
SELECT count(*) FROM plait.changes(plait.cursor());
SELECT bool_and(a = b) AS same_again
  FROM (SELECT array_agg(id) AS a FROM plait.changes(NULL)) a, (SELECT array_agg(id) AS b FROM plait.changes(NULL, 1000)) b;

-- What is in no tick yet comes by changes_since, with neither cursor nor time of record.
INSERT INTO album VALUES (3, 'Absolution', 2003);
SELECT cursor, key, recorded FROM plait.changes_since(plait.cursor());
SELECT count(*) FROM plait.changes_since(NULL);
SELECT count(*) FROM plait.changes(plait.cursor());

-- A tail makes ticks itself.
BEGIN;
SELECT cursor AS made, snapshot ~ '^[0-9A-F-]+$' AS is_exported, finished FROM plait.make_tick() \gset
SELECT :'is_exported' AS is_exported;
COMMIT;
SELECT plait.cursor() = :'made' AS newest, upto::text = :'finished' AS of_that_snapshot FROM plait.tick ORDER BY seq DESC LIMIT 1;
SELECT cursor = :'made' AS nothing_is_new FROM plait.make_tick();

-- Who has an older snapshot, has written, or is in a transaction block makes none.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT plait.make_tick();
ROLLBACK;
BEGIN;
INSERT INTO album VALUES (5, 'Will of the People', 2022);
SELECT plait.make_tick();
ROLLBACK;
BEGIN;
CALL plait.advance();
ROLLBACK;
BEGIN READ ONLY;
SELECT plait.make_tick();
ROLLBACK;
DO $$ BEGIN CALL plait.advance(); END $$;
CREATE FUNCTION advance_inside() RETURNS void AS 'BEGIN CALL plait.advance(); END' LANGUAGE plpgsql;
SELECT advance_inside();

-- A tick is durable although the session's commits are not, and the session stays as it was.
SET synchronous_commit = off;
INSERT INTO album VALUES (6, 'The Resistance', 2009);
SELECT pg_current_wal_insert_lsn() AS before \gset
CALL plait.advance();
SELECT pg_current_wal_flush_lsn() >= :'before' AS flushed, current_setting('synchronous_commit') AS session;
RESET synchronous_commit;

-- Above READ COMMITTED by default, or read only: advance begins its own kind of transaction, or says why not.
SET default_transaction_isolation = serializable;
INSERT INTO album VALUES (7, 'Simulation Theory', 2018);
CALL plait.advance();
SELECT complete FROM plait.feed_position();
SHOW transaction_isolation;
RESET default_transaction_isolation;

-- Cursors that are none, or of another life of the database.
SELECT * FROM plait.changes('nonsense');
SELECT * FROM plait.changes('7');
SELECT * FROM plait.changes('01.0123456789abcdef');
SELECT * FROM plait.changes('1.0123456789ABCDEF');
SELECT * FROM plait.changes('1.0123456789abcdef');
SELECT * FROM plait.changes('999.0123456789abcdef');
SELECT * FROM plait.changes(NULL, 0);

-- Rolled-back savepoints bring nothing; all of a transaction lies in one tick.
BEGIN;
INSERT INTO album VALUES (10, 'kept', 1);
SAVEPOINT a;
INSERT INTO album VALUES (11, 'lost', 1);
ROLLBACK TO a;
SAVEPOINT b;
INSERT INTO album VALUES (12, 'kept', 1);
RELEASE b;
COMMIT;
SELECT plait.cursor() AS before \gset
CALL plait.advance();
SELECT key, count(*) OVER (PARTITION BY cursor, xid) AS of_one FROM plait.changes(:'before');

-- What a transaction has written is in no feed before it is committed, its own look included.
BEGIN;
INSERT INTO album VALUES (13, 'not yet', 1);
SAVEPOINT later;
INSERT INTO album VALUES (14, 'never', 1);
ROLLBACK TO later;  -- an id behind ours has ended
SELECT (SELECT count(*) FROM plait.changes_since(plait.cursor())) AS changes, complete FROM plait.feed_position();
ROLLBACK;

-- Another life: older ticks end, and the first new one covers all that came before.
SELECT count(*) AS events FROM plait.event \gset
SELECT plait.cursor() AS old \gset
UPDATE plait.node SET system = system + 1;
\c
SELECT plait.cursor() IS NULL AS no_cursor;
\set VERBOSITY sqlstate
SELECT * FROM plait.changes(:'old');
\set VERBOSITY default
SELECT count(*) FROM plait.changes(NULL);
CALL plait.advance();
SELECT count(*) = :events AS all_again, count(DISTINCT cursor) AS ticks, min(cursor) = plait.cursor() AS of_this_life
  FROM plait.changes(NULL);
\set VERBOSITY sqlstate
SELECT * FROM plait.changes(:'old');
\set VERBOSITY default
UPDATE album SET year = 1998 WHERE id = 1;
CALL plait.advance();
SELECT count(*) - :events AS new FROM plait.changes(NULL);
SELECT array_agg(era ORDER BY seq) AS eras FROM plait.tick;

-- Who listens is woken by a worker. These tests have none, and say why.
SELECT plait.listen() AS has_worker;
SELECT pg_listening_channels();
SELECT value FROM plait.status() WHERE item = 'worker';
BEGIN READ ONLY;
SELECT plait.listen() AS has_worker;
ROLLBACK;
UNLISTEN *;

-- Rights: whoever may SELECT the whole table reads its changes, who sees rows by policies or some columns gets those as they
-- stand now; only who was granted it makes ticks.
CREATE ROLE regress_feed_reader;
CREATE TABLE half (id int PRIMARY KEY, secret text);
CREATE TABLE private (id int PRIMARY KEY);
CREATE TABLE guarded (id int PRIMARY KEY);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY odd ON guarded USING (id % 2 = 1);
SELECT plait.track(t) FROM unnest('{half,private,guarded}'::regclass[]) t;
SELECT plait.cursor() AS before \gset
INSERT INTO half VALUES (1, 's'); INSERT INTO private VALUES (1); INSERT INTO guarded VALUES (1), (2), (3);
UPDATE half SET secret = 't'; DELETE FROM guarded WHERE id = 3;
UPDATE album SET year = 2001 WHERE id = 1;
CALL plait.advance();
GRANT SELECT ON album, guarded TO regress_feed_reader;
GRANT SELECT (id) ON half TO regress_feed_reader;
SET ROLE regress_feed_reader;
SELECT collection, key, operations, num_nulls(parents, origin, actor, context, xid, salt) AS left_out, recorded IS NOT NULL AS recorded
  FROM plait.changes(:'before');
CALL plait.advance();
SELECT plait.make_tick();
SELECT plait.grant_feed('regress_feed_reader');
SELECT count(*) FROM plait.tick;
RESET ROLE;
SELECT plait.grant_feed('regress_feed_reader');
UPDATE album SET year = 2002 WHERE id = 1;
SET ROLE regress_feed_reader;
CALL plait.advance();
SELECT complete FROM plait.feed_position();
RESET ROLE;
SELECT plait.revoke_feed('regress_feed_reader');
SET ROLE regress_feed_reader;
CALL plait.advance();
RESET ROLE;

-- Ticks that hold nothing for this reader are passed over: it is never stuck before them.
INSERT INTO private SELECT 2; CALL plait.advance();
INSERT INTO private SELECT 3; CALL plait.advance();
UPDATE album SET year = 2003 WHERE id = 1;
CALL plait.advance();
SET ROLE regress_feed_reader;
SELECT operations FROM plait.changes(:'before', 1) UNION ALL SELECT NULL
UNION ALL SELECT operations FROM plait.changes(:'before', 3);
RESET ROLE;
DROP OWNED BY regress_feed_reader;
DROP ROLE regress_feed_reader;
