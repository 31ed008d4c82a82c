-- Tracking: which tables become collections, what that writes, and how a table comes back.
CREATE TABLE album (id int PRIMARY KEY, title text, year int DEFAULT 2000, made timestamptz DEFAULT now());
INSERT INTO album VALUES (1, 'Showbiz', 1999, NULL), (2, 'Absolution', 2000, NULL);
SELECT plait.track('album');

-- A genesis names what differs from the constant defaults; the key is said by the entity's id.
SELECT entity, parents = '' AS genesis, operations FROM plait.event ORDER BY entity;
SELECT name, column_name, merge, initial, key_position FROM plait.property ORDER BY attnum;

-- Again: nothing happens. Its name is fixed for life.
SELECT plait.track('album');
SELECT plait.track('album', name => 'record');

-- A name belongs to one table, now and for ever.
CREATE SCHEMA other;
CREATE TABLE other.album (id int PRIMARY KEY);
SELECT plait.track('other.album');
SELECT plait.track('other.album', name => 'other album');

-- How keys name their entities.
CREATE TABLE by_uuid (id uuid PRIMARY KEY);
CREATE TABLE by_ulid (id plait.ulid PRIMARY KEY);
CREATE TABLE by_pair (a int, b smallint, PRIMARY KEY (b, a));
CREATE TABLE by_wide_pair (a bigint, b int, PRIMARY KEY (a, b));
CREATE TABLE by_text (id text PRIMARY KEY);
SELECT plait.track(t) FROM unnest('{by_uuid,by_ulid,by_pair,by_wide_pair,by_text}'::regclass[]) t;
SELECT name, naming FROM plait.collection WHERE name LIKE 'by%' ORDER BY number;
INSERT INTO by_uuid VALUES ('0123abcd-0000-0000-0000-00000000002a');
INSERT INTO by_ulid VALUES ('01JD3Z8RVZ0000000000000000');
INSERT INTO by_pair VALUES (7, -1);
SELECT entity::uuid, operations FROM plait.event JOIN plait.collection c ON c.number = collection WHERE name LIKE 'by%' ORDER BY id;

-- Refused, with the reason and how to mend it.
CREATE TABLE no_key (id int);
SELECT plait.track('no_key');
CREATE TABLE deferrable_key (id int PRIMARY KEY DEFERRABLE);
SELECT plait.track('deferrable_key');
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
SELECT plait.track('unlogged');
CREATE TEMP TABLE temporary (id int PRIMARY KEY);
SELECT plait.track('temporary');
CREATE VIEW seen AS SELECT * FROM album;
SELECT plait.track('seen');
CREATE TABLE child () INHERITS (no_key);
SELECT plait.track('child');
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE heir () INHERITS (parent);
SELECT plait.track('parent');
CREATE TABLE root (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE leaf PARTITION OF root DEFAULT;
SELECT plait.track('leaf');
CREATE TABLE by_interval (id interval PRIMARY KEY);
SELECT plait.track('by_interval');
CREATE TABLE by_array (id int[] PRIMARY KEY);
SELECT plait.track('by_array');
CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE by_careless (id text COLLATE careless PRIMARY KEY);
SELECT plait.track('by_careless');
SELECT plait.track('pg_class');
SELECT plait.track('plait.event');
SELECT plait.track('no_table');
CREATE TABLE fine (id int PRIMARY KEY);
SELECT plait.track('fine', merge => '{"id": "counter"}');
SELECT plait.track('fine', merge => '{"none": "lww"}');
SELECT plait.track('fine', name => '');
SELECT plait.track(NULL);

-- Only a table's owner tracks it.
CREATE ROLE regress_plait_stranger;
GRANT SELECT ON fine TO regress_plait_stranger;
SET ROLE regress_plait_stranger;
SELECT plait.track('fine');
SELECT plait.untrack('album');
RESET ROLE;
DROP OWNED BY regress_plait_stranger;
DROP ROLE regress_plait_stranger;

-- Untracked, history stays; tracked again, what changed meanwhile becomes events.
SELECT plait.untrack('album');
SELECT plait.untrack('album');
UPDATE album SET title = 'Showbiz!' WHERE id = 1;
DELETE FROM album WHERE id = 2;
INSERT INTO album VALUES (3, 'Drones', 2015, NULL);
SELECT count(*) FROM plait.event WHERE collection = 1;
SELECT plait.track('album');
SELECT key, h.operations FROM unnest('{1,2,3}'::text[]) key, plait.history('album', key) h ORDER BY key, h.id;
SELECT * FROM plait.verify();
