-- examples/catalogue/roles.sql: who the gateway logs in as, and as whom it acts for its clients.

CREATE ROLE listener NOLOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON artist, album, track TO listener;

-- It follows the feed, reads the tracked tables and can write none; what clients ask for it does as `listener`.
CREATE ROLE plait_gateway LOGIN NOINHERIT IN ROLE listener;
GRANT SELECT ON artist, album, track TO plait_gateway;
SELECT plait.grant_feed('plait_gateway');
