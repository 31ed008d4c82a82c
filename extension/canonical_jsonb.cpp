// extension/canonical_jsonb.cpp: canonical JSON text → jsonb, byte for byte what jsonb_in makes of
// it.

#include "extension/canonical_jsonb.h"

#include <algorithm>
#include <cstring>

namespace plait {

namespace {

constexpr std::size_t quick_digits = 18;  // what surely fits into 64 bits
// Of a row's operations: what is allocated at once.
constexpr std::size_t usual_nodes = 32;
constexpr std::size_t usual_overhead = 256;

[[noreturn]] void refuse_size() {
  ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                  errmsg("total size of jsonb elements exceeds the maximum of %u bytes",
                         JENTRY_OFFLENMASK)));
}

int hex_value(char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; }

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

// Short whole numbers without numeric_in; as the same numeric.
Datum numeric_of(std::string_view text) {
  bool negative = text.front() == '-';
  std::string_view digits = text.substr(negative ? 1 : 0);
  bool whole = digits.size() <= quick_digits &&
               std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!whole)
    return DirectFunctionCall3(numeric_in, CStringGetDatum(pnstrdup(text.data(), text.size())),
                               ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  std::int64_t value = 0;
  for (char digit : digits) value = value * 10 + (digit - '0');
  return NumericGetDatum(int64_to_numeric(negative ? -value : value));
}

}  // namespace

Datum CanonicalJsonb::write(std::string_view text) {
  nodes_.clear();
  members_.clear();  // an error left them
  unescaped_.clear();
  unescaped_.reserve(text.size());
  nodes_.reserve(usual_nodes);
  members_.reserve(usual_nodes);
  out_.reserve(text.size() + usual_overhead);
  out_.assign(VARHDRSZ, 0);
  const char* at = text.data();
  read(at);
  append(0);
  SET_VARSIZE(out_.data(), out_.size());
  return PointerGetDatum(out_.data());
}

void CanonicalJsonb::read(const char*& at) {
  std::size_t self = nodes_.size();
  nodes_.push_back({Kind::null, {}, 0, 0});
  switch (*at) {
    case '{':
      nodes_[self].kind = Kind::object;
      read_members(at, self);
      break;
    case '[':
      nodes_[self].kind = Kind::array;
      read_elements(at, self);
      break;
    case '"':
      nodes_[self].kind = Kind::string;
      nodes_[self].text = read_string(at);
      break;
    case 'n':
      at += 4;
      break;
    case 't':
      nodes_[self].kind = Kind::yes;
      at += 4;
      break;
    case 'f':
      nodes_[self].kind = Kind::no;
      at += 5;
      break;
    default: {
      const char* from = at;
      while (*at != ',' && *at != ']' && *at != '}') ++at;
      nodes_[self].kind = Kind::number;
      nodes_[self].text = {from, static_cast<std::size_t>(at - from)};
    }
  }
  nodes_[self].end = nodes_.size();
}

void CanonicalJsonb::read_elements(const char*& at, std::size_t self) {
  check_stack_depth();
  ++at;
  while (*at != ']') {
    read(at);
    ++nodes_[self].count;
    if (*at == ',') ++at;
  }
  ++at;
}

void CanonicalJsonb::read_members(const char*& at, std::size_t self) {
  check_stack_depth();
  ++at;
  while (*at != '}') {
    std::string_view name = read_string(at);
    nodes_.push_back({Kind::string, name, 0, nodes_.size() + 1});
    ++at;  // the colon
    read(at);
    ++nodes_[self].count;
    if (*at == ',') ++at;
  }
  ++at;
}

std::string_view CanonicalJsonb::read_string(const char*& at) {
  const char* from = ++at;
  bool plain = true;
  for (; *at != '"'; ++at) {
    if (*at != '\\') continue;
    plain = false;
    ++at;
  }
  const char* end = at++;
  if (plain) return {from, static_cast<std::size_t>(end - from)};
  return unescape(from, end);
}

std::string_view CanonicalJsonb::unescape(const char* from, const char* end) {
  std::size_t start = unescaped_.size();
  for (; from < end; ++from) {
    if (*from != '\\') {
      unescaped_ += *from;
    } else if (*++from != 'u') {
      unescaped_ += unescaped(*from);
    } else {  // canonical text has this form for control characters only
      unescaped_ += static_cast<char>(hex_value(from[3]) << 4 | hex_value(from[4]));
      from += 4;
    }
  }
  return std::string_view(unescaped_).substr(start);
}

