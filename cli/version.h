// cli/version.h: which plait this is.
#pragma once

#include <string_view>

namespace plait::cli {

inline constexpr std::string_view version_text = "0.2.0";

}  // namespace plait::cli
