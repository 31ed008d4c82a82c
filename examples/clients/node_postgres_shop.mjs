#!/usr/bin/env node
// examples/clients/node_postgres_shop.mjs: a shop on node-postgres (`pg`, 8 or later). Nothing in it knows of Plait.
//
//   node_postgres_shop.mjs schema postgresql://…    creates the tables
//   node_postgres_shop.mjs run postgresql://…       works on them; prints what it saw, a line of JSON a step
//
// `npm ci` in this folder brings what it needs.
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const schema = `
  CREATE TYPE tier AS ENUM ('free', 'gold');
  CREATE TABLE customer (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    tier tier NOT NULL DEFAULT 'free',
    settings jsonb NOT NULL DEFAULT '{}',
    labels text[],
    version int NOT NULL DEFAULT 1,
    joined timestamptz NOT NULL DEFAULT now());
  CREATE TABLE orders (
    id uuid PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customer ON DELETE CASCADE,
    total numeric(12, 2) NOT NULL DEFAULT 0,
    note text);
  CREATE TABLE line (
    order_id uuid REFERENCES orders ON DELETE CASCADE,
    number int,
    product text NOT NULL,
    quantity int NOT NULL CHECK (quantity > 0),
    price numeric(12, 2) NOT NULL,
    amount numeric GENERATED ALWAYS AS (quantity * price) STORED,
    seal bytea,
    PRIMARY KEY (order_id, number))`;

const tell = (step, seen) => console.log(JSON.stringify({ step, ...seen }));

// What an application sees of an error of the database.
const caught = ({ name, code, message, constraint, column }) => ({ name, code, message, constraint, column });

async function transaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function counts(db) {
  const { rows } = await db.query(`SELECT (SELECT count(*)::int FROM customer) AS customers,
    (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM line) AS lines`);
  return rows[0];
}

const customerId = async (db, email) =>
  (await db.query('SELECT id FROM customer WHERE email = $1', [email])).rows[0].id;

async function create(pool) {
  await transaction(pool, async (db) => {
    const { rows: [ada] } = await db.query(
      'INSERT INTO customer (email, settings, labels) VALUES ($1, $2, $3) RETURNING *',
      ['ada@example.org', { theme: 'dark', limits: [1, 2.5, null] }, ['a "b"', null, 'ü']]);
    for (const [note, products] of [['first', ['ink', 'paper']], ['second', ['pen']]]) {
      const id = randomUUID();
      await db.query('INSERT INTO orders (id, customer_id, note) VALUES ($1, $2, $3)', [id, ada.id, note]);
      for (const [at, product] of products.entries()) {
        await db.query('INSERT INTO line (order_id, number, product, quantity, price, seal) VALUES ($1, $2, $3, $4, $5, $6)',
          [id, at + 1, product, at + 1, '4.50', Buffer.from([0, 255, at])]);
      }
    }
    tell('create', { tier: ada.tier, settings: ada.settings, labels: ada.labels, joined: ada.joined instanceof Date });
  });
  await pool.query("INSERT INTO customer (email, tier) VALUES ('bob@example.org', 'gold')");
  tell('created', await counts(pool));
}

async function insertMany(pool) {
  const emails = Array.from({ length: 500 }, (_, n) => `c${n}@example.org`);
  const unnested = await pool.query(`INSERT INTO customer (email, settings)
    SELECT email, settings FROM unnest($1::text[], $2::jsonb[]) AS new (email, settings) RETURNING id`,
  [emails, emails.map((_, n) => ({ n }))]);
  // One prepared statement, many times, in one transaction.
  const prepared = await transaction(pool, async (db) => {
    let rows = 0;
    for (let n = 0; n < 200; n++) {
      rows += (await db.query({ name: 'insert_customer', text: 'INSERT INTO customer (email, tier) VALUES ($1, $2)',
        values: [`d${n}@example.org`, 'gold'] })).rowCount;
    }
    return rows;
  });
  // And many at once over all connections of the pool.
  const parallel = await Promise.all(Array.from({ length: 40 }, (_, n) =>
    pool.query('INSERT INTO customer (email) VALUES ($1)', [`e${n}@example.org`])));
  tell('insert_many', { unnested: unnested.rowCount, prepared, parallel: parallel.length, ...await counts(pool) });
}

async function change(pool) {
  const totals = await transaction(pool, async (db) => {
    const { rows: [ada] } = await db.query("SELECT * FROM customer WHERE email = 'ada@example.org' FOR UPDATE");
    await db.query('UPDATE customer SET settings = $2, labels = $3 WHERE id = $1',
      [ada.id, { ...ada.settings, theme: 'light' }, ada.labels.slice(1)]);
    await db.query(`UPDATE orders o SET total = (SELECT sum(amount) FROM line WHERE order_id = o.id)
                     WHERE customer_id = $1`, [ada.id]);
    return (await db.query('SELECT total FROM orders ORDER BY total')).rows;
  });
  const { rows } = await pool.query("SELECT settings, labels FROM customer WHERE email LIKE 'ada%'");
  tell('change', { totals, rows });
}

async function changeMany(pool) {
  const where = await pool.query("UPDATE customer SET tier = 'gold', version = version + 1 WHERE email LIKE 'c1%'");
  const joined = await pool.query(`UPDATE customer c SET settings = c.settings || new.settings
    FROM unnest($1::text[], $2::jsonb[]) AS new (email, settings) WHERE c.email = new.email RETURNING c.settings`,
  [['c1@example.org', 'c2@example.org'], [{ of: 'bulk' }, { of: 'bulk' }]]);
  const same = await pool.query('UPDATE line SET price = price');
  const moved = await pool.query('UPDATE line SET number = number + 10');  // a part of the primary key
  tell('change_many', { where: where.rowCount, joined: joined.rows.map(({ settings }) => settings.n).sort(),
    same: same.rowCount, moved: moved.rowCount,
    lines: (await pool.query('SELECT number, product, amount, seal FROM line ORDER BY product')).rows });
}

