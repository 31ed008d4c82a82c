-- acceptance/filled-0.1.sql: pg_dump of a database that version 0.1 filled; test_upgrade.py takes it on.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA plait;
ALTER SCHEMA plait OWNER TO postgres;
CREATE EXTENSION IF NOT EXISTS plait WITH SCHEMA plait;
COMMENT ON EXTENSION plait IS 'event-sourced, mergeable, live collections';
CREATE TYPE public.mood AS ENUM (
    'low',
    'high'
);
ALTER TYPE public.mood OWNER TO postgres;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.album (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text,
    year integer,
    owner text,
    price numeric,
    plays integer DEFAULT 0 NOT NULL,
    tags text[],
    body text,
    layout jsonb
);
ALTER TABLE public.album OWNER TO postgres;
CREATE TABLE public.former (
    id uuid NOT NULL,
    mood public.mood,
    tags text[]
);
ALTER TABLE public.former OWNER TO postgres;
CREATE TABLE public.num (
    id integer NOT NULL,
    n integer
);
ALTER TABLE public.num OWNER TO postgres;
CREATE TABLE public.rec (
    id uuid NOT NULL,
    title text,
    artist text,
    n integer,
    CONSTRAINT rec_n_check CHECK ((n >= 0))
);
ALTER TABLE public.rec OWNER TO postgres;
CREATE TABLE public.sale (
    id integer NOT NULL,
    sold date NOT NULL,
    price numeric DEFAULT 0
)
PARTITION BY RANGE (sold);
ALTER TABLE public.sale OWNER TO postgres;
CREATE TABLE public.sale_2025 (
    id integer NOT NULL,
    sold date NOT NULL,
    price numeric DEFAULT 0
);
ALTER TABLE public.sale_2025 OWNER TO postgres;
CREATE TABLE public.sale_2026 (
    id integer NOT NULL,
    sold date NOT NULL,
    price numeric DEFAULT 0
);
ALTER TABLE public.sale_2026 OWNER TO postgres;
CREATE TABLE public.word (
    word text NOT NULL,
    n integer
);
ALTER TABLE public.word OWNER TO postgres;
ALTER TABLE ONLY public.sale ATTACH PARTITION public.sale_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE ONLY public.sale ATTACH PARTITION public.sale_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
COPY plait.actor (number, hash, session_user_name, current_user_name, subject) FROM stdin;
1	86baa3b2-6d44-270a-b02b-3e1d28704107	postgres	postgres	\N
\.
COPY plait.base (collection, entity, head, state, won) FROM stdin;
\.
COPY plait.collection (number, name, table_schema, table_name, relation, naming, tracked, since) FROM stdin;
1	rec	public	rec	16539	ulid	t	2026-11-21 14:35:13.424805+00
2	album	public	album	16547	ulid	t	2026-11-21 14:35:13.462059+00
3	word	public	word	16564	genesis	t	2026-11-21 14:35:13.499152+00
4	num	public	num	16571	integer:4	t	2026-11-21 14:35:13.502225+00
5	sale	public	sale	16584	genesis	t	2026-11-21 14:35:13.586201+00
6	old	public	former	16611	ulid	f	2026-11-21 14:35:13.588421+00
\.
COPY plait.entity (collection, entity, key, key_hash, head) FROM stdin;
3	01M7Z8GRPYZ9QFNJ83WX8KHQKF	["a"]	0eb5b8d6-f81b-c677-da8a-08567cc4fa9a	\N
3	01M7Z8GRPZ5DTTD348GRJX7Z7S	["c"]	fd2079a3-096d-5abb-9bdf-54cc5c80262e	\N
4	00000000000000000000000003	["7"]	2aaa0d08-e3a1-22eb-eb3a-8ad58d25d4f9	\N
1	7N5FDQ81840SND830E75HKP8YK	["f52bdb74-0504-066a-d40c-0e39633b23d3"]	c7954f6b-f86c-74a7-538e-f50df3a7da9f	\\x019b76daa81400004ba1f061916eb660019b76daa81e00003083a1a5a47b52de
5	01M7Z8GRSN2VHZEQV30MGXJ2Q9	["2", "2025-01-01"]	d78c3d4e-3597-86cd-6146-2d4430135b78	\N
5	01M7Z8GRSN208BPWQW6A5K6X8G	["1", "2026-01-01"]	7e245005-f6b6-ab1c-6cee-0869f08370c5	\N
\.
COPY plait.event (entity, id, xid, salt, collection, origin, actor, era, parents, operations, context) FROM stdin;
01M7Z8GRPYZ9QFNJ83WX8KHQKF	01M7Z8GRPYZ9QFNJ83WX8KHQKF	732	-3526893040278764001	3	1	1	1	\\x	{"set": {"n": 1, "word": "a"}, "create": true}	{}
01M7Z8GRPZ5DTTD348GRJX7Z7S	01M7Z8GRPZ5DTTD348GRJX7Z7S	732	-4861645978515822746	3	1	1	1	\\x	{"set": {"n": 2, "word": "b"}, "create": true}	{}
01M7Z8GRPZ5DTTD348GRJX7Z7S	01M7Z8GRPZH1HVK7CRNNV3R7VM	732	5306043627698854982	3	1	1	1	\\x01a1fe8862df2b75a68c888625d3fcf9	{"set": {"word": "c"}}	{}
00000000000000000000000001	01M7Z8GRPZS1YT7JB4R8VF213D	732	-1725596865210401622	4	1	1	1	\\x	{"set": {"n": 1}, "create": true}	{}
00000000000000000000000002	01M7Z8GRPZS8VSGR615WTKT7V1	732	112625083716493279	4	1	1	1	\\x	{"set": {"n": 2}, "create": true}	{}
00000000000000000000000003	01M7Z8GRPZSDPHZQC489Q2AGX7	732	4393643355316832756	4	1	1	1	\\x	{"set": {"n": 3}, "create": true}	{}
00000000000000000000000002	01M7Z8GRPZXAF0KS0NEFS05GB5	732	-7239521854537918959	4	1	1	1	\\x01a1fe8862dfca379860c12f353d1f61	{"delete": true}	{}
00000000000000000000000003	01M7Z8GRQDTCXKA60DAX6SAFEE	736	5714741182474885619	4	1	1	1	\\x01a1fe8862dfcb6d1fdd84426e2543a7	{"set": {"id": 7}}	{"correlation_id": "42"}
7N5FDQ81840SND830E75HKP8YK	01KDVDNA0A0000TJG8PD311KPM	737	-4120532933777966873	1	2	1	1	\\x	{"set": {"title": "a"}, "create": true}	{}
7N5FDQ81840SND830E75HKP8YK	01KDVDNA0M0004Q8FGC68PXDK0	737	-5915342728189066416	1	2	1	1	\\x019b76daa80a00000d4a08b34610ced4	{"set": {"title": "b"}}	{}
7N5FDQ81840SND830E75HKP8YK	01KDVDNA0Y000310X1MPJ7PMPY	737	-1615124864334315635	1	2	1	1	\\x019b76daa80a00000d4a08b34610ced4	{"set": {"artist": "c"}}	{}
232TFP0AZAXKFYTNN3ZQBVJYNJ	01KDVDNA0A000CZ614RTYECM3K	739	1399916945200280980	1	3	1	1	\\x	{"set": {"title": "a"}, "create": true}	{}
232TFP0AZAXKFYTNN3ZQBVJYNJ	01KDVDNA0M000EW8W77Q76VC5W	739	4087837623806516071	1	3	1	1	\\x019b76daa80a0000cf9824c6bce65073	{"delete": true}	{}
01M7Z8GRSN208BPWQW6A5K6X8G	01M7Z8GRSN208BPWQW6A5K6X8G	742	-7945961583193310691	5	1	1	1	\\x	{"set": {"id": 1, "sold": "2025-12-31", "price": "5.50"}, "create": true}	{}
01M7Z8GRSN2VHZEQV30MGXJ2Q9	01M7Z8GRSN2VHZEQV30MGXJ2Q9	742	-5367030651568485954	5	1	1	1	\\x	{"set": {"id": 2, "sold": "2025-01-01"}, "create": true}	{}
01M7Z8GRSN208BPWQW6A5K6X8G	01M7Z8GRSXV59ANQZHCRMEWHWY	742	-5555712761855588488	5	1	1	1	\\x01a1fe8863351010bb72fc328b337510	{"set": {"sold": "2026-01-01"}}	{}
01HW000000E008000000000001	01M7Z8GRSY8437HYT04NH8HXZM	742	-6833545974955212302	6	1	1	1	\\x	{"set": {"mood": "low", "tags": ["a", "b"]}, "create": true}	{}
01HW000000E008000000000001	01M7Z8GRSYC00EH3WQ6FPDFHNT	742	-7532268597424003190	6	1	1	1	\\x01a1fe88633e410678fb40256288f7f4	{"set": {"mood": "high"}}	{}
\.
COPY plait.node (number, id, era, system, database, since) FROM stdin;
1	01M7Z8GRMGAWS2NMK6PVRX8G91	1	7710633265724798965	16384	2026-11-21 14:35:13.424396+00
2	01KDVDNA000007CRDQH0FWEA0T	\N	\N	\N	2026-11-21 14:35:13.524346+00
3	01KDVDNA000005QJFCZ16H4NCC	\N	\N	\N	2026-11-21 14:35:13.541196+00
\.
COPY plait.property (collection, name, column_name, attnum, merge, initial, key_position) FROM stdin;
1	id	id	1	lww	\N	0
1	title	title	2	lww	\N	\N
1	artist	artist	3	lww	\N	\N
1	n	n	4	lww	\N	\N
2	id	id	1	lww	\N	0
2	name	name	2	lww	\N	\N
2	year	year	3	lww	\N	\N
2	owner	owner	4	lww	\N	\N
2	price	price	5	lww	\N	\N
2	plays	plays	6	lww	0	\N
2	tags	tags	7	lww	\N	\N
2	body	body	8	lww	\N	\N
2	layout	layout	9	lww	\N	\N
3	word	word	1	lww	\N	0
3	n	n	2	lww	\N	\N
4	id	id	1	lww	\N	0
4	n	n	2	lww	\N	\N
5	id	id	1	lww	\N	0
5	sold	sold	2	lww	\N	1
5	price	price	3	lww	"0"	\N
6	id	id	1	lww	\N	0
6	mood	mood	2	lww	\N	\N
6	tags	tags	3	lww	\N	\N
\.
COPY plait.tick (seq, nonce, era, upto, at) FROM stdin;
1	8435625918961925692	1	735:735:	2026-11-21 14:35:13.513627+00
2	5694754696331537871	1	741:741:	2026-11-21 14:35:13.541985+00
3	-4044253233750616686	1	743:743:	2026-11-21 14:35:13.601892+00
\.
COPY public.album (id, name, year, owner, price, plays, tags, body, layout) FROM stdin;
\.
COPY public.former (id, mood, tags) FROM stdin;
018f0000-0000-7000-8000-000000000001	high	{c}
\.
COPY public.num (id, n) FROM stdin;
1	1
7	3
\.
COPY public.rec (id, title, artist, n) FROM stdin;
f52bdb74-0504-066a-d40c-0e39633b23d3	b	c	\N
\.
COPY public.sale_2025 (id, sold, price) FROM stdin;
2	2025-01-01	0
\.
COPY public.sale_2026 (id, sold, price) FROM stdin;
1	2026-01-01	5.50
\.
COPY public.word (word, n) FROM stdin;
a	1
c	2
\.
SELECT pg_catalog.setval('plait.actor_number', 1, true);
SELECT pg_catalog.setval('plait.node_number', 3, true);
ALTER TABLE ONLY public.album
    ADD CONSTRAINT album_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.former
    ADD CONSTRAINT former_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.num
    ADD CONSTRAINT num_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rec
    ADD CONSTRAINT rec_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sale
    ADD CONSTRAINT sale_pkey PRIMARY KEY (id, sold);
