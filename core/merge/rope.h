// core/merge/rope.h: a text that is edited in many places: UTF-8, addressed by code points.
//
// A list of chunks of at most a KiB or so, each with its count of code points; a chunk whose bytes
// are as many as its code points is ASCII and is addressed without a look at it. The place of the
// last edit is remembered, so an edit near it moves bytes of one chunk only. One far away sums the
// counts of the chunks in between, which lie side by side: a microsecond or less in 1 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/merge/text_event.h"

namespace plait {

class Rope {
 public:
  Rope() = default;
  explicit Rope(std::string_view utf8);  // REQUIRES: valid UTF-8, here and below

  std::size_t size() const { return points_; }  // code points
  std::size_t bytes() const { return bytes_; }

  // REQUIRES: the range is within the text.
  void insert(std::size_t position, std::string_view utf8);
  void erase(std::size_t position, std::size_t count);
  void apply(const TextEdit& edit);
  void apply(std::span<const TextEdit> edits);  // one after the other

  std::string slice(std::size_t position, std::size_t count) const;
  std::string to_string() const;

  std::size_t memory() const;  // bytes held, the text's own included

 private:
  static constexpr std::size_t chunk_bytes_max = 1'024;
  static constexpr std::size_t chunk_bytes_new = 768;  // of a text that comes in one piece

  struct Chunk {
    std::uint32_t bytes = 0;
    char data[chunk_bytes_max];
    std::string_view view() const { return {data, bytes}; }
  };
  struct Place {
    std::size_t chunk = 0;
    std::size_t before = 0;  // code points before the chunk
  };

  Place find(std::size_t position) const;
  std::size_t byte_in(std::size_t chunk, std::size_t position) const;
  void insert_long(std::size_t byte, std::string_view utf8);
  void split(std::size_t byte);
  void join(std::size_t chunk);
  void add_chunk(std::size_t at, std::string_view utf8);

  std::vector<std::uint32_t> counts_;  // code points of each chunk
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t points_ = 0;
  std::size_t bytes_ = 0;
  Place place_;  // of the last edit
};

}  // namespace plait
