// core/merge/rope.cpp: chunks, and the place of the last edit.

#include "core/merge/rope.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/merge/code_points.h"

namespace plait {

Rope::Rope(std::string_view utf8) {
  while (!utf8.empty()) {
    std::size_t part = cut_at(utf8, chunk_bytes_new);
    add_chunk(chunks_.size(), utf8.substr(0, part));
    utf8.remove_prefix(part);
  }
}

void Rope::add_chunk(std::size_t at, std::string_view utf8) {
  assert(utf8.size() <= chunk_bytes_max);
  auto chunk = std::make_unique_for_overwrite<Chunk>();
  chunk->bytes = static_cast<std::uint32_t>(utf8.size());
  std::ranges::copy(utf8, chunk->data);
  std::size_t points = code_points(utf8);
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(chunk));
  counts_.insert(counts_.begin() + static_cast<std::ptrdiff_t>(at),
                 static_cast<std::uint32_t>(points));
  points_ += points;
  bytes_ += utf8.size();
}

// The chunk that holds the position; of two that meet there the first, so that typing at a chunk's
// end goes on in it. REQUIRES: there is a chunk.
Rope::Place Rope::find(std::size_t position) const {
  Place place = place_;
  if (position < place.before / 2) place = {};
  while (position < place.before || (position == place.before && place.chunk > 0)) {
    place.before -= counts_[--place.chunk];
  }
  while (position > place.before + counts_[place.chunk]) place.before += counts_[place.chunk++];
  return place;
}

std::size_t Rope::byte_in(std::size_t chunk, std::size_t position) const {
  const Chunk& held = *chunks_[chunk];
  return held.bytes == counts_[chunk] ? position : byte_of(held.view(), position);
}

void Rope::insert(std::size_t position, std::string_view utf8) {
  assert(position <= points_);
  if (utf8.empty()) return;
  if (chunks_.empty()) add_chunk(0, {});
  place_ = find(position);
  std::size_t byte = byte_in(place_.chunk, position - place_.before);
  Chunk* chunk = chunks_[place_.chunk].get();
  if (chunk->bytes + utf8.size() > chunk_bytes_max) return insert_long(byte, utf8);
  std::memmove(chunk->data + byte + utf8.size(), chunk->data + byte, chunk->bytes - byte);
  std::memcpy(chunk->data + byte, utf8.data(), utf8.size());
  std::size_t points = code_points(utf8);
  chunk->bytes += static_cast<std::uint32_t>(utf8.size());
  counts_[place_.chunk] += static_cast<std::uint32_t>(points);
  points_ += points;
  bytes_ += utf8.size();
}

// What does not fit into the chunk: goes between its two halves, in chunks of its own where it is
// long.
void Rope::insert_long(std::size_t byte, std::string_view utf8) {
  split(byte);
  Chunk* before = chunks_[place_.chunk].get();
  std::size_t part = cut_at(utf8, chunk_bytes_max - before->bytes);
  std::string_view first = utf8.substr(0, part);
  std::ranges::copy(first, before->data + before->bytes);
  before->bytes += static_cast<std::uint32_t>(first.size());
  std::size_t points = code_points(first);
  counts_[place_.chunk] += static_cast<std::uint32_t>(points);
  points_ += points;
  bytes_ += first.size();
  utf8.remove_prefix(part);
  if (utf8.empty()) return;

  // All new chunks in one go: one by one a long paste would move the list for each.
  Rope rest(utf8);
  auto at = static_cast<std::ptrdiff_t>(place_.chunk) + 1;
  chunks_.insert(chunks_.begin() + at, std::move_iterator(rest.chunks_.begin()),
                 std::move_iterator(rest.chunks_.end()));
  counts_.insert(counts_.begin() + at, rest.counts_.begin(), rest.counts_.end());
  points_ += rest.points_;
  bytes_ += rest.bytes_;
}

