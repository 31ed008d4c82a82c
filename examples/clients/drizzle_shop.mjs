#!/usr/bin/env node
// examples/clients/drizzle_shop.mjs: a shop on Drizzle, over node-postgres. Nothing in it knows of Plait.
//
//   drizzle_shop.mjs schema postgresql://…    creates the tables
//   drizzle_shop.mjs run postgresql://…       works on them; prints what it saw, a line of JSON a step
//
// `npm ci` in this folder brings what it needs.
import { and, asc, count, eq, like, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, jsonb, numeric, pgEnum, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';

const tier = pgEnum('tier', ['free', 'gold']);

const customers = pgTable('customers', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  email: text().notNull().unique(),
  tier: tier().notNull().default('free'),
  settings: jsonb().notNull().default({}),
  version: integer().notNull().default(1),
  changed: timestamp({ withTimezone: true }).notNull().defaultNow().$onUpdate(() => new Date()),
});

const orders = pgTable('orders', {
  id: uuid().primaryKey().$defaultFn(() => crypto.randomUUID()),
  customerId: integer('customer_id').notNull().references(() => customers.id, { onDelete: 'cascade' }),
  total: numeric({ precision: 12, scale: 2 }).notNull().default('0'),
  note: text(),
});

const lines = pgTable('lines', {
  orderId: uuid('order_id').references(() => orders.id, { onDelete: 'cascade' }),
  product: text(),
  quantity: integer().notNull(),
}, (line) => [primaryKey({ columns: [line.orderId, line.product] })]);

const schema = {
  customers, orders, lines,
  ofCustomers: relations(customers, ({ many }) => ({ orders: many(orders) })),
  ofOrders: relations(orders, ({ one, many }) => ({
    customer: one(customers, { fields: [orders.customerId], references: [customers.id] }), lines: many(lines) })),
  ofLines: relations(lines, ({ one }) => ({ order: one(orders, { fields: [lines.orderId], references: [orders.id] }) })),
};

// As drizzle-kit writes it for the tables above.
const migration = `
  CREATE TYPE "public"."tier" AS ENUM('free', 'gold');
  CREATE TABLE "customers" (
    "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "customers_id_seq"),
    "email" text NOT NULL, "tier" "tier" DEFAULT 'free' NOT NULL, "settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
    "version" integer DEFAULT 1 NOT NULL, "changed" timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT "customers_email_unique" UNIQUE("email"));
  CREATE TABLE "orders" ("id" uuid PRIMARY KEY NOT NULL, "customer_id" integer NOT NULL,
    "total" numeric(12, 2) DEFAULT '0' NOT NULL, "note" text);
  CREATE TABLE "lines" ("order_id" uuid, "product" text, "quantity" integer NOT NULL,
    CONSTRAINT "lines_order_id_product_pk" PRIMARY KEY("order_id","product"));
  ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_customers_id_fk" FOREIGN KEY ("customer_id")
    REFERENCES "public"."customers"("id") ON DELETE cascade ON UPDATE no action;
  ALTER TABLE "lines" ADD CONSTRAINT "lines_order_id_orders_id_fk" FOREIGN KEY ("order_id")
    REFERENCES "public"."orders"("id") ON DELETE cascade ON UPDATE no action`;

const tell = (step, seen) => console.log(JSON.stringify({ step, ...seen }));

// What an application sees of an error of the database.
const caught = ({ name, cause: { code, message, constraint } }) => ({ name, code, message, constraint });

const ada = eq(customers.email, 'ada@example.org');

async function counts(db) {
  return { customers: await db.$count(customers), orders: await db.$count(orders), lines: await db.$count(lines) };
}

async function create(db) {
  await db.transaction(async (tx) => {
    const [customer] = await tx.insert(customers).values({ email: 'ada@example.org', settings: { theme: 'dark' } }).returning();
    const made = await tx.insert(orders).values([{ customerId: customer.id, note: 'first' },
      { customerId: customer.id, note: 'second', total: '9.99' }]).returning();
    await tx.insert(lines).values(made.flatMap(({ id }) => [{ orderId: id, product: 'ink', quantity: 1 },
      { orderId: id, product: 'pen', quantity: 2 }]));
  });
  tell('create', await counts(db));
}

async function insertMany(db) {
  const made = await db.insert(customers).values(Array.from({ length: 400 }, (_, n) => (
    { email: `c${n}@example.org`, tier: n % 2 ? 'gold' : 'free', settings: { n } }))).returning({ id: customers.id });
  tell('insert_many', { made: made.length, ...await counts(db) });
}

