-- History: the DAG of an entity as SQL, each answer with a budget.
CREATE TABLE album (id int PRIMARY KEY, title text, year int DEFAULT 2000);
INSERT INTO album VALUES (1, 'Showbiz', 1999), (2, 'Absolution', 2003);
SELECT plait.track('album');
UPDATE album SET year = 1998 WHERE id = 1;
UPDATE album SET title = 'Showbiz!', year = 1999 WHERE id = 1;
DELETE FROM album WHERE id = 2;

-- The head, living or dead; no entity, no head.
SELECT cardinality(plait.head('album', '1')) AS living, cardinality(plait.head('album', '2')) AS dead,
       plait.head('album', '3') IS NULL AS unknown;

-- All events, oldest first, each with its parents, who wrote it and when.
SELECT operations, cardinality(parents) AS parents, actor = jsonb_build_object('session_user', session_user,
       'current_user', current_user) AS by_me, context, happened <= now() AS before_now, xid < pg_current_xact_id() AS earlier
  FROM plait.history('album', '1');
SELECT operations FROM plait.history('album', '2');

-- Two times: happened is the author's, recorded the tick's that brought it; what no tick has yet has none.
CREATE TABLE told (step int PRIMARY KEY);
SELECT plait.track('told');
SELECT count(recorded) AS recorded FROM plait.history('album', '1');
CALL plait.advance();
INSERT INTO told VALUES (1);
CALL plait.advance();
UPDATE album SET title = 'Showbiz' WHERE id = 1;
INSERT INTO told VALUES (2), (3);
CALL plait.advance();
UPDATE album SET title = 'Showbiz!' WHERE id = 1;
SELECT operations, recorded = (SELECT c.recorded FROM plait.changes(NULL) c WHERE c.id = h.id) AS as_in_the_feed,
       recorded >= happened AS in_time FROM plait.history('album', '1') h;
SELECT bool_and(recorded = (SELECT min(recorded) FROM plait.history('album', '1') WHERE operations ? 'create')) AS first_tick
  FROM plait.history('album', '2');
SELECT (SELECT array_agg(id) FROM plait.history('album', '1')) =
       (SELECT array_agg(id) FROM plait.bridge('album', '1', '{}', plait.head('album', '1'))) AS bridge_from_nothing;

-- Which event's operation holds: an initial value is the genesis's.
SELECT w.key AS property, h.operations FROM jsonb_each_text(plait.winners('album', '00000000000000000000000001',
       '{title,year,id}')) w JOIN plait.history('album', '1') h ON h.id = w.value::plait.ulid ORDER BY 1;

SELECT plait.winners('album', '00000000000000000000000001', '{title,nothing}');

-- A drawn DAG: events 2, 3, 4 on 1; 5 on 2 and 3; 6 on 3 and 4; 7 on 5 and 6; 20 stands alone on another entity.
CREATE FUNCTION event(n int) RETURNS plait.ulid AS $$
    SELECT decode(lpad(to_hex(n), 16, '0') || '0000000000000000', 'hex')::plait.ulid $$ LANGUAGE sql;
CREATE FUNCTION events(VARIADIC n int[]) RETURNS plait.ulid[] AS $$
    SELECT coalesce(array_agg(event(i)), '{}') FROM unnest(n) i $$ LANGUAGE sql;
CREATE FUNCTION number(id plait.ulid) RETURNS int AS $$
    SELECT ('x' || encode(substr(id::bytea, 5, 4), 'hex'))::bit(32)::int $$ LANGUAGE sql;
CREATE FUNCTION numbers(plait.ulid[]) RETURNS int[] AS $$
    SELECT array_agg(number(i)) FROM unnest($1) i $$ LANGUAGE sql;
CREATE FUNCTION draw(entity int, n int, VARIADIC parents int[]) RETURNS void AS $$
    INSERT INTO plait.event SELECT decode(lpad(to_hex(entity), 32, '0'), 'hex')::plait.ulid, event(n), pg_current_xact_id(), 0,
        1, 1, 1, 1, coalesce((SELECT string_agg(event(p)::bytea, '' ORDER BY p) FROM unnest(parents) p), ''), '{"create": true}', '{}' $$ LANGUAGE sql;
