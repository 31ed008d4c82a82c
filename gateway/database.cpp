// gateway/database.cpp: libpq behind errors that say what to do.

#include "gateway/database.h"

#include <algorithm>

namespace plait::gateway {

namespace {

constexpr std::string_view separator = " · ";

// Takes the first part of a DETAIL off: "code: missing_parents · where: /events/0 · what Postgres
// added".
std::string_view take_part(std::string_view& detail) {
  std::size_t end = detail.find(separator);
  std::string_view part = detail.substr(0, end);
  detail = end == std::string_view::npos ? "" : detail.substr(end + separator.size());
  return part;
}

std::string field(const PGresult* result, int name) {
  const char* value = PQresultErrorField(result, name);
  return value == nullptr ? "" : value;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::vector<const char*> pointers(const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters)
    values.push_back(parameter ? parameter->c_str() : nullptr);
  return values;
}

}  // namespace

Error error_of_postgres(std::string_view sqlstate, std::string_view message,
                        std::string_view detail, std::string_view hint) {
  Error error{code_of_sqlstate(sqlstate), std::string(message), "", std::string(hint)};
  constexpr std::string_view code = "code: ", where = "where: ";
  if (detail.starts_with(code)) {
    std::string_view told = take_part(detail).substr(code.size());
    auto row = std::ranges::find(error_table, told, &ErrorRow::name);
    if (row != error_table.end()) error.code = row->code;
    if (detail.starts_with(where)) error.where = take_part(detail).substr(where.size());
  }
  if (!detail.empty()) error.what += " (" + std::string(detail) + ")";
  if (error.code == Code::permission_denied && error.hint.empty()) {
    error.hint = "GRANT it to the role that the gateway acts as (its --role)";
  }
  return error;
}

std::optional<std::string> Rows::text_or_nothing(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

Database::Database(const std::string& dsn, Path path) : connection_(nullptr, PQfinish) {
  // The dsn is expanded by the one parameter that comes last, so it decides where both tell
  // something.
  const char* names[] = {"fallback_application_name", "connect_timeout", "tcp_user_timeout",
                         "dbname", nullptr};
  const char* values[] = {"plait-gateway", "10", "15000", dsn.c_str(), nullptr};
  connection_.reset(PQconnectdbParams(names, values, 1));
  if (is_broken()) fail(nullptr);
  std::string settings =
      "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; "
      "SET intervalstyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex'; "
      "SET default_transaction_isolation = 'read committed'; SET default_transaction_deferrable = "
      "off";
  if (path == Path::plait) settings += "; SET search_path = pg_catalog, plait, pg_temp";
  run(settings);
}

Database::~Database() = default;

void Database::fail(const PGresult* result) {
  DatabaseError thrown;
  thrown.connection_lost = is_broken();
  if (result == nullptr) {
    thrown.error = {Code::unavailable, trimmed(PQerrorMessage(connection_.get())), "",
                    "try again later"};
    throw thrown;
  }
  thrown.sqlstate = field(result, PG_DIAG_SQLSTATE);
  thrown.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = trimmed(PQerrorMessage(connection_.get()));
  thrown.error = error_of_postgres(thrown.sqlstate, message, field(result, PG_DIAG_MESSAGE_DETAIL),
                                   field(result, PG_DIAG_MESSAGE_HINT));
  throw thrown;
}

Rows Database::run(const std::string& statements) {
  Rows rows(PQexec(connection_.get(), statements.c_str()));
  return checked(std::move(rows));
}

Rows Database::run(const std::string& statement,
                   const std::vector<std::optional<std::string>>& parameters) {
  auto values = pointers(parameters);
  Rows rows(PQexecParams(connection_.get(), statement.c_str(), static_cast<int>(values.size()),
                         nullptr, values.data(), nullptr, nullptr, 0));
  return checked(std::move(rows));
}

Rows Database::checked(Rows rows) {
  auto status = rows.status();
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(rows.get());
  return rows;
}

void Database::start(const std::string& statement,
                     const std::vector<std::optional<std::string>>& parameters) {
  auto values = pointers(parameters);
  if (PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(values.size()),
                        nullptr, values.data(), nullptr, nullptr, 0) == 0 ||
      PQsetSingleRowMode(connection_.get()) == 0) {
    fail(nullptr);
  }
}

std::optional<Rows> Database::next() {
  while (PGresult* result = PQgetResult(connection_.get())) {
    Rows rows(result);
    if (rows.status() == PGRES_SINGLE_TUPLE) return rows;
    if (rows.status() != PGRES_TUPLES_OK) {
      // The rest belongs to this statement; the connection must be clean for the next.
      while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
      fail(rows.get());
    }
  }
  return std::nullopt;
}

void Database::roll_back() noexcept {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  if (status == PQTRANS_IDLE) return;
  if (status == PQTRANS_ACTIVE) cancel();
  while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
  PQclear(PQexec(connection_.get(), "ROLLBACK"));
}

void Database::cancel() noexcept {
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(PQgetCancel(connection_.get()),
                                                             PQfreeCancel);
  char why_not[256];
  if (request) PQcancel(request.get(), why_not, sizeof why_not);
}

bool Database::take_notifications() {
  if (PQconsumeInput(connection_.get()) == 0) fail(nullptr);
  bool any = false;
  while (PGnotify* notification = PQnotifies(connection_.get())) {
    PQfreemem(notification);
    any = true;
  }
  return any;
}

std::string array_text(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

std::vector<std::string> array_items(std::string_view text) {
  std::vector<std::string> items;
  if (text.size() <= 2) return items;
  text = text.substr(1, text.size() - 2);
  for (;;) {
    std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::chrono::milliseconds Backoff::next() {
  std::int64_t half = step_ms_ / 2;
  std::int64_t wait = half + static_cast<std::int64_t>(random_()) % (half + 1);
  step_ms_ = std::min(step_ms_ * 2, last_ms);
  return std::chrono::milliseconds(wait);
}

}  // namespace plait::gateway
