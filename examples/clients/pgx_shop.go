// examples/clients/pgx_shop.go: a shop on pgx, version 5. Nothing in it knows of Plait.
//
//	go run . schema postgresql://…    creates the tables
//	go run . run postgresql://…       works on them; prints what it saw, a line of JSON a step
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const schema = `
	CREATE TYPE tier AS ENUM ('free', 'gold');
	CREATE TABLE customer (
		id bigserial PRIMARY KEY,
		email text NOT NULL UNIQUE,
		tier tier NOT NULL DEFAULT 'free',
		settings jsonb,
		version int NOT NULL DEFAULT 1,
		joined timestamptz NOT NULL DEFAULT now());
	CREATE TABLE orders (
		id uuid PRIMARY KEY,
		customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
		total numeric(12, 2) NOT NULL DEFAULT 0,
		valid tstzrange);
	CREATE TABLE line (
		order_id uuid REFERENCES orders ON DELETE CASCADE,
		product text,
		quantity int NOT NULL CHECK (quantity > 0),
		price float8,
		PRIMARY KEY (order_id, product))`

type seen map[string]any

func tell(step string, what seen) {
	what["step"] = step
	text, err := json.Marshal(what)
	must(err)
	fmt.Println(string(text))
}

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// What an application sees of an error of the database.
func caught(err error) any {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return []string{refused.Code, refused.Message, refused.ConstraintName, refused.ColumnName}
	}
	if err != nil {
		return err.Error()
	}
	return nil
}

type shop struct {
	context.Context
	*pgx.Conn
}

func (s shop) rows(statement string, arguments ...any) int64 {
	done, err := s.Exec(s, statement, arguments...)
	must(err)
	return done.RowsAffected()
}

func (s shop) counts() []int64 {
	counts := make([]int64, 3)
	must(s.QueryRow(s, `SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM orders), (SELECT count(*) FROM line)`).
		Scan(&counts[0], &counts[1], &counts[2]))
	return counts
}

func (s shop) create() {
	must(pgx.BeginFunc(s, s, func(tx pgx.Tx) error {
		var id int64
		var joined time.Time
		must(tx.QueryRow(s, "INSERT INTO customer (email, settings) VALUES ($1, $2) RETURNING id, joined",
			"ada@example.org", map[string]any{"theme": "dark", "limits": []any{1, 2.5, nil}}).Scan(&id, &joined))
		var order string
		must(tx.QueryRow(s, `INSERT INTO orders (id, customer_id, total, valid) VALUES
			(gen_random_uuid(), $1, $2, tstzrange($3, NULL)) RETURNING id::text`, id, "12.50", joined).Scan(&order))
		for n, product := range []string{"ink", "paper", "pen"} {
			_, err := tx.Exec(s, "INSERT INTO line VALUES ($1, $2, $3, $4)", order, product, n+1, 0.1*float64(n))
			must(err)
		}
		return nil
	}))
	tell("create", seen{"counts": s.counts()})
}

// COPY in its binary form.
func (s shop) copyMany() {
	rows := make([][]any, 800)
	for n := range rows {
		rows[n] = []any{fmt.Sprintf("c%d@example.org", n), map[string]any{"n": n}}
	}
	copied, err := s.CopyFrom(s, pgx.Identifier{"customer"}, []string{"email", "settings"}, pgx.CopyFromRows(rows))
	must(err)
	again, err := s.CopyFrom(s, pgx.Identifier{"customer"}, []string{"email", "settings"}, pgx.CopyFromRows(rows[:5]))
	tell("copy", seen{"copied": copied, "again": again, "caught": caught(err), "counts": s.counts()})
}

// A batch goes out in one piece: a pipeline, and one transaction.
func (s shop) batch() {
	batch := &pgx.Batch{}
	for n := 0; n < 200; n++ {
		batch.Queue("UPDATE customer SET tier = 'gold', version = version + 1 WHERE email = $1", fmt.Sprintf("c%d@example.org", n))
		batch.Queue("INSERT INTO customer (email) VALUES ($1)", fmt.Sprintf("d%d@example.org", n))
	}
	must(s.SendBatch(s, batch).Close())
	var gold, versions int64
	must(s.QueryRow(s, "SELECT count(*), sum(version) FROM customer WHERE tier = 'gold'").Scan(&gold, &versions))
	wrong := &pgx.Batch{}
	wrong.Queue("UPDATE customer SET tier = 'free'")
	wrong.Queue("INSERT INTO customer (email) VALUES ('ada@example.org')")
	err := s.SendBatch(s, wrong).Close()
	tell("batch", seen{"gold": gold, "versions": versions, "caught": caught(err), "counts": s.counts()})
}

