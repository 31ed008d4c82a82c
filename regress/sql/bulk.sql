-- Statements of many rows: what was looked up for one row is used for the next.
CREATE TABLE item (id int PRIMARY KEY, label text, doc jsonb);
SELECT plait.track('item');

-- Ascending new keys with dead and living ones between them: the dead come back, the others begin.
INSERT INTO item SELECT n, 'first' FROM generate_series(100, 120) n;
DELETE FROM item WHERE id <> 110;
INSERT INTO item SELECT n, 'again' FROM generate_series(80, 140) n WHERE n <> 110 ORDER BY n;
SELECT count(*) FILTER (WHERE h.events = 3) AS restored, count(*) FILTER (WHERE h.events = 1) AS others
FROM item, LATERAL (SELECT count(*) AS events FROM plait.history('item', id::text)) h;
SELECT * FROM plait.verify('item');

-- The same in falling and in mixed order.
DELETE FROM item WHERE id % 2 = 0;
INSERT INTO item SELECT n, 'falling' FROM generate_series(300, 60, -1) n WHERE n > 140 OR n % 2 = 0 OR n < 80;
DELETE FROM item WHERE id % 3 = 0;
INSERT INTO item SELECT n, 'mixed' FROM generate_series(0, 400) n WHERE n % 3 = 0 OR n > 300 OR n < 60 ORDER BY n * 7919 % 401;
SELECT count(*) FROM item;
SELECT * FROM plait.verify('item');

-- Rows that were written while the triggers were off get their genesis with their next change.
ALTER TABLE item DISABLE TRIGGER USER;
INSERT INTO item SELECT n, 'unseen' FROM generate_series(1001, 1020) n;
SELECT format('ALTER TABLE item ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass \gexec
UPDATE item SET label = 'seen' WHERE id > 1000;
SELECT DISTINCT h.events FROM item, LATERAL (SELECT count(*) AS events FROM plait.history('item', id::text)) h WHERE id > 1000;
SELECT * FROM plait.verify('item');

-- Another collection's entities end no gap of this one.
CREATE TABLE other (id int PRIMARY KEY);
SELECT plait.track('other');
INSERT INTO other SELECT generate_series(1, 50);
DELETE FROM other;
INSERT INTO other SELECT generate_series(1, 100);
SELECT * FROM plait.verify('other');

-- What is stored is byte for byte what jsonb_in makes of its text.
INSERT INTO item (id, doc) VALUES
    (2001, '{}'), (2002, '[]'), (2003, '[[], {}, [{}]]'), (2004, 'null'), (2005, '"s"'), (2006, '17'), (2007, 'true'),
    (2008, '{"b": 1, "aa": 2, "a": 3, "": 4, "ä": 5, "zz": {"y": [null, true, false, ""]}}'),
    (2009, '[0, -0, 1.50, -17, 999999999999999999, 1000000000000000000, -9223372036854775808, 1e400, 1e-40, 0.1, 123456789012345678901234567890.5]'),
    (2010, '["\"\\\/\b\f\n\r\t\u0001\u001f", "\u00e4\ud83d\ude00", "ä😀"]'),
    (2011, '{"\"": {"\n\t": ["\u0007"]}, "\\": "\\\\"}'),
    (2012, (SELECT jsonb_agg(n) FROM generate_series(1, 200) n)),
    (2013, (SELECT jsonb_object_agg('k' || n, repeat('v', n)) FROM generate_series(1, 100) n)),
    (2014, (SELECT jsonb_object_agg(repeat('k', n % 40) || n, jsonb_build_array(n, n / 7.0, n::text, NULL)) FROM generate_series(1, 500) n)),
    (2015, (repeat('[', 1000) || repeat(']', 1000))::jsonb),
    (2016, (repeat('{"a":[', 300) || repeat(']}', 300))::jsonb);
UPDATE item SET doc = jsonb_build_array(doc, doc) WHERE id > 2000;
SELECT count(*) AS events, count(*) FILTER (WHERE record_image_ne(ROW (operations), ROW (operations::text::jsonb))) AS otherwise
FROM plait.event JOIN plait.collection c ON c.number = collection AND c.name = 'item';
SELECT * FROM plait.verify('item');