ALTER TABLE ONLY public.sale_2025
    ADD CONSTRAINT sale_2025_pkey PRIMARY KEY (id, sold);
ALTER TABLE ONLY public.sale_2026
    ADD CONSTRAINT sale_2026_pkey PRIMARY KEY (id, sold);
ALTER TABLE ONLY public.word
    ADD CONSTRAINT word_pkey PRIMARY KEY (word);
ALTER INDEX public.sale_pkey ATTACH PARTITION public.sale_2025_pkey;
ALTER INDEX public.sale_pkey ATTACH PARTITION public.sale_2026_pkey;
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.album FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.album ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.num FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.num ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.rec FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.rec ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.sale FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.sale ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.sale_2025 FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.sale_2025 ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.sale_2026 FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.sale_2026 ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_begin" BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.word FOR EACH STATEMENT EXECUTE FUNCTION plait.begin_statement();
ALTER TABLE public.word ENABLE ALWAYS TRIGGER "!plait_begin";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.album REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.album ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.num REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.num ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.rec REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.rec ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.sale REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.sale_2025 REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2025 ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.sale_2026 REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2026 ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_delete" AFTER DELETE ON public.word REFERENCING OLD TABLE AS plait_before FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.word ENABLE ALWAYS TRIGGER "!plait_delete";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.album REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.album ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.num REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.num ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.rec REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.rec ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.sale REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.sale_2025 REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2025 ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.sale_2026 REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2026 ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_insert" AFTER INSERT ON public.word REFERENCING NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.word ENABLE ALWAYS TRIGGER "!plait_insert";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.album REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.album ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.num REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.num ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.rec REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.rec ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.sale REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.sale_2025 REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2025 ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.sale_2026 REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.sale_2026 ENABLE ALWAYS TRIGGER "!plait_update";
CREATE TRIGGER "!plait_update" AFTER UPDATE ON public.word REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after FOR EACH STATEMENT EXECUTE FUNCTION plait.capture();
ALTER TABLE public.word ENABLE ALWAYS TRIGGER "!plait_update";
