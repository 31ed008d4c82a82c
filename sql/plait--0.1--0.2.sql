-- sql/plait--0.1--0.2.sql: what 0.2 adds to a database that has 0.1, and to a new one: CREATE EXTENSION runs
-- plait--0.1.sql, then this. A script that was released is never edited.

\echo Use "ALTER EXTENSION plait UPDATE" to load this file. \quit

-- ---------------------------------------------------------------------------------------------
-- Who sees rows by policies, or some columns, is served too
-- ---------------------------------------------------------------------------------------------

COMMENT ON FUNCTION plait.identity(record) IS 'the entity that a row of a tracked table is; NULL: none, or none that the caller sees';
COMMENT ON FUNCTION plait.snapshot(record) IS 'a row of a tracked table as entity, key, head and state, as far as the caller sees it';
COMMENT ON FUNCTION plait.changes(text, integer) IS 'the events of the ticks after a cursor (NULL: from the beginning), whole ticks only, in the order of ticks and ids; where the caller sees a part of a table, its changed rows as he sees them now';
COMMENT ON FUNCTION plait.history(text, text, integer) IS 'all events of an entity, oldest first; more than the budget are refused; to who sees a part, what of them still holds';

-- ---------------------------------------------------------------------------------------------
-- Tracking beside writers
-- ---------------------------------------------------------------------------------------------

CREATE TABLE plait.backfill (
    collection integer NOT NULL,
    relation oid NOT NULL,
    era smallint NOT NULL,
    file oid NOT NULL,
    blocks bigint NOT NULL,
    next_block bigint NOT NULL,
    done_block bigint NOT NULL,
    rows bigint NOT NULL,
    held bigint NOT NULL,
    since timestamptz NOT NULL,
    batch_us bigint NOT NULL,
    PRIMARY KEY (collection, relation)
);
COMMENT ON TABLE plait.backfill IS 'collections whose rows are being given their genesis by plait.track_concurrently, one row a table; gone when all have theirs';
COMMENT ON COLUMN plait.backfill.file IS 'the table''s relfilenode in this era: with another one the pass over its blocks begins anew';
COMMENT ON COLUMN plait.backfill.done_block IS 'of the blocks below it no row lacks its genesis; between it and next_block others hold some';
SELECT pg_extension_config_dump('plait.backfill', '');

CREATE PROCEDURE plait.track_concurrently(relation regclass, name text DEFAULT NULL, merge jsonb DEFAULT '{}')
    AS 'MODULE_PATHNAME', 'plait_track_concurrently' LANGUAGE C;
COMMENT ON PROCEDURE plait.track_concurrently(regclass, text, jsonb) IS 'plait.track beside writers: the table''s rows get their genesis in small transactions; called again it goes on where it was; not in a transaction block';

CREATE FUNCTION plait.backfills()
    RETURNS TABLE (collection text, relation regclass, phase text, rows bigint, blocks_done bigint, blocks bigint,
                   held bigint, since timestamptz, last_batch interval, pid integer)
    AS 'MODULE_PATHNAME', 'plait_backfills' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION plait.backfills() IS 'how far plait.track_concurrently has come, for tables that the caller may read: what plait.progress shows';

CREATE VIEW plait.progress AS
    SELECT *, CASE WHEN pid IS NOT NULL THEN pg_catalog.pg_blocking_pids(pid) END AS waits_for FROM plait.backfills();
GRANT SELECT ON plait.progress TO PUBLIC;
COMMENT ON VIEW plait.progress IS 'how far plait.track_concurrently has come, table by table, which process is at it and whom it waits for';

-- ---------------------------------------------------------------------------------------------
-- History is kept and pruned on purpose alone
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.keep_history() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_keep_history' LANGUAGE C;
COMMENT ON FUNCTION plait.keep_history() IS 'event trigger: DROP EXTENSION plait must say CASCADE while there is history';
CREATE EVENT TRIGGER plait_keep_history ON ddl_command_start WHEN TAG IN ('DROP EXTENSION')
    EXECUTE FUNCTION plait.keep_history();
