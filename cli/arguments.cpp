// cli/arguments.cpp: words → options and what is left of them → a command.

#include "cli/arguments.h"

#include <charconv>
#include <map>
#include <utility>

#include "client-sdk/cpp/url.h"

namespace plait::cli {

namespace {

Error usage(std::string what, std::string_view topic = {}) {
  std::string hint =
      topic.empty() ? "see plait --help" : "see plait " + std::string(topic) + " --help";
  return Error{Code::bad_value, std::move(what), {}, std::move(hint)};
}

struct Words {
  std::vector<std::string> plain;              // in their order
  std::map<std::string, std::string> options;  // --name value; flags have an empty one
};

constexpr std::string_view options_with_value[] = {"--url", "--budget"};
constexpr std::string_view flags[] = {"--json", "--once", "--help", "--version"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  for (std::string_view one : words) {
    if (one == word) return true;
  }
  return false;
}

// -5 is a key or a parameter.
bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

Result<Words> sort_out(std::span<const std::string> words) {
  Words sorted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      sorted.plain.insert(sorted.plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                          words.end());
      break;
    }
    if (!is_option(word)) {
      sorted.plain.push_back(word);
      continue;
    }
    std::size_t equals = word.find('=');
    std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    if (is_one_of(name, flags)) {
      if (equals != std::string::npos) return usage(name + " takes no value");
      sorted.options[name] = {};
    } else if (!is_one_of(name, options_with_value)) {
      return usage("there is no option " + name);
    } else if (equals != std::string::npos) {
      sorted.options[name] = word.substr(equals + 1);
    } else if (i + 1 == words.size()) {
      return usage(name + " has no value");
    } else {
      sorted.options[name] = words[++i];
    }
  }
  return sorted;
}

Result<Assignment> parse_assignment(const std::string& word) {
  std::size_t equals = word.find('=');
  if (equals == std::string::npos) return usage("\"" + word + "\" is no NAME=VALUE", "set");
  bool is_json = equals > 0 && word[equals - 1] == ':';
  std::string property = word.substr(0, is_json ? equals - 1 : equals);
  if (property.empty()) return usage("\"" + word + "\" names no property", "set");
  return Assignment{std::move(property), word.substr(equals + 1), is_json};
}

Result<Command> read_watch(const Words& words) {
  if (words.plain.size() < 2) return usage("watch what? it takes a query", "watch");
  return Command(WatchCommand{words.plain[1],
                              {words.plain.begin() + 2, words.plain.end()},
                              words.options.contains("--once")});
}

Result<Command> read_set(const Words& words) {
  if (words.plain.size() < 4) {
    return usage("set takes a collection, a key, and what to set", "set");
  }
  SetCommand set{words.plain[1], words.plain[2], {}};
  for (std::size_t i = 3; i < words.plain.size(); ++i) {
    auto assignment = parse_assignment(words.plain[i]);
    if (!assignment) return assignment.error();
    for (const Assignment& other : set.assignments) {
      if (other.property == assignment->property)
        return usage(other.property + " is set twice", "set");
    }
    set.assignments.push_back(std::move(*assignment));
  }
  return Command(std::move(set));
}

Result<Command> read_history(const Words& words) {
  if (words.plain.size() != 3) return usage("history takes a collection and a key", "history");
  HistoryCommand history{words.plain[1], words.plain[2], {}};
  if (auto budget = words.options.find("--budget"); budget != words.options.end()) {
    const std::string& text = budget->second;
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1) {
      return usage("--budget is \"" + text + "\", not a number of events from 1", "history");
    }
    history.budget = number;
  }
  return Command(std::move(history));
}

Result<Command> read_status(const Words& words) {
  if (words.plain.size() != 1) return usage("status takes nothing more", "status");
  return Command(StatusCommand{});
}

struct CommandRow {
  std::string_view name;
  Result<Command> (*read)(const Words&);
  std::string_view option;  // its own
};
constexpr CommandRow commands[] = {{"watch", read_watch, "--once"},
                                   {"set", read_set, ""},
                                   {"history", read_history, "--budget"},
                                   {"status", read_status, ""}};

Result<Command> read_command(const Words& words) {
  if (words.options.contains("--version")) return Command(VersionCommand{});
  if (words.plain.empty()) {
    return words.options.contains("--help") ? Result<Command>(HelpCommand{}) : usage("no command");
  }
  const std::string& name = words.plain[0];
  if (name == "help") return Command(HelpCommand{words.plain.size() > 1 ? words.plain[1] : ""});
  for (const CommandRow& command : commands) {
    if (command.name != name) continue;
    if (words.options.contains("--help")) return Command(HelpCommand{name});
    for (const CommandRow& other : commands) {
      bool foreign = !other.option.empty() && other.name != name;
      if (foreign && words.options.contains(std::string(other.option))) {
        return usage(std::string(other.option) + " belongs to " + std::string(other.name), name);
      }
    }
    return command.read(words);
  }
  return usage("there is no command \"" + name + '"');
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string> words,
                                  std::optional<std::string> url) {
  auto sorted = sort_out(words);
  if (!sorted) return sorted.error();
  auto command = read_command(*sorted);
  if (!command) return command.error();
  Arguments arguments;
  if (url && !url->empty()) arguments.url = std::move(*url);
  if (auto given = sorted->options.find("--url"); given != sorted->options.end())
    arguments.url = given->second;
  if (auto valid = client::parse_url(arguments.url); !valid) return valid.error();
  arguments.json = sorted->options.contains("--json");
  arguments.command = std::move(*command);
  return arguments;
}

}  // namespace plait::cli