// Cuts the chunk at hand in two. At its end there is nothing to cut.
void Rope::split(std::size_t byte) {
  Chunk* chunk = chunks_[place_.chunk].get();
  if (byte == chunk->bytes) return;
  std::string_view tail = chunk->view().substr(byte);
  std::size_t points = points_;
  add_chunk(place_.chunk + 1, tail);
  chunk->bytes = static_cast<std::uint32_t>(byte);
  counts_[place_.chunk] -= static_cast<std::uint32_t>(points_ - points);
  points_ = points;
  bytes_ -= tail.size();
}

void Rope::erase(std::size_t position, std::size_t count) {
  assert(position <= points_ && count <= points_ - position);
  if (count == 0) return;
  place_ = find(position);
  points_ -= count;
  std::size_t emptied = 0;  // chunks behind the first, taken out in one go
  std::size_t at = place_.chunk;
  for (std::size_t from = position - place_.before; count > 0; from = 0, ++at) {
    std::size_t here = std::min<std::size_t>(count, counts_[at] - from);
    Chunk& chunk = *chunks_[at];
    count -= here;
    if (here == 0) continue;
    if (here == counts_[at]) {
      bytes_ -= chunk.bytes;
      chunk.bytes = 0;
      emptied += at != place_.chunk;
    } else {
      std::size_t begin = byte_in(at, from);
      std::size_t end = byte_in(at, from + here);
      std::memmove(chunk.data + begin, chunk.data + end, chunk.bytes - end);
      chunk.bytes -= static_cast<std::uint32_t>(end - begin);
      bytes_ -= end - begin;
    }
    counts_[at] -= static_cast<std::uint32_t>(here);
  }
  if (emptied > 0) {
    auto first = static_cast<std::ptrdiff_t>(place_.chunk) + 1;
    auto last = first + static_cast<std::ptrdiff_t>(emptied);
    chunks_.erase(chunks_.begin() + first, chunks_.begin() + last);
    counts_.erase(counts_.begin() + first, counts_.begin() + last);
  }
  join(place_.chunk);
}

// Small neighbours become one chunk, so that deleting leaves no trail of crumbs.
void Rope::join(std::size_t chunk) {
  constexpr std::size_t small = chunk_bytes_max / 4;
  if (chunks_[chunk]->bytes > small) return;
  if (chunk + 1 == chunks_.size()) {
    if (chunk == 0) return;
    --chunk;
  }
  Chunk& into = *chunks_[chunk];
  const Chunk& from = *chunks_[chunk + 1];
  if (into.bytes + from.bytes > chunk_bytes_max / 2) return;
  std::memcpy(into.data + into.bytes, from.data, from.bytes);
  into.bytes += from.bytes;
  counts_[chunk] += counts_[chunk + 1];
  if (place_.chunk > chunk) {
    place_.chunk = chunk;
    place_.before -= counts_[chunk] - counts_[chunk + 1];
  }
  chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk) + 1);
  counts_.erase(counts_.begin() + static_cast<std::ptrdiff_t>(chunk) + 1);
}

void Rope::apply(const TextEdit& edit) {
  erase(edit.position, edit.deleted);
  insert(edit.position, edit.inserted);
}

void Rope::apply(std::span<const TextEdit> edits) {
  for (const TextEdit& edit : edits) apply(edit);
}

std::string Rope::slice(std::size_t position, std::size_t count) const {
  assert(position <= points_ && count <= points_ - position);
  std::string text;
  if (count == 0) return text;
  Place place = find(position);
  std::size_t from = position - place.before;
  for (std::size_t at = place.chunk; count > 0; from = 0, ++at) {
    std::size_t here = std::min<std::size_t>(count, counts_[at] - from);
    std::size_t begin = byte_in(at, from);
    text += chunks_[at]->view().substr(begin, byte_in(at, from + here) - begin);
    count -= here;
  }
  return text;
}

std::string Rope::to_string() const {
  std::string text;
  text.reserve(bytes_);
  for (const auto& chunk : chunks_) text += chunk->view();
  return text;
}

std::size_t Rope::memory() const {
  return chunks_.size() * sizeof(Chunk) + counts_.capacity() * sizeof(counts_[0]) +
         chunks_.capacity() * sizeof(chunks_[0]);
}

}  // namespace plait
