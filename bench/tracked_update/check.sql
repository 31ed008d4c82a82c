-- bench/tracked_update/check.sql: is the table what the statement should have made of it?
SELECT count(*) = current_setting('bench.rows')::integer AND sum(stars) = sum(id % 6 + 1) FROM album
