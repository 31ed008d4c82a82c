// core/query/lexer.h: text → tokens, by Postgres' lexical rules.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plait::query {

struct Token {
  enum class Kind : unsigned char {
    end,
    word,       // unquoted: folded to lower case, a name or a keyword
    name,       // quoted
    number,     // digits, point, exponent
    string,     // quotes resolved
    parameter,  // its digits
    symbol,     // ( ) , . ; [ ] : :: and operators
    bad         // Lexer::error() tells why; nothing comes after it
  };
  Kind kind = Kind::end;
  std::string text;
  std::size_t position = 1;  // characters from 1
};

inline constexpr std::size_t text_bytes_max = 256 * 1024;

// Refuses too_large, and bad_query with "byte N" where the text is not UTF-8 or has a NUL.
Status check_text(std::string_view text);

class Lexer {
 public:
  // REQUIRES: check_text passed; `text` outlives the lexer.
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token next();
  const Error& error() const { return error_; }  // REQUIRES: next() gave a bad token

 private:
  void skip(std::size_t bytes);
  bool skip_blanks_and_comments();
  bool skip_block_comment();
  Token word();
  Token number();
  Token parameter();
  Token quoted(char quote, Token::Kind kind);
  Token symbol();
  Token take(Token::Kind kind, std::size_t bytes);
  Token refuse(std::string what, std::string hint = {});

  std::string_view rest_;
  std::size_t position_ = 1;
  Error error_;
};

// The place that an error names: "position 12".
std::string place(std::size_t position);

}  // namespace plait::query
