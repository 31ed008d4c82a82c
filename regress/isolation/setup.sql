-- regress/isolation/setup.sql: what the database of every spec begins with: events as clients make them.
--
-- A block of a spec ends at the first closing brace, so JSON is written with parentheses: ("set":("v":1)).
-- Specs install the extension anew for each permutation: nothing here depends on it.
CREATE EXTENSION plait;

-- A request of one event on row `key` of table t, stamped `step` after its parents, or at the beginning of 2026. Its id
-- is the digest of its canonical form; operations stand in it as written: members in order, no spaces.
CREATE FUNCTION event(key int, step int, parents anyarray, operations text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_array(to_jsonb(form) - 'hlc' || jsonb_build_object('id',
            decode(hlc || left(encode(sha256(convert_to(to_json(form)::text, 'UTF8')), 'hex'), 16), 'hex')::plait.ulid))
    FROM (SELECT 't' AS collection, lpad(to_hex(key), 32, '0')::uuid::plait.ulid AS entity,
            lpad(to_hex(coalesce(max(('x' || left(encode(id::bytea, 'hex'), 16))::bit(64)::bigint), 1767225600000 << 16) + step), 16, '0') AS hlc,
            translate(operations, '()', '{}')::json AS operations, '01KDVHTF2A0000000000000000' AS origin,
            coalesce(array_agg(id ORDER BY id), '{}') AS parents, lpad(to_hex(step), 16, '0') AS salt
          FROM unnest(parents::text[]::plait.ulid[]) id) form
$$;
CREATE FUNCTION genesis(key int, step int, operations text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT event(key, step, ARRAY[]::text[], operations)
$$;
-- Commits a request; what became of each event.
CREATE FUNCTION send(events jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(e->>'status', ', ') FROM jsonb_array_elements(plait.commit(events)->'events') e
$$;
-- The events on row `key` of t in the order of their ids, parents by their places in it.
CREATE FUNCTION story(key int) RETURNS TABLE (nth bigint, parents text, operations jsonb) LANGUAGE sql AS $$
    WITH told AS (SELECT row_number() OVER (ORDER BY id) AS nth, id::bytea AS id, parents, operations FROM plait.event
                   WHERE collection = 1 AND entity = lpad(to_hex(key), 32, '0')::uuid::plait.ulid)
    SELECT nth, (SELECT string_agg(parent.nth::text, ', ' ORDER BY parent.nth) FROM told parent WHERE position(parent.id IN child.parents) > 0),
           operations FROM told child ORDER BY nth
$$;