std::uint32_t CanonicalJsonb::append(std::size_t node) {
  const Node& now = nodes_[node];
  switch (now.kind) {
    case Kind::null:
      return JENTRY_ISNULL;
    case Kind::no:
      return JENTRY_ISBOOL_FALSE;
    case Kind::yes:
      return JENTRY_ISBOOL_TRUE;
    case Kind::number:
      return append_number(now.text);
    case Kind::string:
      if (now.text.size() > JENTRY_OFFLENMASK) refuse_size();
      out_.insert(out_.end(), now.text.begin(), now.text.end());
      return JENTRY_ISSTRING | static_cast<std::uint32_t>(now.text.size());
    case Kind::array:
      return append_array(node);
    case Kind::object:
      return append_object(node);
  }
  return JENTRY_ISNULL;
}

std::uint32_t CanonicalJsonb::append_number(std::string_view digits) {
  std::size_t start = out_.size();
  pad();
  Datum numeric = numeric_of(digits);
  const char* bytes = DatumGetPointer(numeric);
  out_.insert(out_.end(), bytes, bytes + VARSIZE_ANY(bytes));
  return JENTRY_ISNUMERIC | static_cast<std::uint32_t>(out_.size() - start);
}

std::uint32_t CanonicalJsonb::append_array(std::size_t node) {
  check_stack_depth();
  std::size_t start = out_.size();
  std::size_t count = nodes_[node].count;
  std::size_t entries = reserve_entries(count, JB_FARRAY);
  std::size_t data = out_.size();
  std::size_t element = node + 1;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t entry = append(element);
    put_entry(entries, i, entry, out_.size() - data);
    element = nodes_[element].end;
  }
  if (out_.size() - start > JENTRY_OFFLENMASK) refuse_size();
  return JENTRY_ISCONTAINER | static_cast<std::uint32_t>(out_.size() - start);
}

std::uint32_t CanonicalJsonb::append_object(std::size_t node) {
  check_stack_depth();
  std::size_t start = out_.size();
  std::size_t count = nodes_[node].count;
  std::size_t first = members_.size();
  std::size_t next = node + 1;
  for (std::size_t i = 0; i < count; ++i) {
    members_.push_back(next);
    next = nodes_[next + 1].end;
  }
  // jsonb's order of keys: the shorter before the longer, then by bytes.
  std::sort(members_.begin() + static_cast<std::ptrdiff_t>(first), members_.end(),
            [&](std::size_t a, std::size_t b) {
              std::string_view left = nodes_[a].text;
              std::string_view right = nodes_[b].text;
              return left.size() != right.size() ? left.size() < right.size() : left < right;
            });
  std::size_t entries = reserve_entries(2 * count, JB_FOBJECT);
  std::size_t data = out_.size();
  for (std::size_t i = 0; i < 2 * count; ++i) {
    std::size_t member = members_[first + i % count];
    std::uint32_t entry = append(i < count ? member : member + 1);
    put_entry(entries, i, entry, out_.size() - data);
  }
  members_.resize(first);
  if (out_.size() - start > JENTRY_OFFLENMASK) refuse_size();
  return JENTRY_ISCONTAINER | static_cast<std::uint32_t>(out_.size() - start);
}

// A container's header and room for its entries; where they lie.
std::size_t CanonicalJsonb::reserve_entries(std::size_t count, std::uint32_t kind) {
  pad();
  std::size_t things = kind == JB_FOBJECT ? count / 2 : count;
  if (things > JB_CMASK) refuse_size();
  std::uint32_t header = static_cast<std::uint32_t>(things) | kind;
  std::size_t at = out_.size();
  out_.resize(at + sizeof(header) + count * sizeof(JEntry));
  std::memcpy(out_.data() + at, &header, sizeof(header));
  return at + sizeof(header);
}

// Most entries say their length; every 32nd says where it ends, so that a reader can jump.
void CanonicalJsonb::put_entry(std::size_t entries, std::size_t index, std::uint32_t entry,
                               std::uint64_t total) {
  if (total > JENTRY_OFFLENMASK) refuse_size();
  if (index % JB_OFFSET_STRIDE == 0)
    entry = (entry & JENTRY_TYPEMASK) | static_cast<std::uint32_t>(total) | JENTRY_HAS_OFF;
  std::memcpy(out_.data() + entries + index * sizeof(JEntry), &entry, sizeof(entry));
}

void CanonicalJsonb::pad() { out_.resize(INTALIGN(out_.size())); }

}  // namespace plait
