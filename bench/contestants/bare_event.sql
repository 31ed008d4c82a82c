-- bench/contestants/bare_event.sql: the rows and index entries of Plait's events, and nothing computed (bare_event.c).
CREATE SCHEMA bare;
CREATE TABLE bare.event (
    entity uuid NOT NULL,
    id uuid NOT NULL,
    xid xid8 NOT NULL,
    salt bigint,
    collection integer NOT NULL,
    origin integer NOT NULL,
    actor integer NOT NULL,
    era smallint NOT NULL,
    parents bytea NOT NULL,
    operations jsonb NOT NULL,
    context jsonb NOT NULL,
    PRIMARY KEY (collection, entity, id) WITH (fillfactor = 75)
);
ALTER TABLE bare.event ALTER parents SET STORAGE MAIN;
CREATE INDEX event_xid ON bare.event (era, xid);
DO $$ BEGIN
    EXECUTE format('CREATE FUNCTION bare.event() RETURNS trigger LANGUAGE c AS %L, ''bare_event''', current_setting('bench.module'));
END $$;
CREATE TRIGGER event AFTER INSERT OR UPDATE ON album FOR EACH ROW EXECUTE FUNCTION bare.event();
CREATE FUNCTION recorded() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM bare.event';
-- It says of a row only how often it was written: as often as its stars, and once if it is new.
CREATE FUNCTION sound() RETURNS boolean LANGUAGE sql AS 'SELECT recorded() = (SELECT sum(stars) + count(*) - 10000 FROM album)';
