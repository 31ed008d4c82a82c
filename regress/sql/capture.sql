-- Capture: whatever SQL changes becomes one event an entity and statement.
CREATE TABLE album (id int PRIMARY KEY, title text, year int, price numeric DEFAULT 9.90, twice int GENERATED ALWAYS AS (year * 2) STORED);
SELECT plait.track('album');
CREATE VIEW event AS SELECT key, operations, cardinality(parents) AS parents, h.id FROM generate_series(1, 99) i, CAST(i AS text) key,
    LATERAL (SELECT 1 FROM plait.event WHERE entity = decode(lpad(to_hex(i), 32, '0'), 'hex')::plait.ulid LIMIT 1) known,
    plait.history('album', key) h;
CREATE FUNCTION since(n bigint) RETURNS TABLE (key text, operations jsonb, parents int) LANGUAGE sql AS
    'SELECT key, operations, parents FROM event ORDER BY id OFFSET n';

INSERT INTO album VALUES (1, 'Showbiz', 1999, 9.90), (2, 'Absolution', 2003, 10), (3, NULL, NULL, NULL);
SELECT * FROM since(0);

-- Only what changed, by its bytes: 10 and 10.0 are two numerics; a no-change UPDATE makes no event.
UPDATE album SET title = title, price = CASE id WHEN 2 THEN 10.0 ELSE price END;
UPDATE album SET year = year;
SELECT * FROM since(3);

-- COPY, ON CONFLICT, MERGE, a writable CTE.
COPY album (id, title) FROM stdin;
4	copied
5	copied too
\.
INSERT INTO album (id, title) VALUES (5, 'upserted'), (6, 'inserted') ON CONFLICT (id) DO UPDATE SET title = excluded.title;
MERGE INTO album USING (VALUES (4), (5), (7)) v (i) ON id = i
    WHEN MATCHED AND i = 4 THEN DELETE WHEN MATCHED THEN UPDATE SET year = 5 WHEN NOT MATCHED THEN INSERT (id) VALUES (i);
WITH gone AS (DELETE FROM album WHERE id = 6 RETURNING id) INSERT INTO album (id, title) SELECT id, 'again' FROM gone;
SELECT * FROM since(4);

-- A key that is inserted again is its entity restored: every property is set.
DELETE FROM album WHERE id = 7;
INSERT INTO album (id, year) VALUES (7, 2007);
SELECT * FROM since(12);

-- Keys move with their entities, also when rows swap theirs; a dead entity gives its key away.
ALTER TABLE album DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (id);
UPDATE album SET id = id + 20 WHERE id IN (1, 2);
SELECT id, plait.identity(album) FROM album ORDER BY id;
UPDATE album SET id = 1 WHERE id = 21;
SELECT entity, key FROM plait.entity ORDER BY entity;
DELETE FROM album WHERE id = 7;
UPDATE album SET id = 7 WHERE id = 22;
SELECT entity, key FROM plait.entity ORDER BY entity;

-- A user's row trigger that updates the same table, three deep: one event with the net effect.
CREATE FUNCTION deeper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() <= 3 THEN
        UPDATE album SET year = coalesce(year, 0) + 1, price = pg_trigger_depth() WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deeper AFTER INSERT OR UPDATE ON album FOR EACH ROW EXECUTE FUNCTION deeper();
SELECT count(*) AS before FROM plait.event \gset
INSERT INTO album VALUES (30, 'deep', 0);
UPDATE album SET title = 'deeper' WHERE id = 30;
SELECT operations FROM plait.event ORDER BY id OFFSET :before;
SELECT id, title, year, price FROM album WHERE id = 30;

-- A savepoint that is rolled back takes its events and notes along.
BEGIN;
SAVEPOINT a;
UPDATE album SET title = 'lost' WHERE id = 30;
ROLLBACK TO a;
DROP TRIGGER deeper ON album;
UPDATE album SET title = 'kept' WHERE id = 30;
COMMIT;
SELECT operations FROM plait.event ORDER BY id DESC LIMIT 1;

-- A replica-mode session is captured too; TRUNCATE deletes every row.
SET session_replication_role = replica;
UPDATE album SET title = 'replica' WHERE id = 30;
RESET session_replication_role;
SELECT count(*) AS rows FROM album;
SELECT count(*) AS before FROM plait.event \gset
TRUNCATE album;
SELECT count(*) - :before AS deletes, count(*) FILTER (WHERE operations = '{"delete": true}') AS all_deletes FROM plait.event;

-- Foreign keys: cascades are statements like any other.
CREATE TABLE artist (id int PRIMARY KEY, name text);
CREATE TABLE song (id int PRIMARY KEY, artist int REFERENCES artist ON DELETE CASCADE ON UPDATE CASCADE);
SELECT plait.track('artist'), plait.track('song');
INSERT INTO artist VALUES (1, 'Muse'), (2, 'Blur');
INSERT INTO song VALUES (10, 1), (11, 1), (12, 2);
UPDATE artist SET id = 5 WHERE id = 2;
DELETE FROM artist WHERE id = 1;
SELECT key, h.operations FROM unnest('{10,11,12}'::text[]) key, plait.history('song', key) h ORDER BY key, h.id;

-- PREPARE TRANSACTION works; context and actor are told.
SET plait.context = '{"correlation_id": "c1"}';
BEGIN;
INSERT INTO artist VALUES (9, 'prepared');
PREPARE TRANSACTION 'regress_plait';
COMMIT PREPARED 'regress_plait';
SELECT context, actor = jsonb_build_object('session_user', session_user, 'current_user', current_user) AS me FROM plait.history('artist', '9');

-- What is prepared may be rolled back: who wrote there first is numbered anew.
CREATE ROLE regress_plait_ann;
GRANT INSERT, SELECT, UPDATE ON artist TO regress_plait_ann;
SET ROLE regress_plait_ann;
BEGIN;
INSERT INTO artist VALUES (19, 'taken back');
PREPARE TRANSACTION 'regress_plait';
RESET ROLE;
ROLLBACK PREPARED 'regress_plait';
SET ROLE regress_plait_ann;
INSERT INTO artist VALUES (19, 'by ann');
RESET ROLE;
SELECT actor ->> 'current_user' FROM plait.history('artist', '19');

-- A role that is renamed writes under its new name at once.
SET ROLE regress_plait_ann;
INSERT INTO artist VALUES (20, 'by ann');
RESET ROLE;
ALTER ROLE regress_plait_ann RENAME TO regress_plait_eve;
SET ROLE regress_plait_eve;
UPDATE artist SET name = 'by eve' WHERE id = 20;
RESET ROLE;
SELECT actor ->> 'current_user' FROM plait.history('artist', '20');
REVOKE ALL ON artist FROM regress_plait_eve;
DROP ROLE regress_plait_eve;
SELECT * FROM plait.verify();
