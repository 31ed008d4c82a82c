// cli/history.cpp: the events of a row, a line each.

#include "cli/history.h"

#include <cstdio>
#include <utility>
#include <variant>

#include "cli/asking.h"
#include "cli/collection.h"
#include "cli/text.h"

namespace plait::cli {

namespace {

std::string member_text(const Json* object, std::string_view name) {
  const Json* member = object != nullptr ? object->find(name) : nullptr;
  return member != nullptr && member->is_string() ? member->as_string() : std::string();
}

// 2026-11-21T04:16:51.2017+00:00 → 2026-11-21 04:16:51.201Z; other texts as they are.
std::string time_text(std::string time) {
  constexpr std::size_t seconds_end = 19, fraction_digits = 3;
  constexpr std::string_view utc = "+00:00";
  if (time.size() < seconds_end + utc.size() || time[10] != 'T' || !time.ends_with(utc))
    return time;
  time[10] = ' ';
  time.resize(time.size() - utc.size());
  if (time.size() == seconds_end) time += '.';
  time.resize(seconds_end + 1 + fraction_digits, '0');
  return time + 'Z';
}

// Who is told apart by name; a claimed subject says more than the role it came as.
std::string author_of(const Json& event) {
  const Json* actor = event.find("actor");
  std::string subject = member_text(actor, "subject");
  return subject.empty() ? member_text(actor, "current_user") : subject;
}

Status print_history(const Arguments& arguments, const HistoryCommand& history) {
  auto asking = Asking::connect(arguments.url);
  if (!asking) return asking.error();
  auto collection = asking->collection(history.collection);
  if (!collection) return collection.error();
  auto reply = asking->ask(
      wire::History{asking->next_id(), history.collection, history.key, history.budget});
  if (!reply) return reply.error();
  auto* events = std::get_if<wire::HistoryEvents>(&*reply);
  if (events == nullptr || events->events.as_array().empty()) {
    return Error{Code::not_found,
                 history.collection + " " + history.key + " has no history",
                 {},
                 "no row ever had this key, or you may not see it"};
  }
  for (const Json& event : events->events.as_array()) {
    std::string line = arguments.json ? to_text(event) : history_line(event, collection->names());
    std::printf("%s\n", line.c_str());
  }
  return ok;
}

}  // namespace

std::string history_line(const Json& event, const std::vector<std::string>& properties) {
  std::string line = time_text(member_text(&event, "happened")) + "  " + member_text(&event, "id");
  if (const Json* operations = event.find("operations"))
    line += "  " + operations_text(*operations, properties);
  std::string author = author_of(event);
  if (!author.empty()) line += "  by " + value_text(Json::string(author));
  return line;
}

ExitCode run_history(const Arguments& arguments, const HistoryCommand& history) {
  Status done = print_history(arguments, history);
  if (done) return ExitCode::ok;
  std::fputs(error_text(done.error()).c_str(), stderr);
  return exit_code(done.error());
}

}  // namespace plait::cli
