-- plait.lww: the value of the greatest id, whatever the order.
CREATE TABLE write (event plait.ulid, n int, label text, tags text[]);
INSERT INTO write VALUES
    ('01000000000000000000000001', 1, 'one', '{a}'),
    ('01000000000000000000000003', 3, 'three', '{c,NULL}'),
    ('01000000000000000000000002', 2, 'two', '{b}');
SELECT plait.lww(n, event), plait.lww(label, event), plait.lww(tags, event) FROM write;
SELECT plait.lww(label, event ORDER BY event), plait.lww(label, event ORDER BY event DESC) FROM write;
SELECT n % 2 AS odd, plait.lww(label, event) FROM write GROUP BY 1 ORDER BY 1;
SELECT label, plait.lww(label, event) OVER (ORDER BY event) FROM write ORDER BY event;

-- NULL is a value; a value without an event is none; of nothing comes NULL.
INSERT INTO write VALUES ('01000000000000000000000004', NULL, NULL, NULL), (NULL, 9, 'nine', '{z}');
SELECT plait.lww(n, event), plait.lww(label, event), plait.lww(tags, event) FROM write;
SELECT plait.lww(n, event), plait.lww(label, event) FROM write WHERE event IS NULL;
SELECT plait.lww(n, event) FROM write WHERE false;

-- A property's value is the lww of its events.
CREATE TABLE album (id int PRIMARY KEY, title text);
SELECT plait.track('album');
INSERT INTO album VALUES (1, 'first');
UPDATE album SET title = 'second';
UPDATE album SET title = 'third';
SELECT plait.lww(operations -> 'set' ->> 'title', id) = (SELECT title FROM album) AS agrees FROM plait.history('album', '1');

SELECT plait.lww_step(NULL, 1, NULL);
SELECT plait.lww(1, 'x');
