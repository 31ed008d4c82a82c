// core/event/ulid.cpp: ids as text: 26 characters of Crockford base32, the first of them 3 bits
// wide.

#include "core/event/ulid.h"

namespace plait {
namespace {

constexpr std::size_t text_length = 26;
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(no_digit);
  for (std::uint8_t i = 0; i < alphabet.size(); ++i) {
    const char upper = alphabet[i];
    digits[static_cast<std::uint8_t>(upper)] = i;
    if (upper >= 'A') digits[static_cast<std::uint8_t>(upper - 'A' + 'a')] = i;
  }
  for (char one : {'I', 'i', 'L', 'l'}) digits[static_cast<std::uint8_t>(one)] = 1;
  for (char zero : {'O', 'o'}) digits[static_cast<std::uint8_t>(zero)] = 0;
  return digits;
}
constexpr std::array<std::uint8_t, 256> digits = make_digits();

Error refusal(std::string what, std::size_t position) {
  return Error{Code::bad_value, std::move(what), "byte " + std::to_string(position),
               "an id is 26 characters of Crockford base32, as in 01JD5W2S3A0FB6H8K2M4P6R8T0"};
}

// The `count` digits from `from` on, 5 bits each. REQUIRES: all are digits; count <= 13.
std::uint64_t value_of(std::string_view text, std::size_t from, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    value = value << 5 | digits[static_cast<std::uint8_t>(text[i])];
  }
  return value;
}

}  // namespace

// 26 digits are 130 bits: the upper 13 hold bits 127 … 65 (and two zero bits above), the lower 13
// bits 64 … 0, so bit 64 crosses from the hlc into the lower half.
std::array<char, 26> characters(const Ulid& ulid) {
  std::array<char, text_length> text;
  std::uint64_t upper = ulid.hlc() >> 1;
  std::uint64_t lower = ulid.low();
  for (std::size_t i = 13; i-- > 0; upper >>= 5) text[i] = alphabet[upper & 31];
  for (std::size_t i = 26; i-- > 14; lower >>= 5) text[i] = alphabet[lower & 31];
  text[13] = alphabet[(ulid.hlc() & 1) << 4 | lower];
  return text;
}

void append_text(std::string& out, const Ulid& ulid) {
  auto text = characters(ulid);
  out.append(text.data(), text.size());
}

std::string to_text(const Ulid& ulid) {
  auto text = characters(ulid);
  return std::string(text.data(), text.size());
}

Result<Ulid> parse_ulid(std::string_view text) {
  for (std::size_t i = 0; i < text.size() && i < text_length; ++i) {
    if (digits[static_cast<std::uint8_t>(text[i])] == no_digit) {
      return refusal("an id has a character that is no base32 digit", i);
    }
  }
  if (text.size() != text_length) {
    return refusal("an id of " + std::to_string(text.size()) + " characters instead of 26",
                   text.size() < text_length ? text.size() : text_length);
  }
  if (value_of(text, 0, 1) > 7) return refusal("an id above 128 bits", 0);
  std::uint64_t upper = value_of(text, 0, 13);
  std::uint64_t middle = value_of(text, 13, 1);
  std::uint64_t lower = value_of(text, 14, 12);
  return make_ulid(upper << 1 | middle >> 4, middle << 60 | lower);
}

}  // namespace plait
