// gateway/position.cpp: reads and compares snapshots.

#include "gateway/position.h"

#include <algorithm>
#include <charconv>

namespace plait::gateway {

namespace {

// Takes the number at the start of `text` and what ends it.
std::optional<std::uint64_t> take_number(std::string_view& text, char end) {
  std::uint64_t value = 0;
  auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (!text.empty()) {
    if (text.front() != end) return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

}  // namespace

std::optional<Finished> Finished::parse(std::string_view text) {
  Finished read;
  auto begin = take_number(text, ':');
  auto end = take_number(text, ':');
  if (!begin || !end || *begin > *end) return std::nullopt;
  read.end_ = *end;
  while (!text.empty()) {
    auto xid = take_number(text, ',');
    if (!xid) return std::nullopt;
    read.running_.push_back(*xid);
  }
  std::ranges::sort(read.running_);
  return read;
}

bool Finished::has(std::uint64_t xid) const {
  return xid < end_ && !std::ranges::binary_search(running_, xid);
}

bool Finished::has_all_of(const Finished& other) const {
  if (end_ < other.end_) return false;
  return std::ranges::all_of(running_, [&](std::uint64_t xid) { return !other.has(xid); });
}

}  // namespace plait::gateway
