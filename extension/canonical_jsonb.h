// extension/canonical_jsonb.h: canonical JSON text → jsonb, byte for byte what jsonb_in makes of
// it.
//
// jsonb_in lexes, allocates a tree and walks it, and was a fifth of a bulk INSERT's time. Canonical
// text needs no checks, so two passes over flat buffers do: text → nodes in the order of the text,
// nodes → the layout of utils/jsonb.h.
#pragma once

#include "extension/wall.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plait {

class CanonicalJsonb {
 public:
  // The value lies in this object's memory until the next call. Raises 54000 when it is larger than
  // a jsonb can be. Inside pg(); the object stands outside.
  // REQUIRES: `text` is a canonical JSON object or array (core/event/json.h); it outlives the call.
  Datum write(std::string_view text);

 private:
  enum class Kind : std::uint8_t { null, no, yes, number, string, array, object };

  // An object's node is followed by its members', key and value in turn.
  struct Node {
    Kind kind;
    std::string_view text;  // of a number or string, unescaped
    std::size_t count;      // elements or members
    std::size_t end;        // the node after this one and all inside it
  };

  void read(const char*& at);
  void read_elements(const char*& at, std::size_t self);
  void read_members(const char*& at, std::size_t self);
  std::string_view read_string(const char*& at);
  std::string_view unescape(const char* from, const char* end);

  std::uint32_t append(std::size_t node);
  std::uint32_t append_number(std::string_view digits);
  std::uint32_t append_array(std::size_t node);
  std::uint32_t append_object(std::size_t node);
  std::size_t reserve_entries(std::size_t count, std::uint32_t kind);
  void put_entry(std::size_t entries, std::size_t index, std::uint32_t entry, std::uint64_t total);
  void pad();

  std::vector<Node> nodes_;
  std::string unescaped_;             // never grows while nodes point into it
  std::vector<std::size_t> members_;  // of the objects being written, innermost last
  std::vector<char> out_;
};

}  // namespace plait
