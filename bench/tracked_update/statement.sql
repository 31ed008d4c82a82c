-- bench/tracked_update/statement.sql: what is measured.
UPDATE album SET stars = stars + 1
