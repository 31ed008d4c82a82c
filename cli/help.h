// cli/help.h: the manual, a text a command.
#pragma once

#include <optional>
#include <string_view>

namespace plait::cli {

// "": all commands. Nothing: there is no such command.
std::optional<std::string_view> help_text(std::string_view topic);

}  // namespace plait::cli
