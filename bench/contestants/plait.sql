-- bench/contestants/plait.sql: the table, tracked.
CREATE EXTENSION plait;
SELECT plait.track('album');
-- How many changes are on record, and does the record agree with the table?
CREATE FUNCTION recorded() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM plait.event';
CREATE FUNCTION sound() RETURNS boolean LANGUAGE sql AS 'SELECT NOT EXISTS (SELECT FROM plait.verify(''album''))';
