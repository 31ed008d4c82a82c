// core/event/ulid.h: the id of an event: a hybrid logical clock and a content hash in 128 bits.
//
//   bytes 0-5  unix milliseconds | bytes 6-7  fraction and counter | bytes 8-15  SHA-256 of the
//   event
//
// Big-endian, so ids compare as bytes, in SQL's btree and as text alike. Along every edge of the
// DAG ids grow (invariant 3): of two related events the greater one is the later one. Format: ULID
// spec (26 characters of upper-case Crockford base32).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plait {

struct Ulid {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const Ulid&, const Ulid&) = default;

  // The first 64 bits: unix time in units of 1/65536 ms.
  constexpr std::uint64_t hlc() const { return word(0); }
  // The last 64 bits.
  constexpr std::uint64_t low() const { return word(8); }

 private:
  constexpr std::uint64_t word(std::size_t from) const {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + 8; ++i) value = value << 8 | bytes[i];
    return value;
  }
};
static_assert(sizeof(Ulid) == 16, "stored as 16 bytes by SQL, SQLite and the wire");

constexpr Ulid make_ulid(std::uint64_t hlc, std::uint64_t low) {
  Ulid ulid;
  for (int i = 0; i < 8; ++i) {
    ulid.bytes[i] = static_cast<std::uint8_t>(hlc >> (56 - 8 * i));
    ulid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return ulid;
}

// The same 128 bits with a meaning: mixing up an event's and an entity's id does not compile.
template <typename Meaning>
struct Id : Ulid {
  constexpr Id() = default;
  constexpr explicit Id(const Ulid& ulid) : Ulid(ulid) {}
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};
using EventId = Id<struct EventMeaning>;
using EntityId = Id<struct EntityMeaning>;
using NodeId = Id<struct NodeMeaning>;

// 26 characters, no zero after them.
std::array<char, 26> characters(const Ulid& ulid);
std::string to_text(const Ulid& ulid);
void append_text(std::string& out, const Ulid& ulid);

// Reads 26 characters of Crockford base32; lower case is taken as upper case, I and L as 1, O as 0.
// Refuses: bad_value with the position in Error::where.
Result<Ulid> parse_ulid(std::string_view text);

}  // namespace plait

template <>
struct std::hash<plait::Ulid> {
  std::size_t operator()(const plait::Ulid& ulid) const noexcept {
    return static_cast<std::size_t>(ulid.low() * 0x9e3779b97f4a7c15ULL ^ ulid.hlc());
  }
};
template <typename Meaning>
struct std::hash<plait::Id<Meaning>> : std::hash<plait::Ulid> {};