func (s shop) change() {
	must(pgx.BeginFunc(s, s, func(tx pgx.Tx) error {
		var total, settings string
		must(tx.QueryRow(s, `SELECT o.total::text, c.settings::text FROM orders o JOIN customer c ON c.id = o.customer_id
			WHERE c.email = 'ada@example.org' FOR UPDATE`).Scan(&total, &settings))
		lines, err := tx.Exec(s, "UPDATE line SET quantity = quantity * 2, price = 'NaN' WHERE product <> 'ink'")
		must(err)
		orders, err := tx.Exec(s, `UPDATE orders SET total = total + 1, valid = tstzrange(lower(valid), '2100-01-01Z')`)
		must(err)
		tell("change", seen{"total": total, "settings": settings, "lines": lines.RowsAffected(), "orders": orders.RowsAffected()})
		return nil
	}))
}

func (s shop) loseARace(other shop) {
	save := func(by shop) int64 {
		return by.rows("UPDATE customer SET version = version + 1 WHERE email = 'ada@example.org' AND version = $1", 1)
	}
	tell("lose_a_race", seen{"theirs": save(other), "mine": save(s)})
}

// Each inside a savepoint (a transaction in a transaction); the outer one goes on and is committed.
func (s shop) violate() {
	wrong := [][2]string{
		{"unique", "UPDATE customer SET email = 'ada@example.org'"},
		{"foreign_key", "INSERT INTO orders VALUES (gen_random_uuid(), -1)"},
		{"referenced", "UPDATE orders SET id = gen_random_uuid()"},
		{"check", "UPDATE line SET quantity = -quantity"},
		{"not_null", "INSERT INTO line (product, quantity) VALUES ('air', 1)"},
		{"enum", "UPDATE customer SET tier = 'lead'"},
		{"zero", "UPDATE line SET quantity = quantity / 0"},
	}
	result := seen{}
	must(pgx.BeginFunc(s, s, func(tx pgx.Tx) error {
		for _, each := range wrong {
			result[each[0]] = caught(pgx.BeginFunc(s, tx, func(inner pgx.Tx) error {
				_, err := inner.Exec(s, "DELETE FROM customer WHERE email LIKE 'd%'")
				must(err)
				_, err = inner.Exec(s, each[1])
				return err
			}))
		}
		_, err := tx.Exec(s, "UPDATE customer SET settings = settings || '{\"went\": \"on\"}' WHERE email LIKE 'c1%'")
		return err
	}))
	result["counts"] = s.counts()
	tell("violate", result)
}

// A statement that is stopped in its middle leaves nothing.
func (s shop) stop(other shop) {
	_, err := other.Exec(s, "SET statement_timeout = '50ms'")
	must(err)
	_, err = other.Exec(s, "UPDATE customer SET tier = 'free' WHERE pg_sleep(0.01) IS NOT NULL")
	tell("stop", seen{"caught": caught(err), "counts": s.counts()})
}

func (s shop) upsert() {
	statement := `INSERT INTO customer AS c (email, settings) VALUES ('ada@example.org', '{}'), ('new@example.org', '{}')
		ON CONFLICT (email) DO UPDATE SET settings = excluded.settings WHERE c.settings IS DISTINCT FROM excluded.settings`
	tell("upsert", seen{"first": s.rows(statement), "second": s.rows(statement)})
}

func (s shop) remove() {
	ada := s.rows("DELETE FROM customer WHERE email = 'ada@example.org'")
	after := s.counts()
	many := s.rows("DELETE FROM customer USING generate_series(0, 99) n WHERE email = 'c' || n || '@example.org'")
	tell("remove", seen{"ada": ada, "after": after, "many": many, "counts": s.counts()})
}

func (s shop) empty() {
	_, err := s.Exec(s, "TRUNCATE line, orders")
	must(err)
	_, err = s.Exec(s, "TRUNCATE customer")
	tell("empty", seen{"caught": caught(err), "counts": s.counts()})
}

func connect(ctx context.Context, url string) shop {
	connection, err := pgx.Connect(ctx, url)
	must(err)
	return shop{ctx, connection}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 || (os.Args[1] != "schema" && os.Args[1] != "run") {
		log.Fatal("usage: pgx_shop schema|run postgresql://…")
	}
	ctx := context.Background()
	s := connect(ctx, os.Args[2])
	defer s.Close(ctx)
	if os.Args[1] == "schema" {
		_, err := s.Exec(ctx, schema)
		must(err)
		return
	}
	other := connect(ctx, os.Args[2])
	defer other.Close(ctx)
	s.create()
	s.copyMany()
	s.batch()
	s.change()
	s.loseARace(other)
	s.violate()
	s.stop(other)
	s.upsert()
	s.remove()
	s.empty()
}
