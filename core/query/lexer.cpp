// core/query/lexer.cpp: Postgres' scan.l, as far as the query language goes.

#include "core/query/lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace plait::query {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }
bool is_operator(char c) {
  return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos;
}

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <typename Test>
std::size_t length_while(std::string_view text, std::size_t from, Test test) {
  while (from < text.size() && test(text[from])) ++from;
  return from;
}

// The operator that a run of operator characters begins with: it ends before a comment, and not in
// + or - unless it has a character that no SQL operator has (scan.l, so that `a=-1` is what it
// looks like).
std::size_t operator_length(std::string_view run) {
  std::size_t length = std::min({run.size(), run.find("--"), run.find("/*")});
  auto outlandish = [](char c) {
    return std::string_view("~!@#^&|`?%").find(c) != std::string_view::npos;
  };
  if (std::ranges::any_of(run.substr(0, length), outlandish)) return length;
  while (length > 1 && (run[length - 1] == '+' || run[length - 1] == '-')) --length;
  return length;
}

// The first byte that is not UTF-8, or is NUL.
std::optional<std::size_t> not_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto byte = [&](std::size_t i) {
      return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    unsigned lead = byte(at);
    std::size_t length = lead < 0x80                   ? 1
                         : lead >= 0xc2 && lead < 0xe0 ? 2
                         : (lead & 0xf0) == 0xe0       ? 3
                         : lead >= 0xf0 && lead < 0xf5 ? 4
                                                       : 0;
    if (length == 0 || lead == 0) return at;
    unsigned second = byte(at + 1);
    bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    bool surrogate = lead == 0xed && second >= 0xa0;
    bool beyond = lead == 0xf4 && second >= 0x90;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xc0) != 0x80 || overlong || surrogate || beyond) return at;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace

Status check_text(std::string_view text) {
  if (text.size() > text_bytes_max) {
    return Error{Code::too_large,
                 "a query of " + std::to_string(text.size()) + " bytes, at most " +
                     std::to_string(text_bytes_max),
                 {},
                 "move long lists into a parameter: id = ANY ($1)"};
  }
  if (auto byte = not_utf8(text)) {
    return Error{Code::bad_query, "a query that is not UTF-8", "byte " + std::to_string(*byte), {}};
  }
  return ok;
}

std::string place(std::size_t position) { return "position " + std::to_string(position); }

void Lexer::skip(std::size_t bytes) {
  auto starts_character = [](char c) { return (c & 0xc0) != 0x80; };
  auto characters = std::ranges::count_if(rest_.substr(0, bytes), starts_character);
  position_ += static_cast<std::size_t>(characters);
  rest_.remove_prefix(bytes);
}

Token Lexer::take(Token::Kind kind, std::size_t bytes) {
  Token token{kind, std::string(rest_.substr(0, bytes)), position_};
  skip(bytes);
  return token;
}

Token Lexer::refuse(std::string what, std::string hint) {
  error_ = Error{Code::bad_query, std::move(what), place(position_), std::move(hint)};
  return Token{Token::Kind::bad, {}, position_};
}

// False: a comment does not end.
bool Lexer::skip_blanks_and_comments() {
  for (;;) {
    skip(length_while(rest_, 0, is_blank));
    if (rest_.starts_with("--")) {
      skip(std::min(rest_.size(), rest_.find_first_of("\n\r")));
    } else if (rest_.starts_with("/*")) {
      if (!skip_block_comment()) return false;
    } else {
      return true;
    }
  }
}

// Block comments nest.
bool Lexer::skip_block_comment() {
  std::size_t depth = 0;
  for (std::size_t at = 0; at + 1 < rest_.size(); ++at) {
    std::string_view two = rest_.substr(at, 2);
    if (two != "/*" && two != "*/") continue;
    depth = two == "/*" ? depth + 1 : depth - 1;
    ++at;
    if (depth == 0) {
      skip(at + 1);
      return true;
    }
  }
  return false;
}

