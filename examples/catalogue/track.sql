-- examples/catalogue/track.sql: from here on every change of these tables is an event.

CREATE EXTENSION plait;
SELECT plait.track('artist'), plait.track('album'), plait.track('track');
