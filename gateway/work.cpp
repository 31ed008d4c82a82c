// gateway/work.cpp: commits and single reads.

#include "gateway/work.h"

#include <charconv>
#include <thread>

#include "core/query/sql.h"

namespace plait::gateway {

namespace {

constexpr int tries_max = 6;

std::string set_role(const std::string& role) {
  return role.empty() ? "" : "; SET LOCAL ROLE " + query::quoted_identifier(role);
}

void begin_read(Database& database, const std::string& role) {
  database.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" + set_role(role));
}

// N of /events/N, where an event's error says where it is.
std::optional<std::int64_t> event_index(std::string_view where) {
  constexpr std::string_view events = "/events/";
  if (!where.starts_with(events)) return std::nullopt;
  where.remove_prefix(events.size());
  std::int64_t index = 0;
  auto [end, failed] = std::from_chars(where.data(), where.data() + where.size(), index);
  if (failed != std::errc()) return std::nullopt;
  return index;
}

wire::Refused refused_by(const DatabaseError& failure) {
  wire::Refused refused;
  refused.error = failure.error;
  refused.retry = worth_retry(failure.error.code);
  refused.event = event_index(failure.error.where);
  refused.sqlstate = failure.sqlstate;
  refused.constraint = failure.constraint;
  return refused;
}

Error unknown_outcome(const DatabaseError& failure) {
  return {Code::unavailable,
          "the connection to the database broke, the outcome is not known: " + failure.error.what,
          "", "send the same events again"};
}

CoveredBy covered_by(Database& database, const std::string& answer) {
  CoveredBy by;
  auto json = parse_json(answer);
  const Json* xid = json ? json->find("xid") : nullptr;
  if (xid != nullptr && xid->is_string()) {
    const std::string& text = xid->as_string();
    std::uint64_t value = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc()) by.xid = value;
  }
  if (by.xid) return by;
  // Nothing was written: whatever these events were a part of is finished by now.
  Rows now = database.run("SELECT pg_catalog.pg_current_snapshot()");
  by.finished = Finished::parse(now.text(0, 0)).value_or(Finished());
  return by;
}

// The answer of plait.commit once its transaction is durable. `end_is_sent`: from then on a broken
// connection leaves open what became of it.
std::string commit_once(Database& database, const std::string& role, const std::string& events,
                        bool& end_is_sent) {
  database.run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" + set_role(role));
  std::string answer(database.run("SELECT plait.commit($1)", {events}).text(0, 0));
  end_is_sent = true;
  // Whatever a role's settings or a trigger said: an answer means that it will stay. Anything
  // stronger than `on` stays as it is.
  Rows end = database.run(
      "SELECT pg_catalog.set_config('synchronous_commit', 'on', true) "
      "WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local'); COMMIT");
  if (end.tag() != "COMMIT") {
    throw DatabaseError{
        {Code::database_error, "the transaction was rolled back", "", ""}, "25P02", "", false};
  }
  return answer;
}

}  // namespace

Outcome run_commit(Database& database, const std::string& role, const CommitWork& work) {
  Backoff backoff;
  for (int tries = 1;; ++tries) {
    bool end_is_sent = false;
    try {
      CommitDone done;
      done.answer = commit_once(database, role, work.events, end_is_sent);
      done.covered_by = covered_by(database, done.answer);
      return done;
    } catch (const DatabaseError& failure) {
      database.roll_back();
      if (failure.connection_lost && !end_is_sent) throw;
      if (failure.connection_lost) return unknown_outcome(failure);
      if (failure.error.code == Code::unavailable) return failure.error;
      // A create may have met its own first copy, which was under way still: it is known by now.
      const bool may_be_known = failure.error.code == Code::entity_exists && tries == 1;
      const bool may_succeed = failure.error.code == Code::serialization_failure;
      if (!may_be_known && (!may_succeed || tries == tries_max)) return refused_by(failure);
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

JsonRead read_history(Database& database, const std::string& role, const HistoryWork& work) {
  std::vector<std::optional<std::string>> parameters = {work.collection, work.key};
  std::string call = "plait.history($1, $2";
  if (work.budget) {
    parameters.push_back(std::to_string(*work.budget));
    call += ", $3::integer";
  }
  std::string where;
  if (work.only) {
    std::vector<std::string> ids;
    for (const EventId& id : *work.only) ids.push_back(to_text(id));
    parameters.push_back(array_text(ids));
    where = " WHERE h.id = ANY ($" + std::to_string(parameters.size()) + "::plait.ulid[])";
  }
  begin_read(database, role);
  Rows rows = database.run(
      "SELECT coalesce(json_agg(to_json(h.*) ORDER BY h.id), '[]') FROM " + call + ") h" + where,
      parameters);
  database.run("COMMIT");
  return {std::string(rows.text(0, 0))};
}

JsonRead read_status(Database& database, const std::string& role) {
  begin_read(database, role);
  // Who else works in the database is not for whoever may connect to a gateway.
  Rows rows = database.run(
      "SELECT json_object_agg(item, CASE item WHEN 'held_back' THEN (SELECT "
      "coalesce(jsonb_agg(one - ARRAY['user', 'application']), '[]') "
      "FROM jsonb_array_elements(value) one) ELSE value END) FROM plait.status()");
  database.run("COMMIT");
  return {std::string(rows.text(0, 0))};
}

CataloguePtr read_catalogue(Database& database, const std::string& role) {
  begin_read(database, role);
  Rows schema = database.run("SELECT plait.schema()");
  // Under our search_path, so that a type of the user's is named with its schema, as plait.schema()
  // does.
  Rows enums = database.run(
      "SELECT pg_catalog.format_type(enumtypid, -1), enumlabel FROM pg_catalog.pg_enum "
      "ORDER BY enumtypid, enumsortorder");
  database.run("COMMIT");
  Catalogue::EnumLabels labels;
  for (int row = 0; row < enums.count(); ++row) {
    labels[std::string(enums.text(row, 0))].emplace_back(enums.text(row, 1));
  }
  auto json = parse_json(schema.text(0, 0), {stored_json_depth_max});
  auto catalogue = json ? Catalogue::read(*json, labels) : Result<Catalogue>(json.error());
  if (!catalogue) throw DatabaseError{catalogue.error(), "", "", false};
  return std::make_shared<const Catalogue>(std::move(*catalogue));
}

query::NormalisedLiterals read_literals(Database& database, const std::string& role,
                                        const LiteralsWork& work) {
  query::NormalisedLiterals answers;
  begin_read(database, role);
  for (const query::Literal& literal : work.literals) {
    try {
      // The type's name is the catalogue's own, never a client's.
      Rows rows = database.run("SELECT $1::" + literal.type + "::text", {literal.text});
      answers[literal] = rows.text(0, 0);
    } catch (DatabaseError& failure) {
      const Code code = failure.error.code;
      if (code == Code::bad_value || code == Code::database_error)
        failure.error.code = Code::bad_query;
      throw;
    }
  }
  database.run("COMMIT");
  return answers;
}

}  // namespace plait::gateway
