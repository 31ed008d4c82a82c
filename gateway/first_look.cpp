// gateway/first_look.cpp: four questions.

#include "gateway/first_look.h"

#include <thread>

#include "core/query/sql.h"
#include "gateway/database.h"

namespace plait::gateway {

namespace {

// What a server says that is starting, stopping or full; and what libpq says when there is none.
bool passes_by_itself(const DatabaseError& failure) {
  const std::string& what = failure.error.what;
  for (const char* permanent :
       {"authentication failed", "does not exist", "no pg_hba.conf entry",
        "invalid connection option", "missing \"=\"", "no password supplied"}) {
    if (what.find(permanent) != std::string::npos && what.find(".s.PGSQL") == std::string::npos)
      return false;
  }
  return failure.connection_lost || worth_retry(failure.error.code);
}

Status look(Database& database, const std::string& role) {
  if (database.run("SELECT 1 FROM pg_extension WHERE extname = 'plait'").count() == 0) {
    return Error{Code::not_supported, "the extension plait is not installed in this database", "",
                 "as a superuser: CREATE EXTENSION plait"};
  }
  Rows may = database.run(
      "SELECT has_table_privilege('plait.feed_lock', 'UPDATE'), current_user, current_database()");
  if (!may.boolean(0, 0)) {
    std::string login(may.text(0, 1));
    return Error{Code::permission_denied, "the login " + login + " may not follow the feed", "",
                 "as a superuser: SELECT plait.grant_feed('" + login + "')"};
  }
  if (role.empty()) return ok;
  try {
    database.run("BEGIN; SET LOCAL ROLE " + query::quoted_identifier(role) + "; ROLLBACK");
  } catch (const DatabaseError& failure) {
    if (failure.connection_lost) throw;
    return Error{
        failure.error.code, failure.error.what, "--role",
        "as a superuser: GRANT \"" + role + "\" TO \"" + std::string(may.text(0, 1)) + "\""};
  }
  return ok;
}

}  // namespace

Status first_look(const std::string& dsn, const std::string& role,
                  const std::function<void(const Error&)>& waiting) {
  Backoff backoff;
  std::string told;
  for (;;) {
    try {
      Database database(dsn, Database::Path::plait);
      return look(database, role);
    } catch (const DatabaseError& failure) {
      if (!passes_by_itself(failure)) {
        Error error = failure.error;
        error.where = "--dsn";
        error.hint = "the DSN must name a database that this machine may log in to";
        return error;
      }
      if (told != failure.error.what) waiting(failure.error);
      told = failure.error.what;
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

}  // namespace plait::gateway