// One statement that reads three tables as nested JSON.
async function read(db) {
  tell('read', { found: await db.query.customers.findFirst({ where: ada, columns: { email: true, tier: true },
    with: { orders: { columns: { note: true, total: true }, orderBy: asc(orders.note),
      with: { lines: { columns: { product: true, quantity: true }, orderBy: asc(lines.product) } } } } }) });
}

async function change(db) {
  const settings = await db.transaction(async (tx) => {
    const [customer] = await tx.select().from(customers).where(ada).for('update');
    return tx.update(customers).set({ settings: { ...customer.settings, theme: 'light' }, tier: 'gold' })
      .where(ada).returning({ settings: customers.settings, tier: customers.tier });
  });
  const many = await db.update(customers).set({ version: sql`${customers.version} + 1` }).where(like(customers.email, 'c1%'));
  const joined = await db.update(lines).set({ quantity: sql`${lines.quantity} + 1` }).from(orders)
    .where(and(eq(orders.id, lines.orderId), eq(orders.note, 'first')));
  tell('change', { settings, many: many.rowCount, joined: joined.rowCount });
}

async function loseARace(db) {
  const [read] = await db.select().from(customers).where(ada);
  const save = (by) => db.update(customers).set({ settings: { by }, version: read.version + 1 })
    .where(and(eq(customers.id, read.id), eq(customers.version, read.version))).returning({ version: customers.version });
  tell('lose_a_race', { theirs: await save('them'), mine: await save('me') });
}

// Each in a transaction in the transaction, which is a savepoint; the outer one goes on and is committed.
async function violate(db) {
  const wrong = {
    unique: (tx) => tx.update(customers).set({ email: 'ada@example.org' }),
    foreign_key: (tx) => tx.insert(orders).values({ customerId: -1 }),
    key: (tx) => tx.update(lines).set({ product: 'one' }),
    not_null: (tx) => tx.update(lines).set({ quantity: sql`NULL` }),
    overflow: (tx) => tx.update(orders).set({ total: '10000000000' }),
  };
  const seen = {};
  await db.transaction(async (tx) => {
    for (const [name, act] of Object.entries(wrong)) {
      seen[name] = await tx.transaction(async (inner) => {
        await inner.delete(customers).where(like(customers.email, 'c2%'));
        await act(inner);
      }).catch(caught);
    }
    await tx.update(orders).set({ note: 'went on' }).where(eq(orders.note, 'first'));
  });
  tell('violate', { ...seen, kept: await counts(db) });
}

async function rollBack(db) {
  const refused = await db.transaction(async (tx) => {
    await tx.delete(customers);
    tx.rollback();
  }).catch(({ name, message }) => ({ name, message }));
  tell('roll_back', { refused, ...await counts(db) });
}

async function insertOrUpdate(db) {
  const rows = ['ada@example.org', 'new@example.org'].map((email) => ({ email, settings: { by: 'upsert' } }));
  const both = await db.insert(customers).values(rows).onConflictDoUpdate({ target: customers.email,
    set: { settings: sql`excluded.settings`, version: sql`${customers.version} + 1` } })
    .returning({ email: customers.email, version: customers.version });
  const nothing = await db.insert(customers).values(rows).onConflictDoNothing().returning();
  tell('insert_or_update', { both, nothing });
}

async function remove(db) {
  const one = await db.delete(customers).where(ada).returning({ email: customers.email });
  tell('remove', { one, ...await counts(db) });
  const many = await db.delete(customers).where(like(customers.email, 'c1%'));
  tell('remove_many', { many: many.rowCount, ...await counts(db),
    tiers: await db.select({ tier: customers.tier, count: count() }).from(customers).groupBy(customers.tier).orderBy(customers.tier) });
}

const steps = [create, insertMany, read, change, loseARace, violate, rollBack, insertOrUpdate, remove];
const [command, connectionString] = process.argv.slice(2);
if (!connectionString || !['schema', 'run'].includes(command)) {
  console.error('usage: drizzle_shop.mjs schema|run postgresql://…');
  process.exit(1);
}
const pool = new pg.Pool({ connectionString, max: 4 });
const db = drizzle({ client: pool, schema });
if (command === 'schema') await pool.query(migration);
else for (const step of steps) await step(db);
await pool.end();
