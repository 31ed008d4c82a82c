// core/query/pattern.cpp: LIKE, with one point to go back to: the last %.

#include "core/query/pattern.h"

#include <algorithm>
#include <utility>

namespace plait::query {

namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Of the character that begins there, in UTF-8.
std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
  return end - at;
}

}  // namespace

// Postgres' like_escape(): what the escape protects stays protected, other backslashes are doubled.
std::string with_backslashes(std::string_view pattern, std::string_view escape) {
  if (escape == "\\") return std::string(pattern);
  std::string written;
  bool escaped = false;
  for (std::size_t at = 0; at < pattern.size();) {
    std::string_view character = pattern.substr(at, character_length(pattern, at));
    at += character.size();
    if (!escape.empty() && character == escape && !escaped) {
      written += '\\';
      escaped = true;
      continue;
    }
    if (character == "\\" && !escaped) written += '\\';
    written += character;
    escaped = false;
  }
  return written;
}

std::optional<Pattern> Pattern::compile(std::string_view pattern, bool ignore_case) {
  Pattern compiled;
  compiled.ignore_case_ = ignore_case;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    Unit unit = pattern[at] == '%' ? Unit::many : pattern[at] == '_' ? Unit::one : Unit::byte;
    if (pattern[at] == '\\') {
      if (++at == pattern.size()) return std::nullopt;
    }
    compiled.steps_.push_back({unit, ignore_case ? folded(pattern[at]) : pattern[at]});
  }
  return compiled;
}

bool Pattern::matches(std::string_view text) const {
  constexpr std::size_t nowhere = std::string_view::npos;
  std::size_t at = 0, step = 0;
  std::size_t retry_at = nowhere, retry_step = 0;  // behind the last %: where to try next
  while (at < text.size()) {
    if (step < steps_.size() && steps_[step].unit == Unit::many) {
      retry_at = at;
      retry_step = ++step;
    } else if (step < steps_.size() && steps_[step].unit == Unit::one) {
      at += character_length(text, at);
      ++step;
    } else if (step < steps_.size() &&
               (ignore_case_ ? folded(text[at]) : text[at]) == steps_[step].byte) {
      ++at;
      ++step;
    } else if (retry_at != nowhere) {
      retry_at += character_length(text, retry_at);
      at = retry_at;
      step = retry_step;
    } else {
      return false;
    }
  }
  auto is_many = [](const Step& left) { return left.unit == Unit::many; };
  return std::all_of(steps_.begin() + static_cast<std::ptrdiff_t>(step), steps_.end(), is_many);
}

}  // namespace plait::query
