-- bench/tracked_insert/check.sql: is the table what the statement should have made of it?
SELECT count(*) = current_setting('bench.rows')::integer AND sum(id) = (count(*) * (count(*) + 1)) / 2
       AND sum(stars) = sum(id % 6)
FROM album
