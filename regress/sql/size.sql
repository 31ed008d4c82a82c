-- plait.size(): what history takes.
CREATE TABLE album (id int PRIMARY KEY, title text, year int DEFAULT 2000, doc jsonb);
CREATE TABLE artist (name text PRIMARY KEY);
SELECT plait.track('album'), plait.track('artist');
SELECT * FROM plait.size();

INSERT INTO album VALUES (1, 'a', 2000), (2, NULL, 2000), (3, 'c', 1999);   -- three lives; then three titles; one year
UPDATE album SET title = 'b';
UPDATE album SET title = 'd' WHERE id = 1;
DELETE FROM album WHERE id = 3;
INSERT INTO artist VALUES ('Muse');
SELECT collection, entities, events, registers FROM plait.size();
SELECT collection, events FROM plait.size('artist');

-- Bytes are those of the rows, and what lies outside of them.
SELECT bytes = (SELECT sum(8 * ceil((pg_column_size(e.*)) / 8.0) + 4) FROM plait.event e, plait.collection c
                WHERE c.name = 'album' AND e.collection = c.number) AS agrees FROM plait.size('album');
UPDATE album SET doc = (SELECT jsonb_agg(md5(n::text)) FROM generate_series(1, 1000) n) WHERE id = 1;
SELECT bytes > 33000 AS counts_toast FROM plait.size('album');

SELECT * FROM plait.size('nothing');
CREATE ROLE regress_size;
SET ROLE regress_size;
SELECT * FROM plait.size('album');
RESET ROLE;
DROP ROLE regress_size;