SELECT draw(7, 1, VARIADIC '{}'), draw(7, 2, 1), draw(7, 3, 1), draw(7, 4, 1), draw(7, 5, 2, 3), draw(7, 6, 3, 4), draw(7, 7, 5, 6),
       draw(8, 20, VARIADIC '{}'), draw(7, 30, VARIADIC '{}') \g (format=unaligned tuples_only=on)
SELECT ours, theirs, plait.compare('album', '7', events(VARIADIC ours), events(VARIADIC theirs)),
       plait.compare('album', '7', events(VARIADIC theirs), events(VARIADIC ours)) AS other_way,
       numbers(plait.meet('album', '7', events(VARIADIC ours), events(VARIADIC theirs))) AS meet
  FROM (VALUES (1, '{7}'::int[], '{7}'::int[]), (2, '{7}', '{1}'), (3, '{5}', '{6}'), (4, '{7}', '{2,4}'), (5, '{5}', '{3,4}'),
               (6, '{6}', '{2,3}'), (7, '{7}', '{5,6}'), (8, '{}', '{}'), (9, '{}', '{1}'), (10, '{7}', '{30}'), (11, '{7}', '{30,1}'),
               (12, '{2,2,3}', '{3,2}')) q (nth, ours, theirs) ORDER BY nth;

-- The bridge brings all that the known head has not, side branches included, parents first.
SELECT known, wanted, (SELECT array_agg(number(id)) FROM plait.bridge('album', '7', events(VARIADIC known), events(VARIADIC wanted)))
  FROM (VALUES (1, '{2}'::int[], '{7}'::int[]), (2, '{5}', '{6}'), (3, '{5,6}', '{7}'), (4, '{7}', '{2}'), (5, '{}', '{5}'), (6, '{7}', '{7}'))
       q (nth, known, wanted) ORDER BY nth;
SELECT array_agg(number(id)) AS newest_first FROM plait.ancestors('album', '7', events(6));

-- A budget is the number of events that may be opened. For compare and ancestors to pass it is an answer.
SELECT plait.compare('album', '7', events(7), events(1), 2), plait.compare('album', '7', events(7), events(5, 6), 2);
SELECT array_agg(number(id)) AS newest FROM plait.ancestors('album', '7', events(7), 3);
SELECT plait.meet('album', '7', events(7), events(1), 2);
SELECT * FROM plait.bridge('album', '7', events(1), events(7), 2);
SELECT * FROM plait.history('album', '7', 7);
SELECT count(*) FROM plait.history('album', '7', 8);
SELECT plait.compare('album', '7', events(7), events(1), 0);

-- Events of another entity, or of none, are unknown.
SELECT plait.compare('album', '7', events(7), events(20));
SELECT plait.compare('album', '7', events(99), events(1));
SELECT * FROM plait.bridge('album', '7', events(20), events(7));
SELECT * FROM plait.ancestors('album', '7', events(20));
SELECT plait.compare('album', '7', ARRAY[NULL]::plait.ulid[], events(1));
SELECT plait.compare('album', '7', ARRAY[events(1), events(2)], events(1));

-- Names and keys that mean nothing.
SELECT plait.head('nothing', '1');
SELECT plait.head('album', 'one');
SELECT * FROM plait.history('album', '9');
SELECT plait.compare('album', '9', events(1), events(1));
SELECT plait.head(NULL, '1') IS NULL AS strict;

-- Keys of several columns are JSON arrays; text keys have their entity by plait.entity.
CREATE TABLE track (album int, nth int, title text, PRIMARY KEY (album, nth));
CREATE TABLE tag (name text PRIMARY KEY);
SELECT plait.track('track'), plait.track('tag');
INSERT INTO track VALUES (1, 2, 'Sunburn');
INSERT INTO tag VALUES ('a "b" ü');
SELECT operations FROM plait.history('track', '["1","2"]') UNION ALL SELECT operations FROM plait.history('track', '[1, 2]');
SELECT operations FROM plait.history('tag', 'a "b" ü');
UPDATE tag SET name = 'c';
SELECT operations FROM plait.history('tag', 'c');
SELECT plait.head('tag', 'a "b" ü') IS NULL AS old_key_is_free;
SELECT plait.head('track', '1');
SELECT plait.head('track', '["1"]');

-- A row that is none: its key names an entity or does not.
SELECT plait.identity(ROW(77, '', 1)::album), plait.identity(ROW('nobody')::tag) IS NULL AS nobody;

