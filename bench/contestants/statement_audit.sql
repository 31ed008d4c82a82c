-- bench/contestants/statement_audit.sql: the same audit table, filled by statement-level PL/pgSQL triggers.
-- Transition tables know no pairs of old and new rows, so an UPDATE joins them by the key: a key that changes is lost.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL DEFAULT session_user,
    operation text NOT NULL,
    old jsonb,
    new jsonb
);
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit (operation, new) SELECT TG_OP, to_jsonb(n) FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit (operation, old, new) SELECT TG_OP, to_jsonb(o), to_jsonb(n) FROM old_rows o JOIN new_rows n USING (id);
    ELSE
        INSERT INTO audit (operation, old) SELECT TG_OP, to_jsonb(o) FROM old_rows o;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_insert AFTER INSERT ON album REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION write_audit();
CREATE TRIGGER audit_update AFTER UPDATE ON album REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION write_audit();
CREATE TRIGGER audit_delete AFTER DELETE ON album REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION write_audit();
CREATE FUNCTION recorded() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM audit';
-- Each row's last audit entry holds the row as it is.
CREATE FUNCTION sound() RETURNS boolean LANGUAGE sql AS $$
    SELECT NOT EXISTS (
        SELECT FROM (SELECT DISTINCT ON ((new->>'id')::int) new FROM audit ORDER BY (new->>'id')::int, id DESC) a
        JOIN album t ON t.id = (new->>'id')::int
        WHERE a.new <> to_jsonb(t))
$$;
