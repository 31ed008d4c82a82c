-- bench/contestants/row_audit.sql: the usual audit table, filled by a row-level PL/pgSQL trigger.
-- One row a change with the old and the new row as jsonb, one index; nothing to find a row's changes by.
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
        INSERT INTO audit (operation, new) VALUES (TG_OP, to_jsonb(NEW));
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit (operation, old, new) VALUES (TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    ELSE
        INSERT INTO audit (operation, old) VALUES (TG_OP, to_jsonb(OLD));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON album FOR EACH ROW EXECUTE FUNCTION write_audit();
CREATE FUNCTION recorded() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM audit';
-- Each row's last audit entry holds the row as it is.
CREATE FUNCTION sound() RETURNS boolean LANGUAGE sql AS $$
    SELECT NOT EXISTS (
        SELECT FROM (SELECT DISTINCT ON ((new->>'id')::int) new FROM audit ORDER BY (new->>'id')::int, id DESC) a
        JOIN album t ON t.id = (new->>'id')::int
        WHERE a.new <> to_jsonb(t))
$$;
