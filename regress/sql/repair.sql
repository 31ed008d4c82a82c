-- A table that somebody wrote behind the triggers' back, and its events, agree again.
CREATE TABLE album (id int PRIMARY KEY, title text, year int, label text DEFAULT 'Mushroom', title_length int GENERATED ALWAYS AS (length(title)) STORED);
INSERT INTO album (id, title, year) VALUES (1, 'Showbiz', 1999), (2, 'Origin of Symmetry', 2001), (3, 'Absolution', 2003), (4, 'Black Holes', 2006);
SELECT plait.track('album');
DELETE FROM album WHERE id = 4;
UPDATE album SET year = 2002 WHERE id = 2;
SELECT * FROM plait.repair('album', 'table');
SELECT * FROM plait.repair('album', 'events', true);

CREATE PROCEDURE silence(relation regclass, how text) LANGUAGE plpgsql AS $$
DECLARE name text; BEGIN
    FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = relation AND tgname LIKE '!plait%' LOOP
        EXECUTE format('ALTER TABLE %s %s TRIGGER %I', relation, how, name);
    END LOOP;
END $$;
CREATE PROCEDURE diverge() LANGUAGE sql AS $$
    CALL silence('album', 'DISABLE');
    UPDATE album SET title = 'Showbiz!', label = NULL WHERE id = 1;
    DELETE FROM album WHERE id = 3;
    INSERT INTO album (id, title, year, label) VALUES (4, 'Black Holes', 2006, NULL), (5, 'Drones', 2015, 'Warner');
    CALL silence('album', 'ENABLE ALWAYS');
$$;
CALL diverge();
SELECT right(entity::text, 1) AS key, problem FROM plait.verify() ORDER BY 1, 2;

-- Unless told to it changes nothing.
SELECT key, action, detail FROM plait.repair('album', 'table') ORDER BY key;
SELECT key, action, detail FROM plait.repair('album', 'events') ORDER BY key;
SELECT count(*) > 0 AS diverged FROM plait.verify();

-- The rows' word: what they say becomes events.
BEGIN;
SELECT key, action FROM plait.repair('album', 'table', true) ORDER BY key;
SELECT * FROM plait.verify();
SELECT key, action FROM plait.repair('album', 'events');
SELECT operations FROM plait.history('album', '1');
ROLLBACK;

-- The events' word: rows are written; what triggers add then is an event.
SELECT sum(events) FROM plait.size('album') \gset
SELECT key, action FROM plait.repair('album', 'events', true) ORDER BY key;
SELECT * FROM album ORDER BY id;
SELECT * FROM plait.verify();
SELECT sum(events) = :sum AS no_event_more FROM plait.size('album');
CALL diverge();
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.label := upper(NEW.label); RETURN NEW; END $$;
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON album FOR EACH ROW EXECUTE FUNCTION shout();
SELECT key, action, detail FROM plait.repair('album', 'events', true) ORDER BY key, action;
SELECT * FROM plait.verify();

-- What is refused leaves all as it was, in a block of PL/pgSQL too.
CALL diverge();
ALTER TABLE album ADD CHECK (label <> 'MUSHROOM') NOT VALID;
DO $$ BEGIN PERFORM plait.repair('album', 'events', true); EXCEPTION WHEN check_violation THEN RAISE NOTICE '%', SQLERRM; END $$;
SELECT key, action FROM plait.repair('album', 'table', true) ORDER BY key;
SELECT * FROM plait.verify();

-- A head that plait.entity says wrongly.
ALTER TABLE album DROP CONSTRAINT album_label_check;
INSERT INTO plait.entity VALUES ((SELECT number FROM plait.collection), '00000000000000000000000002', '["2"]', NULL, '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
SELECT problem FROM plait.verify();
SELECT key, action, jsonb_array_length(detail -> 'head') AS now, jsonb_array_length(detail -> 'was') AS was FROM plait.repair('album', 'table', true);
SELECT * FROM plait.verify();
SELECT count(*) FROM plait.entity;

-- Who may, and of what.
SELECT plait.repair('album', 'rows');
SELECT plait.repair('song', 'table');
CREATE ROLE regress_plait_reader;
GRANT ALL ON album TO regress_plait_reader;
SET ROLE regress_plait_reader;
SELECT plait.repair('album', 'table');
RESET ROLE;
DROP OWNED BY regress_plait_reader;
DROP ROLE regress_plait_reader;
DROP TABLE album;
SELECT plait.repair('album', 'table');

-- Keys of text, and a partitioned table.
CREATE TABLE word (word text, part int, n int, PRIMARY KEY (word, part)) PARTITION BY LIST (part);
CREATE TABLE word_1 PARTITION OF word FOR VALUES IN (1);
CREATE TABLE word_2 PARTITION OF word FOR VALUES IN (2);
SELECT plait.track('word');
INSERT INTO word VALUES ('a', 1, 1), ('b', 2, 2);
CALL silence('word_1', 'DISABLE');
ALTER TABLE word_2 DISABLE TRIGGER ALL;
UPDATE word_1 SET word = 'A';
UPDATE word_2 SET n = 3;
CALL silence('word_1', 'ENABLE ALWAYS');
ALTER TABLE word_2 ENABLE TRIGGER ALL;
DROP TRIGGER "!plait_delete" ON word;
SELECT problem, detail FROM plait.verify() WHERE entity IS NULL;
SELECT key, action, detail FROM plait.repair('word', 'table') ORDER BY key, action;
SELECT key, action, detail FROM plait.repair('word', 'events', true) ORDER BY key, action;
SELECT * FROM word;
DELETE FROM word WHERE part = 2;
SELECT operations FROM plait.history('word', '["b","2"]');
SELECT * FROM plait.verify();
