// cli/watch.cpp: one live query, printed as it changes, for as long as somebody reads.

#include "cli/watch.h"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "cli/asking.h"
#include "cli/change_lines.h"
#include "cli/collection.h"
#include "cli/text.h"
#include "client-sdk/cpp/connection.h"
#include "core/query/parser.h"

namespace plait::cli {

namespace {

// Handles news until one of them is the last: then `done` says how it went.
class Watcher {
 public:
  Watcher(const Arguments& arguments, const WatchCommand& watch)
      : arguments_(arguments), watch_(watch) {
    if (auto query = query::parse(watch.query)) collection_.name = query->collection;
  }

  std::optional<ExitCode> done;

  void operator()(client::Welcomed& welcomed) {
    read_schema(welcomed.welcome.schema);
    if (welcomed.again) say("plait: connected again");
  }
  void operator()(client::Lost& lost) {
    if (!lost.ever_welcomed) return fail(no_connection(arguments_.url, lost.why));
    char seconds[16];
    std::snprintf(seconds, sizeof seconds, "%.1f", static_cast<double>(lost.retry_ms) / 1'000);
    say("plait: no connection (" + lost.why + "); trying again in " + seconds + " s");
  }
  void operator()(client::Applied& applied) {
    for (const client::QueryChanges& changes : applied.queries) {
      std::string text = arguments_.json
                             ? change_json(applied.cursor, changes)
                             : change_lines(watch_.query, applied.cursor, changes, collection_);
      std::fwrite(text.data(), 1, text.size(), stdout);
      // Nobody reads any more: | head
      if (std::fflush(stdout) != 0) done = ExitCode::ok;
      if (watch_.once) done = ExitCode::ok;
    }
  }
  void operator()(client::SchemaChanged& changed) { read_schema(changed.schema); }
  void operator()(client::Answered&) {}
  void operator()(client::Ended& ended) { fail(ended.error); }
  void operator()(client::Failed& failed) { fail(failed.error); }

 private:
  void read_schema(const Json& schema) {
    for (const Collection& collection : read_collections(schema)) {
      if (collection.name == collection_.name) collection_ = collection;
    }
  }
  void fail(const Error& error) {
    say(error_text(error) + marked_query(watch_.query, error), "");
    done = exit_code(error);
  }
  static void say(const std::string& text, const char* end = "\n") {
    std::fprintf(stderr, "%s%s", text.c_str(), end);
  }

  const Arguments& arguments_;
  const WatchCommand& watch_;
  Collection collection_;
};

}  // namespace

ExitCode run_watch(const Arguments& arguments, const WatchCommand& watch) {
  auto connection = connect_to(arguments.url);
  if (!connection) {
    std::fputs(error_text(connection.error()).c_str(), stderr);
    return exit_code(connection.error());
  }
  Json parameters = Json::array();
  for (const std::string& parameter : watch.parameters) parameters.push(Json::string(parameter));
  (*connection)->subscribe((*connection)->next_id(), watch.query, std::move(parameters));
  Watcher watcher(arguments, watch);
  while (!watcher.done) {
    if (auto news = (*connection)->next(client::forever)) std::visit(watcher, *news);
  }
  return *watcher.done;
}

}  // namespace plait::cli
