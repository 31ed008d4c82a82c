-- Tables that change while they are tracked: no change of a row escapes, history stays readable.
CREATE TABLE album (id int PRIMARY KEY, title text);
INSERT INTO album VALUES (1, 'Showbiz');
SELECT plait.track('album');
CREATE VIEW told AS SELECT operations FROM plait.history('album', '1');

-- A constant default is an initial value and writes no event; another one is told as events.
ALTER TABLE album ADD COLUMN year int DEFAULT 1999;
ALTER TABLE album ADD COLUMN made double precision DEFAULT round(random()) * 0 + 7;
SELECT * FROM told;
UPDATE album SET year = 2000;
SELECT * FROM told OFFSET 2;

-- A rename keeps the property; a name that is used again is another property.
ALTER TABLE album RENAME title TO headline;
ALTER TABLE album ADD COLUMN title text;
UPDATE album SET headline = 'old', title = 'new';
SELECT * FROM told OFFSET 3;
SELECT name, column_name FROM plait.property ORDER BY attnum;

-- A rewrite of values is told; a dropped column stays in history.
ALTER TABLE album ALTER headline TYPE text USING upper(headline);
SELECT * FROM told OFFSET 4;
ALTER TABLE album DROP COLUMN made;
SELECT name, column_name FROM plait.property WHERE name = 'made';
ALTER TABLE album ADD COLUMN made int;
SELECT name, column_name FROM plait.property WHERE name LIKE 'made%' ORDER BY name;
SELECT * FROM told OFFSET 1 LIMIT 1;

-- A renamed table is the same collection.
ALTER TABLE album RENAME TO record;
UPDATE record SET year = 1;
SELECT * FROM told OFFSET 5;
SELECT name, table_name FROM plait.collection;

-- The key cannot change under its entities.
ALTER TABLE record DROP CONSTRAINT album_pkey;
ALTER TABLE record DROP CONSTRAINT album_pkey, ADD PRIMARY KEY (id);
SELECT * FROM plait.verify();

-- A table of a type changes with it.
CREATE TYPE person AS (id int, name text, age int);
CREATE TABLE people OF person (PRIMARY KEY (id));
SELECT plait.track('people');
INSERT INTO people VALUES (1, 'Ada', 36), (2, 'Bob', 40);
ALTER TYPE person ADD ATTRIBUTE city text CASCADE;
ALTER TYPE person RENAME ATTRIBUTE name TO called CASCADE;
ALTER TYPE person ALTER ATTRIBUTE age TYPE text CASCADE;
UPDATE people SET called = 'Eve', city = 'Rome' WHERE id = 1;
ALTER TYPE person DROP ATTRIBUTE age CASCADE;
ALTER TYPE person DROP ATTRIBUTE id CASCADE;
ALTER TYPE person ALTER ATTRIBUTE id TYPE text CASCADE;
INSERT INTO people VALUES ('3', 'Dan', 'Oslo');
SELECT s.key, h.operations FROM people, plait.snapshot(people) s, plait.history('people', s.key) h ORDER BY 1, h.id;
SELECT * FROM plait.verify();

-- What a column generated no longer holds becomes known.
CREATE TABLE area (id int PRIMARY KEY, side int, square int GENERATED ALWAYS AS (side * side) STORED);
SELECT plait.track('area');
INSERT INTO area VALUES (1, 5);
ALTER TABLE area ALTER square DROP EXPRESSION;
UPDATE area SET side = 6;
SELECT operations FROM plait.history('area', '1');

-- What would let rows come and go unseen is refused, whichever table it is done to.
ALTER TABLE area SET UNLOGGED;
CREATE TABLE shape (id int NOT NULL);
ALTER TABLE area INHERIT shape;
CREATE TABLE plot () INHERITS (area);
CREATE TABLE plot (id int NOT NULL, side int, square int);
ALTER TABLE plot INHERIT area;
CREATE SCHEMA fields CREATE TABLE plot () INHERITS (public.area);
CREATE FOREIGN DATA WRAPPER regress_plait_elsewhere;
CREATE SERVER regress_plait_far FOREIGN DATA WRAPPER regress_plait_elsewhere;
CREATE FOREIGN TABLE far () INHERITS (area) SERVER regress_plait_far;
CREATE FOREIGN TABLE far (id int NOT NULL, side int, square int) SERVER regress_plait_far;
ALTER FOREIGN TABLE far INHERIT area;
DROP FOREIGN DATA WRAPPER regress_plait_elsewhere CASCADE;
CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted DEFAULT;
SELECT plait.track('parted');
ALTER TABLE part SET UNLOGGED;
SELECT plait.untrack('area');
ALTER TABLE area INHERIT shape;
SELECT plait.track('area');
ALTER TABLE area NO INHERIT shape;
SELECT plait.track('area');
SELECT * FROM plait.verify();
