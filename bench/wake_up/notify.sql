-- bench/wake_up/notify.sql: the tracked table, and a NOTIFY in each transaction that writes it.
CREATE FUNCTION notify_plait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY plait;
    RETURN NULL;
END $$;
CREATE TRIGGER notify_plait AFTER UPDATE ON album FOR EACH STATEMENT EXECUTE FUNCTION notify_plait();
