-- examples/catalogue/roles.sql: who the gateway logs in as, and as whom it acts for its clients.

CREATE ROLE listener NOLOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON artist, album, track TO listener;

-- By itself it may follow the feed and nothing else; it reads, and does what clients ask for, as `listener`.
CREATE ROLE plait_gateway LOGIN NOINHERIT IN ROLE listener;
SELECT plait.grant_feed('plait_gateway');
