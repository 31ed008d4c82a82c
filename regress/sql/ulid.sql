-- The type plait.ulid: 16 bytes that compare as bytes, in SQL as everywhere.

-- Text: 26 characters of Crockford base32, whatever the case, with the look-alikes of O, I and L.
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid;
SELECT '01arz3ndektsv4rrffq69g5fav'::plait.ulid = '01ARZ3NDEKTSV4RRFFQ69G5FAV' AS lower_case;
SELECT 'O1ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid = '01ARZ3NDEKTSV4RRFFQ69G5FAV' AS letter_o,
       'OIARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid = '0LARZ3NDEKTSV4RRFFQ69G5FAV' AS letters_i_and_l;
SELECT '00000000000000000000000000'::plait.ulid::uuid, '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'::plait.ulid::uuid;

-- What is none is refused, with the place.
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FA'::plait.ulid;
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAVX'::plait.ulid;
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAU'::plait.ulid;
SELECT '8ZZZZZZZZZZZZZZZZZZZZZZZZZ'::plait.ulid;

-- Casts: the bits of a uuid and of a bytea; text; the time in it, to the microsecond.
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid::uuid, '01563e3a-b5d3-d676-4c61-efb99302bd5b'::uuid::plait.ulid;
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid::bytea, '\x01563e3ab5d3d6764c61efb99302bd5b'::bytea::plait.ulid;
SELECT '\x0156'::bytea::plait.ulid;
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid::text, '01ARZ3NDEKTSV4RRFFQ69G5FAV'::text::plait.ulid;
SET timezone = 'UTC';
SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV'::plait.ulid::timestamptz, '0000000000000000000000002A'::plait.ulid::timestamptz;

-- Order, equality and hash agree, by every plan.
CREATE TABLE t AS SELECT md5(i::text)::uuid AS u, md5(i::text)::uuid::plait.ulid AS id
  FROM generate_series(1, 20000) i;
INSERT INTO t SELECT u, id FROM t LIMIT 1000;
SELECT count(DISTINCT id) AS distinct_ids, count(*) FROM t;
SELECT count(*) AS out_of_order FROM (SELECT u < lag(u) OVER (ORDER BY id) AS back FROM t) o WHERE back;
SELECT array_agg(id ORDER BY id) = array_agg(u::plait.ulid ORDER BY u) AS sorts_as_uuid,
       array_agg(id::text ORDER BY id) = array_agg(id::text ORDER BY id::text COLLATE "C") AS sorts_as_text FROM t;
CREATE INDEX ON t (id);
ANALYZE t;
SET enable_hashjoin = off; SET enable_nestloop = off;
EXPLAIN (COSTS off) SELECT count(*) FROM t a JOIN t b USING (id);
SELECT count(*) FROM t a JOIN t b USING (id);
RESET enable_hashjoin; SET enable_mergejoin = off;
EXPLAIN (COSTS off) SELECT count(*) FROM t a JOIN t b USING (id);
SELECT count(*) FROM t a JOIN t b USING (id);
RESET enable_mergejoin; RESET enable_nestloop;
SELECT sum((a.id < b.id)::int) AS less, sum((a.id <= b.id)::int) AS less_or_equal, sum((a.id > b.id)::int) AS greater,
       sum((a.id >= b.id)::int) AS greater_or_equal, sum((a.id <> b.id)::int) AS different
  FROM (SELECT id FROM t ORDER BY id LIMIT 3) a, (SELECT id FROM t ORDER BY id LIMIT 3) b;

-- An index serves it, on any search_path, and literals need no cast.
SET search_path = pg_catalog;
SET enable_seqscan = off; SET enable_bitmapscan = off;
EXPLAIN (COSTS off) SELECT * FROM public.t WHERE id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
EXPLAIN (COSTS off) SELECT * FROM public.t WHERE id > '01ARZ3NDEKTSV4RRFFQ69G5FAV' ORDER BY id LIMIT 1;
RESET search_path; RESET enable_seqscan; RESET enable_bitmapscan;

-- Hash partitions and hash indexes: extended hashes agree too.
CREATE TABLE p (id plait.ulid) PARTITION BY HASH (id);
CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO p SELECT id FROM t;
CREATE INDEX ON p USING hash (id);
SELECT count(*) FROM t JOIN p USING (id) WHERE t.id < '10000000000000000000000000';
SELECT (SELECT count(*) FROM p0) BETWEEN 9000 AND 12000 AS spread;

-- In and out by COPY, as text and as bytes.
COPY (SELECT id FROM t ORDER BY id LIMIT 2) TO STDOUT;
CREATE TEMP TABLE copied (id plait.ulid);
COPY (SELECT id FROM t) TO PROGRAM 'cat > /tmp/plait_regress_ulid.bin' (FORMAT binary);
COPY copied FROM PROGRAM 'cat /tmp/plait_regress_ulid.bin; rm /tmp/plait_regress_ulid.bin' (FORMAT binary);
SELECT count(*) AS lost FROM (SELECT id FROM t EXCEPT ALL SELECT id FROM copied) l;
