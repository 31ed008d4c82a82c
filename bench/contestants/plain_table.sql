-- bench/contestants/plain_table.sql: the table alone; keeps no record of changes.
CREATE FUNCTION recorded() RETURNS bigint LANGUAGE sql AS 'SELECT NULL::bigint';
CREATE FUNCTION sound() RETURNS boolean LANGUAGE sql AS 'SELECT true';
