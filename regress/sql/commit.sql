-- plait.commit: events of clients, all or nothing. Ids are shown as the names that events were made under.
CREATE TABLE made (name text PRIMARY KEY, id plait.ulid, event jsonb);
-- Makes an event as a client does: stamped `step` after its greatest parent, or at the beginning of 2026, its id the
-- digest of its canonical form (RFC 8785), in which operations are written already: members in order, no spaces.
CREATE PROCEDURE make(name text, collection text, entity plait.ulid, step bigint, parents text[], operations text) LANGUAGE sql AS $$
    WITH parent AS (SELECT coalesce(array_agg(id ORDER BY id), '{}') AS ids,
            coalesce(max(('x' || encode(substr(id::bytea, 1, 8), 'hex'))::bit(64)::bigint), 1767225600000 << 16) AS hlc
            FROM made WHERE made.name = ANY (parents)),
        stamp AS (SELECT lpad(to_hex(hlc + step), 16, '0') AS hlc, to_json(ids)::text AS parents, left(md5(make.name), 16) AS salt,
            '01KDVHTF2A0000000000000000' AS origin FROM parent),
        digest AS (SELECT encode(sha256(convert_to('{"collection":"' || collection || '",' || coalesce('"entity":"' || entity || '",', '')
            || format('"hlc":"%s","operations":%s,"origin":"%s","parents":%s,"salt":"%s"}', hlc, operations, origin, parents, salt),
            'UTF8')), 'hex') AS hex FROM stamp),
        event AS (SELECT decode(hlc || left(hex, 16), 'hex')::plait.ulid AS id FROM stamp, digest)
    INSERT INTO made SELECT make.name, id, jsonb_strip_nulls(jsonb_build_object('id', id, 'collection', collection, 'entity', entity, 'parents',
            parents::json, 'origin', origin, 'salt', salt)) || jsonb_build_object('operations', operations::jsonb) FROM event, stamp $$;