Token Lexer::next() {
  if (!skip_blanks_and_comments()) return refuse("a comment that does not end", "close it with */");
  if (rest_.empty()) return Token{Token::Kind::end, {}, position_};
  char first = rest_[0];
  char second = rest_.size() > 1 ? rest_[1] : '\0';
  if (starts_word(first)) return word();
  if (is_digit(first) || (first == '.' && is_digit(second))) return number();
  if (first == '$') return parameter();
  if (first == '\'') return quoted('\'', Token::Kind::string);
  if (first == '"') return quoted('"', Token::Kind::name);
  return symbol();
}

Token Lexer::word() {
  std::size_t length = length_while(rest_, 0, continues_word);
  std::string_view behind = rest_.substr(length);
  std::string_view letter = length == 1 ? rest_.substr(0, 1) : std::string_view();
  bool prefix = letter.find_first_of("eEbBxXnN") == 0 && behind.starts_with('\'');
  bool unicode =
      letter.find_first_of("uU") == 0 && (behind.starts_with("&'") || behind.starts_with("&\""));
  if (prefix || unicode) {
    return refuse("strings with a prefix (E'…', U&'…', B'…', X'…') are not supported",
                  "write the characters themselves between plain quotes, or use a parameter");
  }
  Token token = take(Token::Kind::word, length);
  std::ranges::transform(token.text, token.text.begin(), folded);
  return token;
}

Token Lexer::number() {
  std::size_t length = length_while(rest_, 0, is_digit);
  if (length < rest_.size() && rest_[length] == '.')
    length = length_while(rest_, length + 1, is_digit);
  if (length < rest_.size() && folded(rest_[length]) == 'e') {
    std::size_t digits = length + 1;
    if (digits < rest_.size() && (rest_[digits] == '+' || rest_[digits] == '-')) ++digits;
    std::size_t end = length_while(rest_, digits, is_digit);
    if (end > digits) length = end;
  }
  if (length < rest_.size() && starts_word(rest_[length])) {
    return refuse("characters right behind a number",
                  "put a blank between them, or quote the text");
  }
  return take(Token::Kind::number, length);
}

Token Lexer::parameter() {
  std::size_t length = length_while(rest_, 1, is_digit);
  if (length == 1) {
    return refuse("a $ that is no parameter",
                  "parameters are $1, $2, …; strings stand in 'quotes'");
  }
  if (length < rest_.size() && starts_word(rest_[length])) {
    return refuse("characters right behind a parameter", "put a blank between them");
  }
  skip(1);
  Token token = take(Token::Kind::parameter, length - 1);
  --token.position;
  return token;
}

// A doubled quote is one.
Token Lexer::quoted(char quote, Token::Kind kind) {
  std::string text;
  std::size_t at = 1;
  for (;; ++at) {
    std::size_t end = rest_.find(quote, at);
    if (end == std::string_view::npos) {
      return refuse(kind == Token::Kind::name ? "a quoted name that does not end"
                                              : "a string that does not end",
                    "a quote within it is written twice");
    }
    text.append(rest_.substr(at, end - at));
    at = end + 1;
    if (at >= rest_.size() || rest_[at] != quote) break;
    text += quote;
  }
  if (kind == Token::Kind::name && text.empty()) return refuse("a quoted name that is empty");
  Token token = take(kind, at);
  token.text = std::move(text);
  return token;
}

Token Lexer::symbol() {
  if (is_operator(rest_[0])) {
    return take(Token::Kind::symbol,
                operator_length(rest_.substr(0, length_while(rest_, 0, is_operator))));
  }
  if (rest_.starts_with("::")) return take(Token::Kind::symbol, 2);
  if (std::string_view("(),.;[]:").find(rest_[0]) != std::string_view::npos) {
    return take(Token::Kind::symbol, 1);
  }
  return refuse("a character that has no meaning here");
}

}  // namespace plait::query
