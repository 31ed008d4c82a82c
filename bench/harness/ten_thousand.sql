-- bench/harness/ten_thousand.sql: the rows that are there before, and the ids of new ones.
INSERT INTO album SELECT n, 'Title number ' || n, 'Artist ' || n % 1000, 1950 + n % 75, 0, 'a note' FROM generate_series(1, 10000) n;
CREATE SEQUENCE album_id START 10001 CACHE 100;
ANALYZE album;
