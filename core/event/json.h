// core/event/json.h: strict JSON in, canonical JSON out (RFC 8785 with exact numbers).
//
// A Json value is already canonical: members are in UTF-16 order and distinct, numbers are held as
// the token that the canonical form writes. That token is what JCS (RFC 8785 section 3.2.2.3)
// writes for the nearest double, if that text denotes the same decimal value (0.1; 1.0 -> 1; -0 ->
// 0); else one that JCS never writes: optional minus, significant digits without leading or
// trailing zeros, e, decimal exponent (9007199254740993e0, 1e400). So equal values have equal bytes
// and no value is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"

namespace plait {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  // ascending in UTF-16 code units, distinct

  Json() = default;  // null
  static Json null() { return Json(); }
  static Json boolean(bool value);
  static Json integer(std::int64_t value);
  static Json string(std::string_view utf8);  // REQUIRES: valid UTF-8
  static Json array(Array items = {});
  static Json object() { return Json(Object{}); }
  // REQUIRES: ascending in UTF-16 code units, distinct keys.
  static Json object(Object members) { return Json(std::move(members)); }
  // A canonical number token, as canonical_number() gives it.
  static Json number(std::string canonical_token);

  bool is_null() const;
  bool is_boolean() const;
  bool is_number() const;
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;

  // REQUIRES: the value is of that kind.
  bool as_boolean() const;
  const std::string& as_number() const;  // the canonical token
  const std::string& as_string() const;
  const Array& as_array() const;
  Array& as_array();
  const Object& as_object() const;

  // A member of an object, or nullptr; nullptr for a value that is no object.
  const Json* find(std::string_view key) const;
  Json* find(std::string_view key);
  // Sets or replaces a member and answers the object. REQUIRES: an object.
  Json& set(std::string_view key, Json value);
  void erase(std::string_view key);
  void push(Json value);  // REQUIRES: an array

  bool operator==(const Json&) const = default;  // equal canonical bytes

 private:
  struct Number {
    std::string token;
    bool operator==(const Number&) const = default;
  };
  template <typename T>
  explicit Json(T value) : held_(std::move(value)) {}

  std::variant<std::monostate, bool, Number, std::string, Array, Object> held_;
};

// What the database may hold: deeper than jsonb_in takes with the default stack.
inline constexpr std::size_t stored_json_depth_max = 6'000;

struct JsonLimits {
  std::size_t depth_max = 64;
};

// Strict: RFC 8259, valid UTF-8, no duplicate keys, no lone surrogates, no \u0000, nothing behind
// the value. Refuses bad_value: Error::where is "byte N" (from 0). Never recurses deeper than
// limits.depth_max.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// The canonical form. Appending, for callers that build larger texts.
std::string to_text(const Json& value);
void append_json(std::string& out, const Json& value);
void append_json_string(std::string& out, std::string_view utf8);

// The canonical token of any JSON number token (or of a decimal in Postgres' text form, "1.50").
// Linear in its length. Refuses bad_value: no number, or one whose digits would need an exponent
// beyond +-1,000,000 (a matter of the value, not of how it was written).
Result<std::string> canonical_number(std::string_view token);

// A JSON pointer (RFC 6901) one step longer: pointer_below("/set", "a/b") is "/set/a~1b".
std::string pointer_below(std::string pointer, std::string_view key);
std::string pointer_below(std::string pointer, std::size_t index);

// The order of keys: by UTF-16 code units.
bool utf16_less(std::string_view a, std::string_view b);

}  // namespace plait
