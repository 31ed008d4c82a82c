// examples/clients/JdbcShop.java: a shop on JDBC (pgJDBC 42). Nothing in it knows of Plait.
//
//   java -cp postgresql.jar JdbcShop.java schema jdbc:postgresql://…    creates the tables
//   java -cp postgresql.jar JdbcShop.java run jdbc:postgresql://…       works on them; prints what it saw, a line of JSON a step
//
// JDK 17; Debian's libpostgresql-jdbc-java brings /usr/share/java/postgresql.jar.
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

public class JdbcShop {
  static final String SCHEMA = """
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
        PRIMARY KEY (order_id, number))""";

  interface Work {
    void run() throws Exception;
  }

  static Connection db;

  // A line of JSON: names and values in turn.
  static void tell(String step, Object... seen) {
    var line = new StringBuilder("{\"step\": " + json(step));
    for (int i = 0; i < seen.length; i += 2) line.append(", ").append(json(seen[i])).append(": ").append(json(seen[i + 1]));
    System.out.println(line.append("}"));
  }

  static String json(Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
    if (value instanceof List<?> list) return "[" + String.join(", ", list.stream().map(JdbcShop::json).toList()) + "]";
    return "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  static int update(String sql, Object... arguments) throws SQLException {
    try (var statement = db.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) statement.setObject(i + 1, arguments[i]);
      return statement.executeUpdate();
    }
  }

  static List<Object> query(String sql, Object... arguments) throws SQLException {
    try (var statement = db.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) statement.setObject(i + 1, arguments[i]);
      var found = statement.executeQuery();
      int columns = found.getMetaData().getColumnCount();
      var rows = new ArrayList<Object>();
      while (found.next()) {
        var row = new ArrayList<Object>();
        for (int i = 1; i <= columns; i++) row.add(found.getString(i));
        rows.add(columns == 1 ? row.get(0) : row);
      }
      return rows;
    }
  }

  static Object counts() throws SQLException {
    return query("SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM orders), (SELECT count(*) FROM line)").get(0);
  }

  // What an application sees of an error of the database.
  static Object caught(Work work) throws Exception {
    try {
      work.run();
      return "no error";
    } catch (SQLException error) {
      if (!(error instanceof PSQLException ours) || ours.getServerErrorMessage() == null) return error.toString();
      var told = ours.getServerErrorMessage();
      return Arrays.asList(told.getSQLState(), told.getMessage(), told.getConstraint(), told.getColumn());
    }
  }

  static void transaction(Work work) throws Exception {
    db.setAutoCommit(false);
    try {
      work.run();
      db.commit();
    } catch (Exception error) {
      db.rollback();
      throw error;
    } finally {
      db.setAutoCommit(true);
    }
  }

  static void create() throws Exception {
    transaction(() -> {
      int ada;
      try (var insert = db.prepareStatement("INSERT INTO customer (email, settings, labels) VALUES (?, ?::jsonb, ?)",
          Statement.RETURN_GENERATED_KEYS)) {
        insert.setString(1, "ada@example.org");
        insert.setString(2, "{\"theme\": \"dark\", \"limits\": [1, 2.5, null]}");
        insert.setArray(3, db.createArrayOf("text", new String[] {"a \"b\"", null, "ü"}));
        insert.executeUpdate();
        var keys = insert.getGeneratedKeys();
        keys.next();
        ada = keys.getInt("id");
        tell("create", "tier", keys.getString("tier"), "settings", keys.getString("settings"), "labels", keys.getString("labels"));
      }
      for (var note : List.of("first", "second")) {
        var id = UUID.randomUUID();
        update("INSERT INTO orders (id, customer_id, note) VALUES (?, ?, ?)", id, ada, note);
        int number = 0;
        for (var product : note.equals("first") ? List.of("ink", "paper") : List.of("pen"))
          update("INSERT INTO line (order_id, number, product, quantity, price, seal) VALUES (?, ?, ?, ?, ?, ?)",
              id, ++number, product, number, new BigDecimal("4.50"), new byte[] {0, -1, (byte) number});
      }
    });
    update("INSERT INTO customer (email, tier) VALUES ('bob@example.org', 'gold')");
    tell("created", "counts", counts());
  }

  static void insertMany() throws Exception {
    transaction(() -> {
      try (var insert = db.prepareStatement("INSERT INTO customer (email, tier) VALUES (?, ?::tier)")) {
        for (int n = 0; n < 500; n++) {
          insert.setString(1, "c" + n + "@example.org");
          insert.setString(2, n % 2 == 0 ? "gold" : "free");
          insert.addBatch();
        }
        tell("insert_many", "batch", insert.executeBatch().length);
      }
    });
    var rows = new StringBuilder();
    for (int n = 0; n < 300; n++) rows.append("d").append(n).append("@example.org\t{\"n\": ").append(n).append("}\n");
    long copied = db.unwrap(PGConnection.class).getCopyAPI()
        .copyIn("COPY customer (email, settings) FROM STDIN", new StringReader(rows.toString()));
    tell("copy", "rows", copied, "counts", counts());
  }

  static void change() throws Exception {
    transaction(() -> {
      var ada = query("SELECT id FROM customer WHERE email = 'ada@example.org' FOR UPDATE").get(0);
      update("UPDATE customer SET settings = settings || '{\"theme\": \"light\"}', labels = labels[2:] WHERE id = ?::int", ada);
      update("UPDATE orders o SET total = (SELECT sum(amount) FROM line WHERE order_id = o.id) WHERE customer_id = ?::int", ada);
    });
    tell("change", "rows", query("SELECT settings, labels FROM customer WHERE email LIKE 'ada%'"),
        "totals", query("SELECT total FROM orders ORDER BY total"));
  }

  // A result set that writes, and a cursor that fetches a few rows at a time.
  static void changeThroughResultSets() throws Exception {
    try (var statement = db.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
         var lines = statement.executeQuery("SELECT order_id, number, product, quantity, price FROM line ORDER BY product")) {
      lines.next();
      lines.updateInt("quantity", 7);
      lines.updateRow();
      lines.next();
      lines.deleteRow();
      lines.next();
      lines.updateString("product", "fountain pen");
      lines.cancelRowUpdates();
    }
    transaction(() -> {
      int rows = 0;
      try (var all = db.prepareStatement("SELECT email FROM customer WHERE email LIKE 'd%' ORDER BY id")) {
        all.setFetchSize(50);
        for (var found = all.executeQuery(); found.next(); rows++)
          if (rows % 10 == 0) update("UPDATE customer SET version = version + 1 WHERE email = ?", found.getString(1));
      }
      tell("through_result_sets", "fetched", rows);
    });
    tell("result_sets", "lines", query("SELECT product, quantity, amount, seal FROM line ORDER BY product"),
        "versions", query("SELECT version, count(*) FROM customer GROUP BY 1 ORDER BY 1"));
  }

  static void changeMany() throws Exception {
    tell("change_many", "where", update("UPDATE customer SET tier = 'gold', version = version + 1 WHERE email LIKE 'c1%'"),
        "same", update("UPDATE line SET price = price"), "moved", update("UPDATE line SET number = number + 10"),
        "lines", query("SELECT number, product FROM line ORDER BY product"));
  }

  // Optimistic locking: an UPDATE that names the version it has read.
  static void loseARace() throws Exception {
    var save = "UPDATE customer SET version = version + 1 WHERE email = 'bob@example.org' AND version = ?";
    tell("lose_a_race", "theirs", update(save, 1), "mine", update(save, 1));
  }

  // Each after a savepoint; the transaction goes on and is committed.
  static void violate() throws Exception {
    var wrong = List.of("INSERT INTO customer (email) VALUES ('ada@example.org')",
        "INSERT INTO line SELECT order_id, number, product, 1, 1 FROM line",
        "INSERT INTO orders (id, customer_id) VALUES (gen_random_uuid(), -1)", "UPDATE line SET quantity = 0",
        "UPDATE line SET product = NULL", "INSERT INTO customer (id, email) VALUES (1, 'x')", "UPDATE line SET amount = 1",
        "UPDATE line SET price = price * 100000000000", "UPDATE customer SET tier = 'lead'", "UPDATE customer SET wrong = 1");
    var seen = new ArrayList<Object>();
    transaction(() -> {
      for (var statement : wrong) {
        var before = db.setSavepoint("before");
        update("INSERT INTO customer (email) VALUES ('gone@example.org')");
        seen.add(caught(() -> update(statement)));
        db.rollback(before);
        db.releaseSavepoint(before);
      }
      update("UPDATE orders SET note = 'went on' WHERE note = 'first'");
    });
    tell("violate", "seen", seen, "counts", counts());
  }

  static void rollBack() throws Exception {
    Object refused = null;
    try {
      transaction(() -> {
        update("DELETE FROM customer WHERE email LIKE 'c%'");
        update("UPDATE customer SET tier = 'free'");
        throw new IllegalStateException("changed my mind");
      });
    } catch (IllegalStateException error) {
      refused = error.getMessage();
    }
    tell("roll_back", "refused", refused, "counts", counts());
  }

  static void insertOrUpdate() throws Exception {
    var upsert = "INSERT INTO customer AS c (email, settings) SELECT email, '{\"by\": \"upsert\"}' FROM unnest(?) AS email"
        + " ON CONFLICT (email) DO UPDATE SET settings = excluded.settings, version = c.version + 1 RETURNING email, version";
    var both = db.createArrayOf("text", new String[] {"ada@example.org", "new@example.org"});
    var twice = db.createArrayOf("text", new String[] {"ada@example.org", "ada@example.org"});
    tell("insert_or_update", "both", query(upsert, both), "twice", caught(() -> query(upsert, twice)),
        "nothing", update("INSERT INTO customer (email) VALUES ('ada@example.org') ON CONFLICT DO NOTHING"));
  }

  // Two transactions of which one must be done again, as in the plain table.
  static void serialise(String url) throws Exception {
    try (var other = DriverManager.getConnection(url)) {
      db.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      db.setAutoCommit(false);
      query("SELECT sum(version) FROM customer WHERE email < 'b'");
      try (var statement = other.createStatement()) {
        statement.executeUpdate("UPDATE customer SET version = version + 1 WHERE email = 'bob@example.org'");
      }
      Object conflict = caught(() -> {
        update("UPDATE customer SET version = version + 1 WHERE email = 'bob@example.org'");
        db.commit();
      });
      db.rollback();
      db.setAutoCommit(true);
      db.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      tell("serialise", "conflict", conflict);
    }
  }

  static void remove() throws Exception {
    tell("remove", "one", update("DELETE FROM customer WHERE email = 'ada@example.org'"),
        "many", query("DELETE FROM customer WHERE email LIKE 'c1%' RETURNING tier").size(), "counts", counts());
    update("INSERT INTO customer (email) VALUES ('ada@example.org')");
    tell("create_again", "counts", counts());
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2 || !List.of("schema", "run").contains(arguments[0])) {
      System.err.println("usage: JdbcShop.java schema|run jdbc:postgresql://…");
      System.exit(1);
    }
    db = DriverManager.getConnection(arguments[1]);
    if (arguments[0].equals("schema")) {
      update(SCHEMA);
    } else {
      create();
      insertMany();
      change();
      changeThroughResultSets();
      changeMany();
      loseARace();
      violate();
      rollBack();
      insertOrUpdate();
      serialise(arguments[1]);
      remove();
    }
    db.close();
  }
}