-- Ids by their names; what the server stamped is "other".
CREATE FUNCTION names(ids plait.ulid[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(name, 'other'), ',' ORDER BY nth) FROM unnest(ids) WITH ORDINALITY i (id, nth) LEFT JOIN made USING (id) $$;
CREATE FUNCTION named(sentence text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE known record; BEGIN
    FOR known IN SELECT * FROM made LOOP sentence := replace(sentence, known.id::text, '<' || known.name || '>'); END LOOP;
    RETURN sentence;
END $$;
CREATE FUNCTION message(VARIADIC names text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(event ORDER BY nth) FROM unnest(names) WITH ORDINALITY n (name, nth) JOIN made USING (name) $$;
CREATE FUNCTION told(answer jsonb) RETURNS TABLE (event text, status text, key text, head text, follow_ups int) LANGUAGE sql AS $$
    SELECT names(ARRAY[(e->>'id')::plait.ulid]), e->>'status', e->>'key',
           names(ARRAY(SELECT id::plait.ulid FROM jsonb_array_elements_text(e->'head') id)), jsonb_array_length(answer->'follow_ups')
      FROM jsonb_array_elements(answer->'events') e $$;
-- What an event is refused with; nothing of its commit is kept.
CREATE FUNCTION refused(message jsonb) RETURNS TABLE (refused text) LANGUAGE plpgsql AS $$
DECLARE what text; state text; detail text; hint text; before bigint := count(*) FROM plait.event; BEGIN
    BEGIN
        PERFORM plait.commit(message);
        RAISE 'it was accepted';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS what = MESSAGE_TEXT, state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    END;
    IF before <> (SELECT count(*) FROM plait.event) THEN RAISE 'events were kept'; END IF;
    RETURN QUERY VALUES (state || ' ' || named(what)), (named(detail)), (named(hint));
END $$;
CREATE FUNCTION at(key int) RETURNS plait.ulid LANGUAGE sql AS $$ SELECT decode(lpad(to_hex(key), 32, '0'), 'hex')::plait.ulid $$;

CREATE TABLE artist (id int PRIMARY KEY, name text);
CREATE TABLE album (id int PRIMARY KEY, title text, year int DEFAULT 2000 CHECK (year > 1900), artist int REFERENCES artist);
SELECT plait.track('artist'), plait.track('album');

-- Accepted: the row is written, the event is the head, and the transaction is told.
CALL make('a', 'album', at(1), 0, '{}', '{"create":true,"set":{"title":"Showbiz","year":1999}}');
CALL make('b', 'album', at(1), 20, '{a}', '{"set":{"title":"Showbiz!"}}');
SELECT * FROM told(plait.commit(message('a')));
SELECT * FROM told(plait.commit(jsonb_build_object('events', message('b'), 'context', '{"correlation_id": "c1"}'::jsonb)));
SELECT * FROM album;
SELECT names(ARRAY[id]) AS event, operations, names(parents) AS parents, context, actor->>'current_user' = current_user AS mine FROM plait.history('album', '1');
BEGIN;
CALL make('c', 'album', at(1), 20, '{b}', '{"set":{"year":1998}}');
SELECT plait.commit(message('c'))->>'xid' = pg_current_xact_id()::text AS xid_is_told;
ROLLBACK;

-- Sent again, alone or among new ones, it is known; the order on the wire means nothing, and one twice is once.
CALL make('c', 'album', at(1), 20, '{b}', '{"set":{"year":1998}}');
CALL make('d', 'album', at(1), 20, '{c}', '{"set":{"year":1997}}');
SELECT * FROM told(plait.commit(message('a')));
SELECT * FROM told(plait.commit(message('d', 'b', 'c', 'c')));
SELECT * FROM told(plait.commit('[]'));
SELECT count(*) AS events FROM plait.history('album', '1');

-- A late event: its smaller id loses where a later one holds and wins elsewhere; both are the head.
CALL make('e', 'album', at(1), 50, '{d}', '{"set":{"title":"later"}}');
CALL make('f', 'album', at(1), 40, '{d}', '{"set":{"title":"late","year":1996}}');
SELECT * FROM told(plait.commit(message('e')));
SELECT * FROM told(plait.commit(message('f')));
SELECT title, year FROM album;
SELECT property, names(ARRAY[id::plait.ulid]) AS won FROM jsonb_each_text(plait.winners('album', at(1), '{title,year}')) w (property, id) ORDER BY 1;
CALL make('g', 'album', at(1), 10, '{e,f}', '{"emit":{"data":{"copies":2},"type":"Pressed"}}');
SELECT * FROM told(plait.commit(message('g')));

-- SQL writes on the head that it finds, and a commit on what SQL wrote.
UPDATE album SET year = 1995 WHERE id = 1;
SELECT names(parents) AS parents, operations FROM plait.history('album', '1') ORDER BY id DESC LIMIT 1;
INSERT INTO made SELECT 'by sql', id FROM unnest(plait.head('album', '1')) id;
CALL make('h', 'album', at(1), 10, '{"by sql"}', '{"set":{"title":null}}');
SELECT * FROM told(plait.commit(message('h')));
SELECT * FROM album;

-- Deleted; a set on the dead is kept without a row, and a create on its head restores the entity with all that.
CALL make('i', 'album', at(1), 10, '{h}', '{"delete":true}');
CALL make('j', 'album', at(1), 10, '{i}', '{"set":{"title":"from the dead"}}');
CALL make('k', 'album', at(1), 10, '{j}', '{"create":true}');
SELECT * FROM told(plait.commit(message('i', 'j')));
SELECT count(*) AS rows FROM album;
SELECT * FROM told(plait.commit(message('k')));
SELECT * FROM album;

-- A reference to an entity is its key in the row, by a follow-up; the event keeps it as sent.
CREATE TABLE label (id serial PRIMARY KEY, name text);
CREATE TABLE record (id uuid PRIMARY KEY, label int REFERENCES label, title text);
SELECT plait.track('label'), plait.track('record');
CALL make('l', 'label', NULL, 0, '{}', '{"create":true,"set":{"name":"Mushroom"}}');
SELECT id AS l FROM made WHERE name = 'l' \gset
CALL make('m', 'record', NULL, 5, '{}', '{"create":true,"set":{"label":{"ref":"' || :'l' || '"},"title":"Origin"}}');
SELECT event, status, key IS NOT NULL AS has_key, head, follow_ups FROM told(plait.commit(message('m', 'l')));
SELECT label.id, record.id = made.id::uuid AS key_is_the_genesis, title FROM record JOIN label ON label = label.id, made WHERE made.name = 'm';
SELECT named(operations::text) AS operations, names(parents) AS parents FROM made, plait.history('record', id::uuid::text) WHERE name = 'm';
SELECT operations, names(parents) AS parents FROM plait.history('label', '1');
SELECT event, status, follow_ups FROM told(plait.commit(message('m', 'l')));

-- What defaults, sequences and the table's own triggers add is one follow-up an entity, on top of the commit's events.
CREATE TABLE song (id int PRIMARY KEY, title text, nth serial, heard text DEFAULT 'by ' || current_user, words int);
CREATE FUNCTION count_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.words := cardinality(string_to_array(NEW.title, ' ')); RETURN NEW; END $$;
CREATE TRIGGER count_words BEFORE INSERT OR UPDATE ON song FOR EACH ROW EXECUTE FUNCTION count_words();
SELECT plait.track('song');
CALL make('n', 'song', at(7), 0, '{}', '{"create":true,"set":{"heard":"live","title":"Feeling Good"}}');
CALL make('o', 'song', at(7), 5, '{n}', '{"set":{"title":"Feeling very good"}}');
CALL make('p', 'song', at(8), 9, '{}', '{"create":true,"set":{"title":"Uno"}}');
SELECT * FROM told(plait.commit(message('n', 'o', 'p')));
SELECT id, title, nth, heard = 'by ' || current_user AS by_default, words FROM song ORDER BY id;
SELECT names(ARRAY[id]) AS event, jsonb_object_agg(verb, CASE jsonb_typeof(properties) WHEN 'object' THEN properties - 'heard' ELSE properties END) AS operations,
       names(parents) AS parents FROM unnest('{7,8}'::text[]) key, plait.history('song', key), jsonb_each(operations) o (verb, properties)
 GROUP BY key, id, parents ORDER BY key, id;

-- A trigger that writes another tracked table is followed up there.
CREATE TABLE diary (id int PRIMARY KEY, said text);
SELECT plait.track('diary');
CREATE FUNCTION write_diary() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO diary VALUES (NEW.id, NEW.title); RETURN NULL; END $$;
CREATE TRIGGER write_diary AFTER INSERT ON song FOR EACH ROW EXECUTE FUNCTION write_diary();
CALL make('q', 'song', at(9), 0, '{}', '{"create":true,"set":{"heard":"once","nth":0,"title":"Dear diary","words":2}}');
SELECT * FROM told(plait.commit(message('q')));
SELECT operations FROM plait.history('diary', '9');

-- Past 16 concurrent events the server joins them; a commit that would make 257 is refused.
DO $$ BEGIN
    FOR i IN 1..257 LOOP CALL make('w' || i, 'album', at(1), 1000 + i, '{k}', format('{"set":{"year":%s}}', 2000 + i)); END LOOP;
END $$;
SELECT * FROM refused((SELECT jsonb_agg(event) FROM made WHERE name LIKE 'w%'));
SELECT count(*) AS told FROM told(plait.commit((SELECT jsonb_agg(event) FROM made WHERE name IN (SELECT 'w' || i FROM generate_series(1, 16) i))));
SELECT names(plait.head('album', '1')) AS head;
SELECT * FROM told(plait.commit(message('w17')));
SELECT operations, cardinality(parents) AS parents FROM plait.history('album', '1') ORDER BY id DESC LIMIT 1;
SELECT year FROM album;

-- An event may ask that its parents are the head as it is.
CALL make('x', 'album', at(1), 5000, '{k}', '{"set":{"year":1994}}');
SELECT * FROM refused(jsonb_set(message('x'), '{0,expect_head}', 'true'));
INSERT INTO made SELECT 'joined', id FROM unnest(plait.head('album', '1')) id;
CALL make('y', 'album', at(1), 10, '{joined}', '{"set":{"year":1994}}');
SELECT * FROM told(plait.commit(jsonb_set(message('y'), '{0,expect_head}', 'true')));

-- What an event is refused for before any data is looked at: its shape, its values, its id, its clock.
SELECT * FROM refused('{"event": []}');
SELECT * FROM refused(message('y') #- '{0,salt}');
CALL make('bad year', 'album', at(1), 10, '{y}', '{"set":{"year":"MMI"}}');
CALL make('bad name', 'album', at(1), 10, '{y}', '{"set":{"jahr":1}}');
CALL make('bad verb', 'album', at(1), 10, '{y}', '{"add":{"year":1}}');
CALL make('nowhere', 'albums', at(1), 10, '{y}', '{"set":{"year":1}}');
SELECT * FROM refused(message('y', 'bad year'));
SELECT * FROM refused(message('bad name'));
SELECT * FROM refused(message('bad verb'));
SELECT * FROM refused(message('nowhere'));
SELECT * FROM refused(jsonb_set(message('y'), '{0,operations,set,year}', '1993')) OFFSET 1;
CALL make('too early', 'album', at(1), -1, '{y}', '{"set":{"year":1}}');
SELECT * FROM refused(message('too early'));
-- A clock that is too far ahead is refused; the successor of a fast event is legal, a climb on it is not.
INSERT INTO made SELECT 'song head', id FROM unnest(plait.head('song', '7')) id;
CALL make('fast', 'song', at(7), 3600000::bigint << 16, '{song head}', '{"set":{"nth":3}}');
CALL make('faster', 'song', at(7), 4096, '{fast}', '{"set":{"nth":4}}');
CALL make('fastest', 'song', at(7), 4097, '{faster}', '{"set":{"nth":5}}');
SELECT regexp_replace(refused, '\d{4}-\S+|\d+ ms', '<time>', 'g') AS refused FROM refused(message('fast'));
SET plait.max_clock_drift = '2h';
SELECT status FROM told(plait.commit(message('fast')));
RESET plait.max_clock_drift;
SELECT status FROM told(plait.commit(message('faster')));
SELECT regexp_replace(refused, '\d{4}-\S+|\d+ ms', '<time>', 'g') AS refused FROM refused(message('fastest')) OFFSET 1;

-- Parents are events of the same entity, there already or in the same commit.
CALL make('orphan', 'album', at(1), 10, '{x}', '{"set":{"year":1992}}');
CALL make('stepchild', 'album', at(1), 10, '{y,q}', '{"set":{"year":1992}}');
CALL make('stranger', 'album', at(99), 10, '{y}', '{"set":{"year":1992}}');
SELECT * FROM refused(message('orphan'));
SELECT * FROM refused(message('stepchild'));
SELECT * FROM refused(message('stranger'));
SELECT event, status, head FROM told(plait.commit(message('orphan', 'x')));

-- One genesis an entity, living or dead, and one entity a key.
CALL make('again', 'album', at(1), 7, '{}', '{"create":true,"set":{"title":"again"}}');
CALL make('other key', 'album', at(2), 7, '{}', '{"create":true,"set":{"id":3}}');
CALL make('taken key', 'diary', NULL, 7, '{}', '{"create":true,"set":{"id":9,"said":"taken"}}');
CALL make('no entity', 'song', NULL, 7, '{}', '{"create":true,"set":{"title":"keyless"}}');
CALL make('no create', 'album', at(2), 7, '{}', '{"set":{"title":"no create"}}');
SELECT * FROM refused(message('again'));
SELECT * FROM refused(message('other key'));
SELECT * FROM refused(message('taken key'));
SELECT * FROM refused(message('no entity'));
SELECT * FROM refused(message('no create'));
DELETE FROM diary;
INSERT INTO made SELECT 'dead diary', id FROM unnest(plait.head('diary', '9')) id;
SELECT * FROM refused(message('taken key'));
CALL make('no label', 'record', NULL, 7, '{}', '{"create":true,"set":{"label":{"ref":"01KDVHTF2A0000000000000000"}}}');
SELECT * FROM refused(message('no label'));

-- A known id with other content: here the stored one was tampered with.
BEGIN;
UPDATE plait.event SET operations = '{"set": {"title": "forged"}}' WHERE id = (SELECT id FROM made WHERE name = 'b');
SELECT * FROM refused(message('b'));
ROLLBACK;

-- A constraint's own SQLSTATE, text and name, with the event that broke it; nothing of the commit is kept.
CALL make('good', 'album', at(2), 0, '{}', '{"create":true,"set":{"title":"good"}}');
CALL make('too old', 'album', at(3), 5, '{}', '{"create":true,"set":{"year":1492}}');
CALL make('unsung', 'album', at(4), 5, '{}', '{"create":true,"set":{"artist":5}}');
SELECT plait.commit(message('good', 'too old'));
\echo :LAST_ERROR_SQLSTATE
SELECT plait.commit(message('unsung', 'good'));
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS kept FROM plait.event JOIN made USING (id) WHERE name IN ('good', 'too old', 'unsung');
ALTER TABLE album ADD UNIQUE (title) DEFERRABLE INITIALLY DEFERRED;
CALL make('twice', 'album', at(3), 5, '{}', '{"create":true,"set":{"title":"good"}}');
SELECT plait.commit(message('good', 'twice'));
\echo :LAST_ERROR_SQLSTATE

-- A BEFORE trigger that returns NULL gives Postgres no error; here it is one.
CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE OR DELETE ON album FOR EACH ROW EXECUTE FUNCTION suppress();
CALL make('suppressed', 'album', at(1), 6000, '{y}', '{"set":{"year":1991}}');
CALL make('undeleted', 'album', at(1), 6001, '{y}', '{"delete":true}');
SELECT * FROM refused(message('good'));
SELECT * FROM refused(message('suppressed'));
SELECT refused FROM refused(message('undeleted'));
DROP TRIGGER suppress ON album;

-- The caller's rights decide, column by column, also for an event that would lose; what is known needs none.
CREATE ROLE regress_commit_writer;
GRANT SELECT ON made TO regress_commit_writer;
GRANT SELECT, UPDATE (title) ON album TO regress_commit_writer;
CALL make('loses', 'album', at(1), 900, '{k}', '{"set":{"year":1989}}');
CALL make('allowed', 'album', at(1), 7000, '{y}', '{"set":{"title":"allowed"}}');
SET ROLE regress_commit_writer;
SELECT * FROM told(plait.commit(message('y')));
SELECT plait.commit(message('good'));
SELECT plait.commit(message('undeleted'));
SELECT plait.commit(message('loses'));
\echo :LAST_ERROR_SQLSTATE
SELECT status FROM told(plait.commit(message('allowed')));
RESET ROLE;
SELECT title FROM album;

-- A property whose column is gone: its events are kept, and the row is written without it.
ALTER TABLE album ADD price int;
CALL make('price', 'album', at(1), 7500, '{y}', '{"set":{"price":7}}');
CALL make('price and title', 'album', at(1), 7600, '{y}', '{"set":{"price":8,"title":"priceless"}}');
ALTER TABLE album DROP price;
SELECT event, status FROM told(plait.commit(message('price')));
SELECT event, status FROM told(plait.commit(message('price and title')));
SELECT title FROM album;

-- Under row level security an absent, a dead and an invisible row give the same; who would create one
-- hears that it exists, and no head.
ALTER TABLE album ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_this_century ON album USING (year >= 2000);
GRANT INSERT ON album TO regress_commit_writer;
CALL make('hidden', 'album', at(1), 8000, '{y}', '{"set":{"title":"hidden"}}');
CALL make('dead', 'album', at(2), 8000, '{good}', '{"set":{"title":"dead"}}');
CALL make('absent', 'album', at(3), 8000, '{y}', '{"set":{"title":"absent"}}');
CALL make('hidden again', 'album', at(1), 9, '{}', '{"create":true,"set":{"id":1,"title":"again"}}');
CALL make('dead again', 'album', at(2), 9, '{}', '{"create":true,"set":{"id":2,"title":"again"}}');
CALL make('dead key', 'album', NULL, 8, '{}', '{"create":true,"set":{"id":2,"title":"dead key"}}');
INSERT INTO album VALUES (2, 'good', 2001);
DELETE FROM album WHERE id = 2;
UPDATE album SET year = 1990 WHERE id = 1;
SET ROLE regress_commit_writer;
SELECT plait.commit(message('hidden'));
SELECT plait.commit(message('dead'));
SELECT plait.commit(message('absent'));
SELECT plait.commit(message('hidden again'));
SELECT plait.commit(message('dead again'));
SELECT plait.commit(message('dead key'));
RESET ROLE;
DROP OWNED BY regress_commit_writer;
DROP ROLE regress_commit_writer;

-- After all that each row is the merge of its events.
SELECT * FROM plait.verify();