ALTER EVENT TRIGGER plait_keep_history ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_keep_history IS 'DROP EXTENSION plait must say CASCADE while there is history';

CREATE FUNCTION plait.prune(before timestamptz) RETURNS bigint
    AS 'MODULE_PATHNAME', 'plait_prune' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.prune(timestamptz) IS 'deletes the ticks before the last one made at that time or earlier, whose cursors end with them; events stay; returns how many';

CREATE FUNCTION plait.repair(name text, truth text, apply boolean DEFAULT false)
    RETURNS TABLE (collection text, entity plait.ulid, key text, action text, detail jsonb)
    AS 'MODULE_PATHNAME', 'plait_repair' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION plait.repair(text, text, boolean) IS 'makes a table and its events agree: truth ''table'' writes events, ''events'' writes rows; tells what it did, or, unless apply, what it would do';

-- ---------------------------------------------------------------------------------------------
-- Types that change under tracked columns
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.on_type() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_on_type' LANGUAGE C;
COMMENT ON FUNCTION plait.on_type() IS 'event trigger: values that read otherwise since their type changed become events';
CREATE EVENT TRIGGER plait_type ON ddl_command_end WHEN TAG IN ('ALTER TYPE')
    EXECUTE FUNCTION plait.on_type();
ALTER EVENT TRIGGER plait_type ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_type IS 'values that read otherwise since their type changed become events';

-- ---------------------------------------------------------------------------------------------
-- Foreign tables that inherit from tracked ones, and subscriptions that write them, are refused
-- ---------------------------------------------------------------------------------------------

DROP EVENT TRIGGER plait_ddl;
CREATE EVENT TRIGGER plait_ddl ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE SCHEMA',
                 'ALTER FOREIGN TABLE', 'CREATE FOREIGN TABLE', 'ALTER SUBSCRIPTION', 'CREATE SUBSCRIPTION')
    EXECUTE FUNCTION plait.on_ddl();
ALTER EVENT TRIGGER plait_ddl ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_ddl IS 'the catalogue follows columns, tables and partitions that change';

-- ---------------------------------------------------------------------------------------------
-- Ticks of readers that read rows too are 5 ms apart, however many those are
-- ---------------------------------------------------------------------------------------------

DROP FUNCTION plait.make_tick();
CREATE FUNCTION plait.make_tick(OUT cursor text, OUT snapshot text, OUT finished pg_snapshot)
    AS 'MODULE_PATHNAME', 'plait_make_tick' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION plait.make_tick() IS 'locks the feed until the transaction ends, makes a tick of a snapshot of then, or names the newest one when nothing is new, and exports the snapshot for who reads in it';

-- ---------------------------------------------------------------------------------------------
-- A dump that is restored into the database that it was made of begins another life too
-- ---------------------------------------------------------------------------------------------

ALTER TABLE plait.node ADD COLUMN installed oid;
COMMENT ON COLUMN plait.node.installed IS 'of a life: this table''s oid when it began, another one after DROP and CREATE EXTENSION';
UPDATE plait.node SET installed = 'plait.node'::regclass WHERE era IS NOT NULL;

-- ---------------------------------------------------------------------------------------------
-- Primary keys that change under their entities
-- ---------------------------------------------------------------------------------------------

CREATE FUNCTION plait.before_alter() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'plait_before_alter' LANGUAGE C;
COMMENT ON FUNCTION plait.before_alter() IS 'event trigger: notes which entity each row is before a command that may change keys';
CREATE EVENT TRIGGER plait_before_alter ON ddl_command_start WHEN TAG IN ('ALTER TABLE', 'ALTER TYPE')
    EXECUTE FUNCTION plait.before_alter();
ALTER EVENT TRIGGER plait_before_alter ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER plait_before_alter IS 'notes which entity each row is before a command that may change keys';
