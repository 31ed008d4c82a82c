-- bench/harness/album.sql: the table of every task, six columns.
CREATE TABLE album (
    id integer PRIMARY KEY,
    title text NOT NULL,
    artist text NOT NULL,
    year integer NOT NULL,
    stars integer NOT NULL,
    note text
);
