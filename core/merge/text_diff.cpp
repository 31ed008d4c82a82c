// core/merge/text_diff.cpp: common ends, then the shortest path through the middle.

#include "core/merge/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/merge/code_points.h"

namespace plait {
namespace {

// Comparisons that one diff may make: a few milliseconds.
constexpr std::size_t comparisons_max = 4'000'000;

std::size_t common_beginning(std::string_view a, std::string_view b) {
  std::size_t most = std::min(a.size(), b.size());
  auto same = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first -
      a.begin());
  auto within = [&](std::string_view text) {
    return same < text.size() && continues_code_point(text[same]);
  };
  while (same > 0 && (within(a) || within(b))) --same;
  return same;
}

std::size_t common_end(std::string_view a, std::string_view b) {
  std::size_t most = std::min(a.size(), b.size());
  auto same = static_cast<std::size_t>(
      std::mismatch(a.rbegin(), a.rbegin() + static_cast<std::ptrdiff_t>(most), b.rbegin()).first -
      a.rbegin());
  while (same > 0 && continues_code_point(a[a.size() - same])) --same;
  return same;
}

std::vector<std::uint32_t> decoded(std::string_view utf8) {
  std::vector<std::uint32_t> points;
  points.reserve(utf8.size());
  // Bytes shifted together tell code points apart as well as their numbers would.
  for (char byte : utf8) {
    std::uint32_t bits = static_cast<unsigned char>(byte);
    if (continues_code_point(byte)) {
      points.back() = points.back() << 8 | bits;
    } else {
      points.push_back(bits);
    }
  }
  return points;
}

// A stretch that differs: x counts code points of the text before, y of the one after.
struct Difference {
  std::size_t x, deleted, y, inserted;
};

// Myers' greedy algorithm. On diagonal k = x - y, `furthest` is the greatest x that d differences
// reach; all rows are kept for the way back. Nothing: it would take too long.
class Middle {
 public:
  using Points = std::vector<std::uint32_t>;

  Middle(const Points& before, const Points& after) : before_(before), after_(after) {}

  std::optional<std::vector<Difference>> differences() {
    auto n = static_cast<std::int64_t>(before_.size());
    auto m = static_cast<std::int64_t>(after_.size());
    auto most = static_cast<std::int64_t>(text_differences_max);
    if (std::max(n, m) - std::min(n, m) > most) return std::nullopt;
    std::size_t comparisons = 0;
    for (std::int64_t d = 0; d <= most; ++d) {
      std::size_t row = rows_.size();
      rows_.resize(row + static_cast<std::size_t>(d) + 1);
      for (std::int64_t k = -d; k <= d; k += 2) {
        std::int64_t x = d == 0 ? 0 : start(d, k);
        std::int64_t from = x;
        while (x < n && x - k < m && before_[at(x)] == after_[at(x - k)]) ++x;
        comparisons += at(x - from) + 1;
        rows_[row + at((k + d) / 2)] = static_cast<std::int32_t>(x);
        if (x >= n && x - k >= m) return way_back(d, k);
      }
      if (comparisons > comparisons_max) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  static std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

  // Row d has the diagonals -d, -d + 2, …, d.
  std::int64_t furthest(std::int64_t d, std::int64_t k) const {
    if (k < -d || k > d) return -1;
    return rows_[at(d * (d + 1) / 2 + (k + d) / 2)];
  }
  bool inserts(std::int64_t d, std::int64_t k) const {  // is the d-th difference an insertion?
    return k == -d || (k != d && furthest(d - 1, k - 1) < furthest(d - 1, k + 1));
  }
  std::int64_t start(std::int64_t d, std::int64_t k) const {
    return inserts(d, k) ? furthest(d - 1, k + 1) : furthest(d - 1, k - 1) + 1;
  }

  std::vector<Difference> way_back(std::int64_t d, std::int64_t k) const {
    std::vector<Difference> found;  // the last one first
    for (; d > 0; --d) {
      bool insertion = inserts(d, k);
      std::int64_t x = start(d, k) - !insertion;
      std::int64_t y = insertion ? x - (k + 1) : x - (k - 1);
      if (!found.empty() && found.back().x == at(x) + !insertion &&
          found.back().y == at(y) + insertion) {
        found.back().x = at(x);
        found.back().y = at(y);
        found.back().deleted += !insertion;
        found.back().inserted += insertion;
      } else {
        found.push_back({at(x), !insertion, at(y), insertion});
      }
      k += insertion ? 1 : -1;
    }
    std::ranges::reverse(found);
    return found;
  }

  const Points& before_;
  const Points& after_;
  std::vector<std::int32_t> rows_;
};

}  // namespace

std::vector<TextEdit> text_diff(std::string_view before, std::string_view after) {
  std::size_t beginning = common_beginning(before, after);
  std::size_t position = code_points(before.substr(0, beginning));
  before.remove_prefix(beginning);
  after.remove_prefix(beginning);
  std::size_t end = common_end(before, after);
  before.remove_suffix(end);
  after.remove_suffix(end);
  if (before.empty() && after.empty()) return {};
  if (before.empty() || after.empty()) return {{position, code_points(before), after}};

  std::vector<std::uint32_t> from = decoded(before);
  std::vector<std::uint32_t> to = decoded(after);
  auto differences = Middle(from, to).differences();
  if (!differences) return {{position, from.size(), after}};
  std::vector<TextEdit> edits;
  std::size_t done = 0;  // code points of `after` that were removed from its front
  for (const Difference& difference : *differences) {
    after.remove_prefix(byte_of(after, difference.y - done));
    std::string_view inserted = after.substr(0, byte_of(after, difference.inserted));
    after.remove_prefix(inserted.size());
    done = difference.y + difference.inserted;
    edits.push_back({position + difference.y, difference.deleted, inserted});
  }
  return edits;
}

}  // namespace plait
