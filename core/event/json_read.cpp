// core/event/json_read.cpp: the strict reader: RFC 8259 and what design asks beyond it.

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/event/json.h"

namespace plait {
namespace {

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// The length of the well-formed UTF-8 character of two to four bytes at `text`'s beginning, or 0:
// table 3-7 of the Unicode standard, which leaves out overlong forms, surrogates and what is above
// U+10FFFF.
std::size_t multibyte_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned char second_min = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char second_max = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < second_min || byte(1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(byte(i))) return 0;
  }
  return length;
}

void append_utf8(std::string& out, std::uint32_t point) {
  auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += tail(point);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += tail(point >> 6);
    out += tail(point);
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += tail(point >> 12);
    out += tail(point >> 6);
    out += tail(point);
  }
}

constexpr bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// Each function reads one thing at `at_`, steps over it and answers true, or notes the error and
// answers false.
class Reader {
 public:
  Reader(std::string_view text, JsonLimits limits) : text_(text), limits_(limits) {}

  Result<Json> read() {
    Json json;
    if (!value(json)) return std::move(error_);
    if (at_ < text_.size()) {
      refuse("something stands behind the JSON value");
      return std::move(error_);
    }
    return json;
  }

 private:
  bool refuse(std::string what, std::string hint = "") { return refuse_at(at_, what, hint); }
  bool refuse_at(std::size_t position, std::string what, std::string hint = "") {
    error_ = Error{Code::bad_value, std::move(what), "byte " + std::to_string(position),
                   std::move(hint)};
    return false;
  }

  // The next byte, 0 at the end. (A true 0 is allowed nowhere, so it cannot be mistaken.)
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (next() == ' ' || next() == '\n' || next() == '\r' || next() == '\t') ++at_;
  }

  bool take(char expected) {
    if (next() != expected) return false;
    ++at_;
    return true;
  }

  // A value with the space around it.
  bool value(Json& out) {
    skip_space();
    if (!bare_value(out)) return false;
    skip_space();
    return true;
  }

  bool bare_value(Json& out) {
    switch (next()) {
      case '{':
        return nested(out, &Reader::object);
      case '[':
        return nested(out, &Reader::array);
      case '"': {
        std::string text;
        if (!string(text)) return false;
        out = Json::string(text);
        return true;
      }
      case 't':
        return word("true", Json::boolean(true), out);
      case 'f':
        return word("false", Json::boolean(false), out);
      case 'n':
        return word("null", Json::null(), out);
      default:
        return number(out);
    }
  }

  bool word(std::string_view spelling, Json meaning, Json& out) {
    if (text_.substr(at_, spelling.size()) != spelling) return refuse("not a JSON value");
    at_ += spelling.size();
    out = std::move(meaning);
    return true;
  }

  bool number(Json& out) {
    constexpr std::string_view number_characters = "+-.0123456789Ee";
    const std::size_t end = std::min(text_.find_first_not_of(number_characters, at_), text_.size());
    if (end == at_) {
      return refuse(at_ == text_.size() ? "the JSON ends too early" : "not a JSON value");
    }
    auto token = canonical_number(text_.substr(at_, end - at_));
    if (!token) return refuse(token.error().what, token.error().hint);
    out = Json::number(std::move(*token));
    at_ = end;
    return true;
  }

  bool nested(Json& out, bool (Reader::*read)(Json&)) {
    if (depth_ == limits_.depth_max) {
      return refuse("JSON nested deeper than " + std::to_string(limits_.depth_max) + " levels");
    }
    ++depth_;
    const bool good = (this->*read)(out);
    --depth_;
    return good;
  }

  // Over the opening bracket.
  void step_in() {
    ++at_;
    skip_space();
  }

  bool array(Json& out) {
    Json::Array items;
    step_in();
    if (!take(']')) {
      do {
        if (!value(items.emplace_back())) return false;
      } while (take(','));
      if (!take(']')) return refuse("an array goes on with a comma or ends with ]");
    }
    out = Json::array(std::move(items));
    return true;
  }

  bool object(Json& out) {
    const std::size_t begin = at_;
    Json::Object members;
    members.reserve(4);
    bool ascending = true;
    step_in();
    if (!take('}')) {
      do {
        skip_space();
        auto& [key, json] = members.emplace_back();
        if (next() != '"') return refuse("a member begins with its key, a string");
        if (!string(key)) return false;
        ascending = ascending && (members.size() == 1 || utf16_less(members.end()[-2].first, key));
        skip_space();
        if (!take(':')) return refuse("a colon is missing behind a key");
        if (!value(json)) return false;
      } while (take(','));
      if (!take('}')) return refuse("an object goes on with a comma or ends with }");
    }
    if (!ascending && !sort_members(members, begin)) return false;
    out = Json::object(std::move(members));
    return true;
  }

  bool sort_members(Json::Object& members, std::size_t begin) {
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
    auto twice =
        std::adjacent_find(members.begin(), members.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice == members.end()) return true;
    std::string key;
    append_json_string(key, twice->first);
    return refuse_at(begin, "the key " + key + " stands twice in one object", "name each key once");
  }

  bool string(std::string& out) {
    ++at_;
    while (true) {
      const std::size_t run = at_;
      if (!skip_plain()) return false;
      out.append(text_, run, at_ - run);
      if (take('"')) return true;
      if (!escape(out)) return false;
    }
  }

  // Steps over characters that stand for themselves, up to a quote or a backslash.
  bool skip_plain() {
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"' || byte == '\\') return true;
      if (byte < 0x20) {
        return refuse("a control character in a string", "write it as \\n, \\t or \\u00…");
      }
      if (byte < 0x80) {
        ++at_;
        continue;
      }
      const std::size_t length = multibyte_length(text_.substr(at_));
      if (length == 0) return refuse("not valid UTF-8");
      at_ += length;
    }
    return refuse("the JSON ends in a string");
  }

  bool escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t begin = at_++;
    const char letter = next();
    if (letter == 'u') {
      ++at_;
      return unicode_escape(out, begin);
    }
    const std::size_t which = letters.find(letter);
    if (which == std::string_view::npos) return refuse_at(begin, "an unknown escape in a string");
    out += meanings[which];
    ++at_;
    return true;
  }

  // Behind \u.
  bool unicode_escape(std::string& out, std::size_t begin) {
    std::uint32_t point = 0;
    if (!four_hex(point)) return refuse_at(begin, "\\u wants four hexadecimal digits");
    if (point == 0) return refuse_at(begin, "\\u0000, which no text in Postgres can hold");
    if (is_high_surrogate(point)) {
      std::uint32_t low = 0;
      if (!take('\\') || !take('u') || !four_hex(low) || !is_low_surrogate(low)) {
        return refuse_at(begin, "a surrogate without its other half");
      }
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    } else if (is_low_surrogate(point)) {
      return refuse_at(begin, "a surrogate without its other half");
    }
    append_utf8(out, point);
    return true;
  }

  bool four_hex(std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = next();
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        unit = unit << 4 | static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        unit = unit << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Error error_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  return Reader(text, limits).read();
}

}  // namespace plait
