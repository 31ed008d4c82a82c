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