// Optimistic locking as it is done in SQL: an UPDATE that names the version it has read.
async function loseARace(pool) {
  const { rows: [read] } = await pool.query("SELECT id, version FROM customer WHERE email = 'bob@example.org'");
  const save = (by) => pool.query('UPDATE customer SET settings = $3, version = version + 1 WHERE id = $1 AND version = $2',
    [read.id, read.version, { by }]);
  const [theirs, mine] = [await save('them'), await save('me')];
  tell('lose_a_race', { theirs: theirs.rowCount, mine: mine.rowCount });
}

async function waitForNobody(pool) {
  await transaction(pool, async (db) => {
    await db.query("UPDATE line SET quantity = quantity + 1 WHERE product = 'ink'");
    const nowait = await pool.query('SELECT 1 FROM line ORDER BY product FOR UPDATE NOWAIT').catch(caught);
    const free = await pool.query('SELECT product FROM line ORDER BY product FOR UPDATE SKIP LOCKED');
    tell('wait_for_nobody', { nowait, free: free.rows });
  });
}

// Each inside a savepoint; the transaction goes on and is committed.
async function violate(pool) {
  const wrong = {
    unique: "INSERT INTO customer (email) VALUES ('ada@example.org')",
    key: 'INSERT INTO line SELECT order_id, number, product, 1, 1 FROM line',
    foreign_key: 'INSERT INTO orders (id, customer_id) VALUES (gen_random_uuid(), -1)',
    check: 'UPDATE line SET quantity = 0',
    not_null: 'UPDATE line SET product = NULL',
    identity: "INSERT INTO customer (id, email) VALUES (1, 'x')",
    generated: 'UPDATE line SET amount = 1',
    overflow: 'UPDATE line SET price = price * 100000000000',
    enum: "UPDATE customer SET tier = 'lead'",
    column: 'UPDATE customer SET wrong = 1',
  };
  const seen = {};
  await transaction(pool, async (db) => {
    for (const [name, statement] of Object.entries(wrong)) {
      await db.query('SAVEPOINT before');
      await db.query('INSERT INTO customer (email) VALUES ($1)', [`${name}@example.org`]);
      seen[name] = await db.query(statement).catch(caught);
      await db.query('ROLLBACK TO before; RELEASE before');
    }
    await db.query("UPDATE orders SET note = 'went on' WHERE note = 'first'");
  });
  tell('violate', { ...seen, kept: await counts(pool) });
}

async function rollBack(pool) {
  const refused = await transaction(pool, async (db) => {
    await db.query("DELETE FROM customer WHERE email LIKE 'c%'");
    await db.query("UPDATE customer SET tier = 'free'");
    throw new Error('changed my mind');
  }).catch(({ message }) => message);
  tell('roll_back', { refused, ...await counts(pool) });
}

async function insertOrUpdate(pool) {
  const text = `INSERT INTO customer AS c (email, settings) SELECT email, '{"by": "upsert"}' FROM unnest($1::text[]) AS email
    ON CONFLICT (email) DO UPDATE SET settings = excluded.settings, version = c.version + 1 RETURNING email, version`;
  const both = await pool.query(text, [['ada@example.org', 'new@example.org']]);
  const twice = await pool.query(text, [['ada@example.org', 'ada@example.org']]).catch(caught);
  const nothing = await pool.query("INSERT INTO customer (email) VALUES ('ada@example.org') ON CONFLICT DO NOTHING");
  tell('insert_or_update', { both: both.rows, twice, nothing: nothing.rowCount });
}

// One statement that writes three tables.
async function createInOne(pool) {
  const { rows } = await pool.query(`
    WITH c AS (INSERT INTO customer (email) VALUES ('cte@example.org') RETURNING id),
         o AS (INSERT INTO orders (id, customer_id, note) SELECT gen_random_uuid(), id, 'by CTE' FROM c RETURNING id)
    INSERT INTO line (order_id, number, product, quantity, price) SELECT id, n, 'p' || n, n, n FROM o, generate_series(1, 3) n
    RETURNING number, amount`);
  tell('create_in_one', { rows, ...await counts(pool) });
}

async function remove(pool) {
  const id = await customerId(pool, 'ada@example.org');
  const one = await pool.query('DELETE FROM customer WHERE id = $1', [id]);
  const many = await pool.query("DELETE FROM customer WHERE email LIKE 'c1%' RETURNING email, tier");
  tell('remove', { one: one.rowCount, many: many.rowCount, tiers: [...new Set(many.rows.map(({ tier }) => tier))],
    ...await counts(pool) });
  const again = await pool.query("INSERT INTO customer (email) VALUES ('ada@example.org') RETURNING version");
  tell('create_again', { rows: again.rows, ...await counts(pool) });
}

const steps = [create, insertMany, change, changeMany, loseARace, waitForNobody, violate, rollBack, insertOrUpdate,
  createInOne, remove];
const [command, connectionString] = process.argv.slice(2);
if (!connectionString || !['schema', 'run'].includes(command)) {
  console.error('usage: node_postgres_shop.mjs schema|run postgresql://…');
  process.exit(1);
}
const pool = new pg.Pool({ connectionString, max: 8 });
if (command === 'schema') await pool.query(schema);
else for (const step of steps) await step(pool);
await pool.end();