-- A reader sees through its statement's snapshot, the head that goes with the row.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) AS before FROM plait.history('album', '1') \gset
UPDATE album SET year = 1 WHERE id = 1;
SELECT count(*) - :before AS own_change FROM plait.history('album', '1');
ROLLBACK;

-- Who may SELECT some columns sees what still holds of them; what he does not see is not told apart from what is not there.
CREATE ROLE regress_history_reader;
GRANT SELECT (id, title) ON album TO regress_history_reader;
UPDATE album SET year = 1997 WHERE id = 1;
SET ROLE regress_history_reader;
SELECT operations, num_nulls(parents, origin, actor, context, recorded, xid, salt) AS left_out, happened <= now() AS happened
  FROM plait.history('album', '1');
SELECT cardinality(plait.head('album', '1')), plait.head('album', '2') IS NULL AS the_dead_have_none;
SELECT * FROM plait.history('album', '2');
SELECT * FROM plait.history('album', '9');
SELECT count(*) FROM plait.history('album', '1', 1);
SELECT operations FROM plait.bridge('album', '1', '{}', plait.head('album', '1'));
SELECT operations FROM plait.ancestors('album', '1', plait.head('album', '1'));
SELECT plait.compare('album', '1', plait.head('album', '1'), '{}'), cardinality(plait.meet('album', '1', plait.head('album', '1'), plait.head('album', '1')));
SELECT key AS property FROM jsonb_each(plait.winners('album', '00000000000000000000000001', '{title,id}'));
SELECT plait.winners('album', '00000000000000000000000002', '{title}') AS dead, plait.winners('album', '00000000000000000000000009', '{title}') AS unknown;
SELECT plait.winners('album', '00000000000000000000000001', '{year}');
SELECT plait.winners('album', '00000000000000000000000001', '{nothing}');
-- Anybody can make up a row: he gets the one that he sees.
SELECT (s).key, (s).state FROM plait.snapshot(ROW(1, 'made up', 1)::album) s;
SELECT plait.identity(ROW(1, 'made up', 1)::album), plait.identity(ROW(2, 'Absolution', 2003)::album), plait.snapshot(ROW(2, '', 2)::album);
SELECT plait.identity(ROW(NULL, '', 2)::album);
SELECT key, state FROM plait.snapshots('album', '{00000000000000000000000001,00000000000000000000000002,00000000000000000000000009}');
SELECT * FROM plait.size('album');
SELECT * FROM plait.verify('album');
RESET ROLE;
REVOKE SELECT (id) ON album FROM regress_history_reader;
SET ROLE regress_history_reader;
SELECT plait.head('album', '1');
RESET ROLE;
GRANT SELECT (id, year) ON album TO regress_history_reader;
SET ROLE regress_history_reader;
SELECT count(*) FROM plait.history('album', '1');
RESET ROLE;

-- Whoever is under row level security, too, even where a policy lets every row through.
ALTER TABLE album ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON album USING (true);
SET ROLE regress_history_reader;
SELECT operations, salt FROM plait.history('album', '1');
RESET ROLE;
ALTER POLICY all_rows ON album USING (year > 1997);
SET ROLE regress_history_reader;
SELECT * FROM plait.history('album', '1');
SET row_security = off;
SELECT plait.head('album', '1');
SELECT plait.head('album', '9');
RESET row_security;
RESET ROLE;
SELECT count(*) AS as_owner FROM plait.history('album', '1');
-- SELECT on a table in a schema that is closed to the role is none.
CREATE SCHEMA closed;
CREATE TABLE closed.song (id int PRIMARY KEY);
GRANT SELECT ON closed.song TO regress_history_reader;
SELECT plait.track('closed.song');
INSERT INTO closed.song VALUES (1);
SET ROLE regress_history_reader;
SELECT plait.head('song', '1');
RESET ROLE;
GRANT USAGE ON SCHEMA closed TO regress_history_reader;
SET ROLE regress_history_reader;
SELECT cardinality(plait.head('song', '1'));
RESET ROLE;
-- What a table held that is gone is told to superusers alone.
DROP TABLE closed.song;
SELECT collection, key FROM plait.changes_since(NULL) WHERE collection = 'song';
SET ROLE regress_history_reader;
SELECT collection, key FROM plait.changes_since(NULL) WHERE collection = 'song';
SELECT plait.head('song', '1');
RESET ROLE;
DROP OWNED BY regress_history_reader;
DROP ROLE regress_history_reader;
