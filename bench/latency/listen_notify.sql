-- bench/latency/listen_notify.sql: what Postgres has of its own: the row as JSON to everyone who listens.
CREATE FUNCTION notify_album() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('album', to_jsonb(NEW)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER notify_album AFTER UPDATE ON album FOR EACH ROW EXECUTE FUNCTION notify_album();
