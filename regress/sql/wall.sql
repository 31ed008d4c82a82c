-- The wall: errors cross it whole, both ways, and leave nothing behind.
\set VERBOSITY terse
CREATE FUNCTION throw(kind text) RETURNS void AS '$libdir/plait', 'plait_test_throw' LANGUAGE C;
CREATE FUNCTION alive() RETURNS int AS '$libdir/plait', 'plait_test_alive' LANGUAGE C;
CREATE FUNCTION heap() RETURNS bigint AS '$libdir/plait', 'plait_test_heap' LANGUAGE C;
CREATE FUNCTION caught(kind text, OUT state text, OUT message text, OUT detail text, OUT hint text) AS $$
BEGIN
    PERFORM throw(kind);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                            detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$ LANGUAGE plpgsql;

-- An error of Postgres keeps its SQLSTATE, DETAIL and HINT; ours have theirs from the table of errors.
SELECT kind, c.* FROM unnest(ARRAY['postgres', 'refusal', 'bare refusal', 'bad_alloc', 'exception', 'number'])
    WITH ORDINALITY AS k (kind, nth), caught(kind) c ORDER BY nth;

-- Through SQL that C++ runs, which runs C++ again: nothing is lost on the way, at any depth.
SELECT c.* FROM caught('SELECT throw(''refusal'')') c;
SELECT c.* FROM caught('SELECT throw(''SELECT throw(''''postgres'''')'')') c;
SELECT c.* FROM caught('SELECT 1/0') c;

-- Deeper than Postgres has room for errors under way (5): each level gives back what it caught.
CREATE FUNCTION nested(kind text, depth int) RETURNS text AS $$
BEGIN
    FOR i IN 1 .. depth LOOP kind := format('SELECT throw(%L)', kind); END LOOP;
    RETURN kind;
END $$ LANGUAGE plpgsql;
SELECT c.* FROM caught(nested('postgres', 8)) c;

-- An error that SQL in between catches is gone: C++ above it goes on.
SELECT c.* FROM caught('SELECT caught(''exception'')') c;

-- Ten thousand of each kind: every object is destroyed, and no memory that outlives a statement grows.
CREATE FUNCTION throw_often(kind text, times int) RETURNS void AS $$
BEGIN
    FOR i IN 1 .. times LOOP
        BEGIN
            PERFORM throw(kind);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END $$ LANGUAGE plpgsql;
CREATE FUNCTION lasting_bytes() RETURNS bigint AS $$
    SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts
     WHERE name IN ('TopMemoryContext', 'ErrorContext', 'CacheMemoryContext', 'TopTransactionContext')
$$ LANGUAGE sql;
CREATE TEMP TABLE kind AS SELECT unnest(ARRAY['postgres', 'refusal', 'bad_alloc', 'exception', 'number',
    'SELECT throw(''postgres'')', 'SELECT throw(''refusal'')']) AS kind;
SELECT count(throw_often(kind, 100)) FROM kind;
SELECT lasting_bytes() AS before, heap() AS heap_before \gset
SELECT count(throw_often(kind, 10000)) FROM kind;
SELECT alive(), lasting_bytes() - :before < 100000 AS no_leak, heap() - :heap_before < 1000000 AS no_exception_left;

-- What nobody catches reaches the client once, with its CONTEXT.
\set VERBOSITY default
SELECT throw('SELECT throw(''SELECT 1/0'')');
