// cli/main.cpp: plait, the command line: words in, an exit code out.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/history.h"
#include "cli/set.h"
#include "cli/status.h"
#include "cli/text.h"
#include "cli/version.h"
#include "cli/watch.h"

namespace plait::cli {

namespace {

ExitCode usage_error(const Error& error) {
  std::fprintf(stderr, "plait: %s\n  %s\n", error.what.c_str(), error.hint.c_str());
  return ExitCode::usage;
}

ExitCode print_help(const std::string& topic) {
  auto text = help_text(topic);
  if (!text)
    return usage_error(
        {Code::bad_value, "there is no command \"" + topic + '"', {}, "see plait --help"});
  std::fwrite(text->data(), 1, text->size(), stdout);
  return ExitCode::ok;
}

struct Run {
  const Arguments& arguments;

  ExitCode operator()(const WatchCommand& watch) const { return run_watch(arguments, watch); }
  ExitCode operator()(const SetCommand& set) const { return run_set(arguments, set); }
  ExitCode operator()(const HistoryCommand& history) const {
    return run_history(arguments, history);
  }
  ExitCode operator()(const StatusCommand&) const { return run_status(arguments); }
  ExitCode operator()(const HelpCommand& help) const { return print_help(help.topic); }
  ExitCode operator()(const VersionCommand&) const {
    std::printf("plait %s\n", std::string(version_text).c_str());
    return ExitCode::ok;
  }
};

ExitCode run(const std::vector<std::string>& words) {
  const char* url = std::getenv("PLAIT_URL");
  auto arguments = parse_arguments(words, url ? std::optional<std::string>(url) : std::nullopt);
  if (!arguments) return usage_error(arguments.error());
  return std::visit(Run{*arguments}, arguments->command);
}

}  // namespace

}  // namespace plait::cli

int main(int count, char** words) {
  return static_cast<int>(plait::cli::run({words + 1, words + count}));
}
