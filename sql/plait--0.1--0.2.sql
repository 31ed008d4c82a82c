-- sql/plait--0.1--0.2.sql: what 0.2 adds to a database that has 0.1, and to a new one: CREATE EXTENSION runs
-- plait--0.1.sql, then this. A script that was released is never edited.

\echo Use "ALTER EXTENSION plait UPDATE" to load this file. \quit
