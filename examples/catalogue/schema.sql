-- examples/catalogue/schema.sql: artists, their albums, the albums' tracks. Ordinary tables: nothing in them knows of Plait.

CREATE TABLE artist (
    id   int PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE album (
    id        int PRIMARY KEY,
    artist_id int  NOT NULL REFERENCES artist,
    title     text NOT NULL,
    year      int  CHECK (year BETWEEN 1900 AND 2100),
    stars     int  CHECK (stars BETWEEN 1 AND 5)      -- nobody has rated anything yet
);
CREATE INDEX album_artist ON album (artist_id);
CREATE INDEX album_year ON album (year);

CREATE TABLE track (
    album_id int  NOT NULL REFERENCES album ON DELETE CASCADE,
    position int  NOT NULL,
    title    text NOT NULL,
    PRIMARY KEY (album_id, position)
);
