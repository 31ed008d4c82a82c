-- sql/plait--0.1.sql: all that CREATE EXTENSION plait makes, in schema plait.
\echo Use "CREATE EXTENSION plait" to load this file. \quit

-- ---------------------------------------------------------------------------------------------
-- The type of ids
-- ---------------------------------------------------------------------------------------------

CREATE TYPE plait.ulid;

CREATE FUNCTION plait.ulid_in(cstring) RETURNS plait.ulid
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION plait.ulid_out(plait.ulid) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION plait.ulid_recv(internal) RETURNS plait.ulid
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION plait.ulid_send(plait.ulid) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE plait.ulid (
    INPUT = plait.ulid_in, OUTPUT = plait.ulid_out,
    RECEIVE = plait.ulid_recv, SEND = plait.ulid_send,
    INTERNALLENGTH = 16, ALIGNMENT = char
);
COMMENT ON TYPE plait.ulid IS 'an id: a hybrid logical clock (64 bits) and a content hash (64 bits), 26 characters as text';

CREATE FUNCTION plait.ulid_eq(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_ne(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_lt(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_le(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_gt(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_ge(plait.ulid, plait.ulid) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_cmp(plait.ulid, plait.ulid) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_hash(plait.ulid) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_hash_extended(plait.ulid, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION plait.ulid_sortsupport(internal) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- In pg_catalog, which is on every search_path: `WHERE id = '01…'` needs no OPERATOR(plait.=).
CREATE OPERATOR pg_catalog.= (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR pg_catalog.<> (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR pg_catalog.< (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR pg_catalog.<= (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR pg_catalog.> (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR pg_catalog.>= (LEFTARG = plait.ulid, RIGHTARG = plait.ulid, FUNCTION = plait.ulid_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
    RESTRICT = scalargesel, JOIN = scalargejoinsel);

CREATE OPERATOR CLASS plait.ulid_ops DEFAULT FOR TYPE plait.ulid USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 plait.ulid_cmp(plait.ulid, plait.ulid),
    FUNCTION 2 plait.ulid_sortsupport(internal),
    FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS plait.ulid_hash_ops DEFAULT FOR TYPE plait.ulid USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 plait.ulid_hash(plait.ulid),
    FUNCTION 2 plait.ulid_hash_extended(plait.ulid, bigint);

CREATE FUNCTION plait.ulid_from_bytea(bytea) RETURNS plait.ulid
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION plait.ulid_to_bytea(plait.ulid) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION plait.ulid_to_timestamptz(plait.ulid) RETURNS timestamptz
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE CAST (uuid AS plait.ulid) WITHOUT FUNCTION;
CREATE CAST (plait.ulid AS uuid) WITHOUT FUNCTION;
CREATE CAST (bytea AS plait.ulid) WITH FUNCTION plait.ulid_from_bytea(bytea);
CREATE CAST (plait.ulid AS bytea) WITH FUNCTION plait.ulid_to_bytea(plait.ulid);
CREATE CAST (plait.ulid AS timestamptz) WITH FUNCTION plait.ulid_to_timestamptz(plait.ulid);
COMMENT ON FUNCTION plait.ulid_to_timestamptz(plait.ulid) IS 'when an event was stamped: the time in its id, to the microsecond';

COMMENT ON FUNCTION plait.ulid_in(cstring) IS 'I/O: 26 characters of Crockford base32';
COMMENT ON FUNCTION plait.ulid_out(plait.ulid) IS 'I/O: 26 characters of Crockford base32';
COMMENT ON FUNCTION plait.ulid_recv(internal) IS 'I/O: 16 bytes';
COMMENT ON FUNCTION plait.ulid_send(plait.ulid) IS 'I/O: 16 bytes';
COMMENT ON FUNCTION plait.ulid_eq(plait.ulid, plait.ulid) IS 'implementation of = operator';
COMMENT ON FUNCTION plait.ulid_ne(plait.ulid, plait.ulid) IS 'implementation of <> operator';
COMMENT ON FUNCTION plait.ulid_lt(plait.ulid, plait.ulid) IS 'implementation of < operator';
COMMENT ON FUNCTION plait.ulid_le(plait.ulid, plait.ulid) IS 'implementation of <= operator';
COMMENT ON FUNCTION plait.ulid_gt(plait.ulid, plait.ulid) IS 'implementation of > operator';
COMMENT ON FUNCTION plait.ulid_ge(plait.ulid, plait.ulid) IS 'implementation of >= operator';
COMMENT ON FUNCTION plait.ulid_cmp(plait.ulid, plait.ulid) IS 'less-equal-greater: ids compare as their bytes';
COMMENT ON FUNCTION plait.ulid_hash(plait.ulid) IS 'hash';
COMMENT ON FUNCTION plait.ulid_hash_extended(plait.ulid, bigint) IS 'hash, with a seed';
COMMENT ON FUNCTION plait.ulid_sortsupport(internal) IS 'sort support: the clock of an id decides nearly always';
COMMENT ON FUNCTION plait.ulid_from_bytea(bytea) IS 'an id from its 16 bytes';
COMMENT ON FUNCTION plait.ulid_to_bytea(plait.ulid) IS 'the 16 bytes of an id';
COMMENT ON OPERATOR pg_catalog.= (plait.ulid, plait.ulid) IS 'equal';
COMMENT ON OPERATOR pg_catalog.<> (plait.ulid, plait.ulid) IS 'not equal';
COMMENT ON OPERATOR pg_catalog.< (plait.ulid, plait.ulid) IS 'less than';
COMMENT ON OPERATOR pg_catalog.<= (plait.ulid, plait.ulid) IS 'less than or equal';
COMMENT ON OPERATOR pg_catalog.> (plait.ulid, plait.ulid) IS 'greater than';
COMMENT ON OPERATOR pg_catalog.>= (plait.ulid, plait.ulid) IS 'greater than or equal';
COMMENT ON OPERATOR CLASS plait.ulid_ops USING btree IS 'ids in the order of their bytes: of their clocks';
COMMENT ON OPERATOR CLASS plait.ulid_hash_ops USING hash IS 'equality of ids';
COMMENT ON CAST (uuid AS plait.ulid) IS 'the same 16 bytes';
COMMENT ON CAST (plait.ulid AS uuid) IS 'the same 16 bytes';
COMMENT ON CAST (bytea AS plait.ulid) IS '16 bytes';
COMMENT ON CAST (plait.ulid AS bytea) IS '16 bytes';
COMMENT ON CAST (plait.ulid AS timestamptz) IS 'when an event was stamped';

-- ---------------------------------------------------------------------------------------------
-- Tables. Nobody has grants on them: the extension's C++ code reads and writes them, and the
-- functions below show what the caller may see. Names are the truth; OIDs and attribute numbers
-- are caches, refreshed when the database begins a new life (restore, template copy, pg_upgrade).
-- ---------------------------------------------------------------------------------------------

CREATE TABLE plait.node (
    number integer NOT NULL PRIMARY KEY,
    id plait.ulid NOT NULL,
    era smallint,
    system bigint,
    database oid,
    since timestamptz NOT NULL
);
CREATE INDEX node_id ON plait.node (id);
COMMENT ON TABLE plait.node IS 'participants that wrote events; rows with an era are the lives of this database, the greatest era is the present one';

CREATE SEQUENCE plait.node_number AS integer;
COMMENT ON SEQUENCE plait.node_number IS 'numbers of plait.node';

CREATE TABLE plait.actor (
    number integer NOT NULL PRIMARY KEY,
    hash uuid NOT NULL,
    session_user_name text NOT NULL,
    current_user_name text NOT NULL,
    subject text
);
CREATE INDEX actor_hash ON plait.actor (hash);
COMMENT ON TABLE plait.actor IS 'who writes: session user, current user and claimed subject under one number; double rows are harmless';

CREATE SEQUENCE plait.actor_number AS integer;
COMMENT ON SEQUENCE plait.actor_number IS 'numbers of plait.actor';

CREATE TABLE plait.collection (
    number integer NOT NULL PRIMARY KEY,
    name text NOT NULL UNIQUE,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    relation oid NOT NULL,
    naming text NOT NULL,
    tracked boolean NOT NULL,
    since timestamptz NOT NULL
);
COMMENT ON TABLE plait.collection IS 'tracked tables; a name is fixed for life, whatever its table is renamed to';
COMMENT ON COLUMN plait.collection.naming IS 'how a key names its entity: ulid (the key is the id), integer or integer:4,4 (packed into the low 64 bits), genesis (by plait.entity)';

CREATE TABLE plait.property (
    collection integer NOT NULL,
    name text NOT NULL,
    column_name text,
    attnum smallint,
    merge text NOT NULL,
    initial jsonb,
    key_position smallint,
    PRIMARY KEY (collection, name)
);
COMMENT ON TABLE plait.property IS 'tracked columns; a name is fixed for life, column_name is the present one (NULL: dropped)';
COMMENT ON COLUMN plait.property.initial IS 'the value before any event sets it: the constant default of its column when first known';

CREATE TABLE plait.event (
    entity plait.ulid NOT NULL,
    id plait.ulid NOT NULL,
    xid xid8 NOT NULL,
    salt bigint,
    collection integer NOT NULL,
    origin integer NOT NULL,
    actor integer NOT NULL,
    era smallint NOT NULL,
    parents bytea NOT NULL,
    operations jsonb NOT NULL,
    context jsonb NOT NULL,
    -- Room in its pages for the events that come between those of a bulk load.
    PRIMARY KEY (collection, entity, id) WITH (fillfactor = 75)
);
-- Compressing small values costs more than it saves, and events of more than a page are rare.
ALTER TABLE plait.event ALTER parents SET STORAGE MAIN;
CREATE INDEX event_xid ON plait.event (era, xid);
COMMENT ON TABLE plait.event IS 'immutable events; never updated';
COMMENT ON COLUMN plait.event.parents IS 'ids, 16 bytes each, ascending; empty in a genesis';
COMMENT ON COLUMN plait.event.salt IS 'NULL: erased, the digest can no longer be checked';
COMMENT ON COLUMN plait.event.xid IS 'the top transaction that wrote it';
COMMENT ON COLUMN plait.event.context IS '{} when there is none: with no NULL in it a tuple''s header stays at 24 bytes';

CREATE TABLE plait.entity (
    collection integer NOT NULL,
    entity plait.ulid NOT NULL,
    key jsonb,
    key_hash uuid,
    head bytea,
    PRIMARY KEY (collection, entity)
);
CREATE UNIQUE INDEX entity_key ON plait.entity (collection, key_hash);
COMMENT ON TABLE plait.entity IS 'exceptions only: an id that does not follow from the key, or a head of more than one event';
COMMENT ON COLUMN plait.entity.key_hash IS 'first 16 bytes of the SHA-256 of the key; NULL with the key: a dead entity whose key was taken';
COMMENT ON COLUMN plait.entity.head IS 'NULL: the head is the entity''s newest event';

CREATE TABLE plait.base (
    collection integer NOT NULL,
    entity plait.ulid NOT NULL,
    head bytea NOT NULL,
    state jsonb NOT NULL,
    won jsonb NOT NULL,
    PRIMARY KEY (collection, entity)
);
COMMENT ON TABLE plait.base IS 'compacted history: state, and for each register the id that won';

CREATE TABLE plait.tick (
    seq bigint NOT NULL PRIMARY KEY,
    nonce bigint NOT NULL,
    era smallint NOT NULL,
    upto pg_snapshot NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE plait.tick IS 'batches of committed transactions, the unit in which the feed is read';

CREATE TABLE plait.feed_lock ();
COMMENT ON TABLE plait.feed_lock IS 'locked by who makes a tick; the right to UPDATE it is the right to follow the feed (plait.grant_feed)';

CREATE TABLE plait.worker (
    process integer NOT NULL,
    pid integer NOT NULL,
    postmaster timestamptz NOT NULL,
    system bigint NOT NULL
);
COMMENT ON TABLE plait.worker IS 'one row: the process that wakes this database''s readers, if that server still has it; not dumped';

SELECT pg_extension_config_dump('plait.node', '');
SELECT pg_extension_config_dump('plait.node_number', '');
SELECT pg_extension_config_dump('plait.actor', '');
SELECT pg_extension_config_dump('plait.actor_number', '');
SELECT pg_extension_config_dump('plait.collection', '');
SELECT pg_extension_config_dump('plait.property', '');
SELECT pg_extension_config_dump('plait.event', '');
SELECT pg_extension_config_dump('plait.entity', '');
SELECT pg_extension_config_dump('plait.base', '');
SELECT pg_extension_config_dump('plait.tick', '');

-- ---------------------------------------------------------------------------------------------
-- Tracking: tables become collections
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.track(relation regclass, name text DEFAULT NULL, merge jsonb DEFAULT '{}') RETURNS text
    AS 'MODULE_PATHNAME', 'plait_track' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION plait.track(regclass, text, jsonb) IS 'makes a table a collection: every change becomes an event; existing rows get their genesis; returns the collection''s name';

CREATE FUNCTION plait.untrack(relation regclass) RETURNS text
    AS 'MODULE_PATHNAME', 'plait_untrack' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.untrack(regclass) IS 'stops tracking a table; its history stays, and plait.track resumes it';

CREATE FUNCTION plait.begin_statement() RETURNS trigger
    AS 'MODULE_PATHNAME', 'plait_begin_statement' LANGUAGE C;
COMMENT ON FUNCTION plait.begin_statement() IS 'trigger of tracked tables: a statement begins; TRUNCATE writes its deletes';

CREATE FUNCTION plait.capture() RETURNS trigger
    AS 'MODULE_PATHNAME', 'plait_capture' LANGUAGE C;
COMMENT ON FUNCTION plait.capture() IS 'trigger of tracked tables: what a statement changed becomes events';

CREATE FUNCTION plait.on_ddl() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_on_ddl' LANGUAGE C;
COMMENT ON FUNCTION plait.on_ddl() IS 'event trigger: the catalogue follows columns, tables and partitions that change';
CREATE EVENT TRIGGER plait_ddl ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE SCHEMA')
    EXECUTE FUNCTION plait.on_ddl();
ALTER EVENT TRIGGER plait_ddl ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_ddl IS 'the catalogue follows columns, tables and partitions that change';

CREATE FUNCTION plait.before_drop() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_before_drop' LANGUAGE C;
COMMENT ON FUNCTION plait.before_drop() IS 'event trigger: the rows of a partition that is dropped are deleted first';
CREATE EVENT TRIGGER plait_before_drop ON ddl_command_start WHEN TAG IN ('DROP TABLE')
    EXECUTE FUNCTION plait.before_drop();
ALTER EVENT TRIGGER plait_before_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_before_drop IS 'the rows of a partition that is dropped are deleted first';

CREATE FUNCTION plait.on_drop() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_on_drop' LANGUAGE C;
COMMENT ON FUNCTION plait.on_drop() IS 'event trigger: the rows of partitions that went with something else are deleted';
CREATE EVENT TRIGGER plait_drop ON sql_drop
    WHEN TAG IN ('DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'DROP TYPE', 'DROP DOMAIN', 'DROP ACCESS METHOD')
    EXECUTE FUNCTION plait.on_drop();
ALTER EVENT TRIGGER plait_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_drop IS 'the rows of partitions that went with something else are deleted';

CREATE FUNCTION plait.on_rewrite() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_on_rewrite' LANGUAGE C;
COMMENT ON FUNCTION plait.on_rewrite() IS 'event trigger: remembers which table a command rewrites, since no row trigger fires';
CREATE EVENT TRIGGER plait_rewrite ON table_rewrite EXECUTE FUNCTION plait.on_rewrite();
ALTER EVENT TRIGGER plait_rewrite ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_rewrite IS 'remembers which table a command rewrites, since no row trigger fires';

-- ---------------------------------------------------------------------------------------------
-- Writing by event
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.commit(events jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'plait_commit' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.commit(jsonb) IS 'applies events that clients made, all or nothing, as the caller; answers each event''s entity and head';

-- ---------------------------------------------------------------------------------------------
-- Rows as entities
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.identity("row" record) RETURNS plait.ulid
    AS 'MODULE_PATHNAME', 'plait_identity' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.identity(record) IS 'the entity that a row of a tracked table is';

CREATE FUNCTION plait.snapshot("row" record, OUT entity plait.ulid, OUT key text, OUT head plait.ulid[], OUT state jsonb)
    AS 'MODULE_PATHNAME', 'plait_snapshot' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.snapshot(record) IS 'a row of a tracked table as entity, key, head and state';

CREATE FUNCTION plait.snapshots(collection text, entities plait.ulid[])
    RETURNS TABLE (entity plait.ulid, key text, head plait.ulid[], state jsonb)
    AS 'MODULE_PATHNAME', 'plait_snapshots' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.snapshots(text, plait.ulid[]) IS 'the snapshots of those entities that have a row which the caller may read';

CREATE FUNCTION plait.schema() RETURNS jsonb
    AS 'MODULE_PATHNAME', 'plait_schema' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.schema() IS 'the tracked collections, their tables and properties, and whether the caller may read them whole';

-- ---------------------------------------------------------------------------------------------
-- The feed: ticks, cursors, changes. A follower does SELECT plait.listen() once, and whenever it is
-- notified: CALL plait.advance(); SELECT … FROM plait.changes(its cursor).
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.cursor() RETURNS text
    AS 'MODULE_PATHNAME', 'plait_cursor' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.cursor() IS 'the cursor of the newest tick; NULL before the first one';

CREATE FUNCTION plait.listen() RETURNS boolean
    AS 'MODULE_PATHNAME', 'plait_listen' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION plait.listen() IS 'LISTEN plait, and sees to it that a worker notifies after commits until this session ends; false: there is none, so ask often';

CREATE PROCEDURE plait.advance()
    AS 'MODULE_PATHNAME', 'plait_advance' LANGUAGE C;
COMMENT ON PROCEDURE plait.advance() IS 'makes a tick of all that was committed since the newest one; writes nothing when that is nothing; not in a transaction block';

CREATE FUNCTION plait.feed_position(OUT cursor text, OUT complete boolean)
    AS 'MODULE_PATHNAME', 'plait_feed_position' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.feed_position() IS 'the newest tick that this snapshot shows, and whether it covers every event that this snapshot shows';

CREATE FUNCTION plait.make_tick() RETURNS text
    AS 'MODULE_PATHNAME', 'plait_make_tick' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION plait.make_tick() IS 'makes this transaction''s snapshot a tick and returns its cursor, or the newest tick''s when nothing is new; after LOCK TABLE plait.feed_lock IN SHARE ROW EXCLUSIVE MODE';

CREATE FUNCTION plait.changes(after text, ticks_max integer DEFAULT 100)
    RETURNS TABLE (cursor text, collection text, entity plait.ulid, key text, id plait.ulid,
                   parents plait.ulid[], operations jsonb, origin plait.ulid, actor jsonb, context jsonb,
                   happened timestamptz, recorded timestamptz, xid xid8, salt text)
    AS 'MODULE_PATHNAME', 'plait_changes' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.changes(text, integer) IS 'the events of the ticks after a cursor (NULL: from the beginning), whole ticks only, in the order of ticks and ids; of collections that the caller may SELECT whole';

CREATE FUNCTION plait.changes_since(after text)
    RETURNS TABLE (cursor text, collection text, entity plait.ulid, key text, id plait.ulid,
                   parents plait.ulid[], operations jsonb, origin plait.ulid, actor jsonb, context jsonb,
                   happened timestamptz, recorded timestamptz, xid xid8, salt text)
    AS 'MODULE_PATHNAME', 'plait_changes_since' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.changes_since(text) IS 'the events after a cursor that this statement''s snapshot shows, in a tick or not: how a tail reads the tick that it is making';

CREATE FUNCTION plait.grant_feed(role regrole) RETURNS void
    AS 'MODULE_PATHNAME', 'plait_grant_feed' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.grant_feed(regrole) IS 'gives a role the right to make ticks: to follow the feed';

CREATE FUNCTION plait.revoke_feed(role regrole) RETURNS void
    AS 'MODULE_PATHNAME', 'plait_revoke_feed' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.revoke_feed(regrole) IS 'takes the right to make ticks from a role';

-- ---------------------------------------------------------------------------------------------
-- History: an entity's events and how its heads relate, for who may SELECT the whole table
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.head(collection text, key text) RETURNS plait.ulid[]
    AS 'MODULE_PATHNAME', 'plait_head' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.head(text, text) IS 'the events of an entity that no other event names as a parent; NULL when no entity has that key';

CREATE FUNCTION plait.history(collection text, key text, budget integer DEFAULT 10000)
    RETURNS TABLE (id plait.ulid, parents plait.ulid[], operations jsonb, origin plait.ulid, actor jsonb,
                   context jsonb, happened timestamptz, recorded timestamptz, xid xid8, salt text)
    AS 'MODULE_PATHNAME', 'plait_history' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.history(text, text, integer) IS 'all events of an entity, oldest first; more than the budget are refused';

CREATE FUNCTION plait.compare(collection text, key text, ours plait.ulid[], theirs plait.ulid[], budget integer DEFAULT 10000)
    RETURNS text
    AS 'MODULE_PATHNAME', 'plait_compare' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.compare(text, text, plait.ulid[], plait.ulid[], integer) IS 'how the first head relates to the second: equal, descends, ascends, diverged, disjoint or budget_exceeded';

CREATE FUNCTION plait.meet(collection text, key text, ours plait.ulid[], theirs plait.ulid[], budget integer DEFAULT 10000)
    RETURNS plait.ulid[]
    AS 'MODULE_PATHNAME', 'plait_meet' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.meet(text, text, plait.ulid[], plait.ulid[], integer) IS 'the greatest common ancestors of two heads';

CREATE FUNCTION plait.bridge(collection text, key text, known plait.ulid[], wanted plait.ulid[], budget integer DEFAULT 10000)
    RETURNS TABLE (id plait.ulid, parents plait.ulid[], operations jsonb, origin plait.ulid, actor jsonb,
                   context jsonb, happened timestamptz, recorded timestamptz, xid xid8, salt text)
    AS 'MODULE_PATHNAME', 'plait_bridge' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.bridge(text, text, plait.ulid[], plait.ulid[], integer) IS 'the events that lead from a known head to a wanted one, parents first';

CREATE FUNCTION plait.ancestors(collection text, key text, head plait.ulid[], budget integer DEFAULT 10000)
    RETURNS TABLE (id plait.ulid, parents plait.ulid[], operations jsonb, origin plait.ulid, actor jsonb,
                   context jsonb, happened timestamptz, recorded timestamptz, xid xid8, salt text)
    AS 'MODULE_PATHNAME', 'plait_ancestors' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.ancestors(text, text, plait.ulid[], integer) IS 'the events that a head covers, itself included, newest first; past the budget only the newest of them';

CREATE FUNCTION plait.winners(collection text, entity plait.ulid, properties text[]) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'plait_winners' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.winners(text, plait.ulid, text[]) IS 'for each property the event whose operation now holds';

CREATE FUNCTION plait.lww_step(state internal, value anyelement, event_id plait.ulid) RETURNS internal
    AS 'MODULE_PATHNAME', 'plait_lww_step' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION plait.lww_step(internal, anyelement, plait.ulid) IS 'part of plait.lww';
CREATE FUNCTION plait.lww_final(state internal, value anyelement, event_id plait.ulid) RETURNS anyelement
    AS 'MODULE_PATHNAME', 'plait_lww_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION plait.lww_final(internal, anyelement, plait.ulid) IS 'part of plait.lww';
CREATE AGGREGATE plait.lww(value anyelement, event_id plait.ulid) (
    SFUNC = plait.lww_step, STYPE = internal, FINALFUNC = plait.lww_final, FINALFUNC_EXTRA, PARALLEL = SAFE);
COMMENT ON AGGREGATE plait.lww(anyelement, plait.ulid) IS 'the value of the greatest event id: what last writer wins leaves; NULL is a value';

-- ---------------------------------------------------------------------------------------------
-- Status
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.verify(name text DEFAULT NULL)
    RETURNS TABLE (collection text, entity plait.ulid, problem text, detail text)
    AS 'MODULE_PATHNAME', 'plait_verify' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.verify(text) IS 'recomputes digests, heads and states of a collection, or of all, and tells what does not agree; no rows: all is well';

CREATE FUNCTION plait.size(name text DEFAULT NULL)
    RETURNS TABLE (collection text, entities bigint, events bigint, bytes bigint, registers bigint)
    AS 'MODULE_PATHNAME', 'plait_size' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.size(text) IS 'what the history of a collection, or of all, takes; reads all its events';

CREATE FUNCTION plait.status() RETURNS TABLE (item text, value jsonb)
    AS 'MODULE_PATHNAME', 'plait_status' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION plait.status() IS 'what this database is and how far its feed has come';

GRANT USAGE ON SCHEMA plait TO PUBLIC;
