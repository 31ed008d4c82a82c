// core/merge/run_index.h: which run holds a character: a map from the first number of each run.
//
// Sorted blocks behind a sorted directory. New runs come mostly at the end; a split puts one
// anywhere and moves one block only.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plait {

class RunIndex {
 public:
  void clear() {
    for (Block& block : blocks_) block.clear();
    spare_.insert(spare_.end(), std::move_iterator(blocks_.begin()),
                  std::move_iterator(blocks_.end()));
    if (spare_.size() > spare_max) spare_.resize(spare_max);
    blocks_.clear();
    firsts_.clear();
  }

  void add(std::uint32_t first, std::uint32_t run) {
    if (blocks_.empty() || first > blocks_.back().back().first) {
      if (blocks_.empty() || blocks_.back().size() == block_max) {
        new_block(blocks_.size(), first);
      }
      blocks_.back().push_back({first, run});
      return;
    }
    std::size_t at = block_of(first);
    Block& block = blocks_[at];
    block.insert(std::ranges::upper_bound(block, first, {}, &Entry::first), {first, run});
    firsts_[at] = block.front().first;
    if (block.size() > block_max) halve(at);
  }

  // The run that begins last at or before the character. REQUIRES: there is one.
  std::uint32_t find(std::uint32_t character) const {
    const Block& block = blocks_[block_of(character)];
    auto after = std::ranges::upper_bound(block, character, {}, &Entry::first);
    assert(after != block.begin());
    return std::prev(after)->run;
  }

  std::size_t memory() const {
    return (blocks_.size() + spare_.size()) * (block_max + 1) * sizeof(Entry) +
           firsts_.capacity() * sizeof(firsts_[0]);
  }

 private:
  static constexpr std::size_t block_max = 128;
  static constexpr std::size_t spare_max = 64;
  struct Entry {
    std::uint32_t first;
    std::uint32_t run;
  };
  using Block = std::vector<Entry>;

  std::size_t block_of(std::uint32_t character) const {
    auto after = std::ranges::upper_bound(firsts_, character);
    return after == firsts_.begin() ? 0 : static_cast<std::size_t>(after - firsts_.begin()) - 1;
  }

  void new_block(std::size_t at, std::uint32_t first) {
    Block block;
    if (!spare_.empty()) {
      block = std::move(spare_.back());
      spare_.pop_back();
    } else {
      block.reserve(block_max + 1);
    }
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(block));
    firsts_.insert(firsts_.begin() + static_cast<std::ptrdiff_t>(at), first);
  }

  void halve(std::size_t at) {
    std::size_t half = blocks_[at].size() / 2;
    new_block(at + 1, blocks_[at][half].first);
    Block& full = blocks_[at];
    auto middle = full.begin() + static_cast<std::ptrdiff_t>(half);
    blocks_[at + 1].assign(middle, full.end());
    full.erase(middle, full.end());
  }

  std::vector<std::uint32_t> firsts_;  // of each block
  std::vector<Block> blocks_;
  std::vector<Block> spare_;
};

}  // namespace plait
