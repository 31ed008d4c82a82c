// cli/asking.cpp: one question at a time.

#include "cli/asking.h"

#include <chrono>
#include <utility>
#include <variant>

#include "cli/version.h"

namespace plait::cli {

namespace {

using namespace client;
using Clock = std::chrono::steady_clock;

// What is left of the time for an answer.
std::chrono::milliseconds until(Clock::time_point end) {
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::max(end - Clock::now(), Clock::duration::zero()));
}

Clock::time_point deadline() { return Clock::now() + std::chrono::seconds(answer_seconds_max); }

// An answer that is a no.
const Error* refusal(wire::Reply& reply) {
  if (auto* failure = std::get_if<wire::Failure>(&reply)) return &failure->error;
  auto* refused = std::get_if<wire::Refused>(&reply);
  if (refused == nullptr) return nullptr;
  bool named = refused->error.what.find(refused->constraint) != std::string::npos;
  if (!named) refused->error.what += " (constraint " + refused->constraint + ")";
  return &refused->error;
}

}  // namespace

Error no_connection(const std::string& url, const std::string& why) {
  const bool tls = url.starts_with("wss://");
  return Error{Code::unavailable,
               "no connection to " + url + ": " + why,
               {},
               tls ? "its certificate must be for this host and of an authority that this machine "
                     "trusts; SSL_CERT_FILE=authority.pem names another"
                   : "is the gateway running there? name another with --url or PLAIT_URL"};
}

Result<std::unique_ptr<Connection>> connect_to(const std::string& url) {
  auto parsed = parse_url(url);
  if (!parsed) return parsed.error();
  return Connection::open(*parsed, "plait " + std::string(version_text));
}

Result<Asking> Asking::connect(const std::string& url) {
  auto connection = connect_to(url);
  if (!connection) return connection.error();
  Clock::time_point end = deadline();
  while (auto news = (*connection)->next(until(end))) {
    if (auto* lost = std::get_if<Lost>(&*news)) return no_connection(url, lost->why);
    if (auto* failed = std::get_if<Failed>(&*news)) return std::move(failed->error);
    if (auto* welcomed = std::get_if<Welcomed>(&*news)) {
      return Asking(std::move(*connection), url, std::move(welcomed->welcome));
    }
  }
  return no_connection(url, "no answer within " + std::to_string(answer_seconds_max) + " s");
}

Result<wire::Reply> Asking::ask(wire::Request request) {
  connection_->request(std::move(request));
  Clock::time_point end = deadline();
  while (auto news = connection_->next(until(end))) {
    if (auto* failed = std::get_if<Failed>(&*news)) return std::move(failed->error);
    if (auto* changed = std::get_if<SchemaChanged>(&*news)) welcome_.schema = changed->schema;
    if (auto* welcomed = std::get_if<Welcomed>(&*news)) welcome_ = std::move(welcomed->welcome);
    auto* answered = std::get_if<Answered>(&*news);
    if (answered == nullptr) continue;
    if (const Error* error = refusal(answered->reply)) return *error;
    return std::move(answered->reply);
  }
  return no_connection(url_, "no answer within " + std::to_string(answer_seconds_max) + " s");
}

Result<Collection> Asking::collection(const std::string& name) {
  auto told = find_collection(welcome_.schema, name);
  if (told) return told;
  // A fetch of no entity: what it needs is the schema, and a new one comes before its answer.
  auto reply = ask(wire::Fetch{next_id(), wire::FetchEntities{name, {}}});
  if (!reply && reply.error().code == Code::unavailable) return reply.error();
  return find_collection(welcome_.schema, name);
}

ExitCode exit_code(const Error& error) {
  return error.code == Code::unavailable ? ExitCode::no_gateway : ExitCode::refused;
}

}  // namespace plait::cli
