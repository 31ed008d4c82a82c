// gateway/database.h: a connection to Postgres, for one thread.
//
// What goes wrong is thrown as DatabaseError and caught where a thread's work begins.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace plait::gateway {

struct DatabaseError {
  Error error;             // Plait's code if the message tells one, else the nearest
  std::string sqlstate;    // of the server; empty: the connection broke
  std::string constraint;  // may be empty
  bool connection_lost = false;
};

// What was refused, as Plait's error: extension errors carry `code: name · where: …` in their
// DETAIL.
Error error_of_postgres(std::string_view sqlstate, std::string_view message,
                        std::string_view detail, std::string_view hint);

class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result, PQclear) {}
  int count() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  // Valid as long as the rows.
  std::string_view text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  std::optional<std::string> text_or_nothing(int row, int column) const;
  bool boolean(int row, int column) const { return text(row, column) == "t"; }
  std::string_view tag() const { return PQcmdStatus(result_.get()); }  // COMMIT, SELECT 1
  ExecStatusType status() const { return PQresultStatus(result_.get()); }
  const PGresult* get() const { return result_.get(); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class Database {
 public:
  enum class Path { plait, role };  // search_path: fixed to pg_catalog and plait; or the role's own

  // Connects. Throws.
  Database(const std::string& dsn, Path path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Statements without parameters; the last one's rows.
  Rows run(const std::string& statements);
  // One statement with text parameters; nullopt is NULL.
  Rows run(const std::string& statement, const std::vector<std::optional<std::string>>& parameters);
  // The same, a row at a time: calls f(Rows) for each, so that no result is held twice.
  template <typename F>
  void each(const std::string& statement, const std::vector<std::optional<std::string>>& parameters,
            F&& f) {
    start(statement, parameters);
    while (auto row = next()) f(*row);
  }

  // Ends a transaction that may be open, and the statement under way; a connection that is broken
  // stays so.
  void roll_back() noexcept;
  // Asks the server to give up the statement under way. From any thread, while this connection
  // lives.
  void cancel() noexcept;
  bool is_broken() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

  int socket() const { return PQsocket(connection_.get()); }
  // Takes notifications that have come; whether there were any. Throws when the connection broke.
  bool take_notifications();

 private:
  void start(const std::string& statement,
             const std::vector<std::optional<std::string>>& parameters);
  std::optional<Rows> next();
  Rows checked(Rows rows);
  [[noreturn]] void fail(const PGresult* result);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// ["a", "b"] as the text of a Postgres array.
std::string array_text(const std::vector<std::string>& items);
// The items of the text of a one-dimensional array without NULLs, whose items need no quotes (ids).
std::vector<std::string> array_items(std::string_view text);

// How long to wait before the next try: doubling from 50 ms to 5 s, each time somewhere in the
// upper half.
class Backoff {
 public:
  std::chrono::milliseconds next();
  void reset() { step_ms_ = first_ms; }

 private:
  static constexpr std::int64_t first_ms = 50;
  static constexpr std::int64_t last_ms = 5'000;
  std::int64_t step_ms_ = first_ms;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace plait::gateway
