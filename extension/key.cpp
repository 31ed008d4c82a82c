// extension/key.cpp: a row's key: its form on the wire, the id that it names, its hash.

#include "extension/key.h"

#include <cstring>

#include "core/event/sha256.h"
#include "extension/table.h"

namespace plait {

namespace {

void append_text(std::string& out, const char* text) {
  append_json_string(out, std::string_view(text, std::strlen(text)));
}

void append_bpchar(std::string& out, Datum value) {
  auto* text = DatumGetBpCharPP(value);
  std::size_t size = VARSIZE_ANY_EXHDR(text);
  const char* data = VARDATA_ANY(text);
  while (size > 0 && data[size - 1] == ' ') --size;
  append_json_string(out, std::string_view(data, size));
}

void append_key_value(std::string& out, WireType& type, Datum value) {
  char digits[16];
  switch (type.base) {
    case INT2OID:
      pg_ltoa(DatumGetInt16(value), digits);
      return append_text(out, digits);
    case INT4OID:
      pg_ltoa(DatumGetInt32(value), digits);
      return append_text(out, digits);
    case NUMERICOID: {
      Datum trimmed = DirectFunctionCall1(numeric_trim_scale, value);
      return append_text(out, DatumGetCString(DirectFunctionCall1(numeric_out, trimmed)));
    }
    case BPCHAROID:
      return append_bpchar(out, value);
    case FLOAT4OID:
      return append_wire(out, type, DatumGetFloat4(value) == 0 ? Float4GetDatum(0) : value);
    case FLOAT8OID:
      return append_wire(out, type, DatumGetFloat8(value) == 0 ? Float8GetDatum(0) : value);
    default:
      return append_wire(out, type, value);
  }
}

// Two's complement, big-endian, in key order; a single integer is sign-extended to 64 bits.
std::uint64_t pack(std::uint64_t packed, int width, std::int64_t value) {
  if (width == 8) return static_cast<std::uint64_t>(value);
  std::uint64_t mask = (std::uint64_t{1} << (8 * width)) - 1;
  return packed << (8 * width) | (static_cast<std::uint64_t>(value) & mask);
}

bool fits(int width, std::int64_t value) {
  if (width == 8) return true;
  std::int64_t limit = std::int64_t{1} << (8 * width - 1);
  return value >= -limit && value < limit;
}

std::int64_t integer_of(const WireType& type, Datum value) {
  if (type.base == INT2OID) return DatumGetInt16(value);
  if (type.base == INT4OID) return DatumGetInt32(value);
  return DatumGetInt64(value);
}

std::optional<std::int64_t> integer_of(const std::string& digits) {
  if (digits.empty() || digits.size() > 20) return std::nullopt;
  errno = 0;
  char* end = nullptr;
  std::int64_t value = std::strtoll(digits.c_str(), &end, 10);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return value;
}

// 8-4-4-4-12 hexadecimal digits, as uuid_out writes them.
std::optional<Ulid> ulid_of_uuid(const std::string& text) {
  Ulid ulid;
  std::size_t digit = 0;
  for (char c : text) {
    if (c == '-') continue;
    int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (value < 0 || digit == 32) return std::nullopt;
    ulid.bytes[digit / 2] = static_cast<std::uint8_t>(ulid.bytes[digit / 2] << 4 | value);
    ++digit;
  }
  if (digit != 32) return std::nullopt;
  return ulid;
}

// Writes one key value given as JSON on the wire; the type's input function checks and normalises
// it.
void append_from_json(std::string& out, const TrackedProperty& property, const Json& value) {
  pg([&] {
    int level = pin_settings();
    bool is_null;
    Datum datum = read_wire(*property.type, value, &is_null);
    if (is_null)
      ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION),
                      errmsg("key property %s is null", property.name.c_str())));
    append_key_value(out, *property.type, datum);
    unpin_settings(level);
  });
}

// A type of Postgres' extension ltree: it compares bytes, but does not say so.
bool is_ltree(Oid type) {
  char* name = format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY);
  Oid extension = getExtensionOfObject(TypeRelationId, type);
  const char* owner = OidIsValid(extension) ? get_extension_name(extension) : nullptr;
  const char* plain = std::strrchr(name, '.');
  return owner != nullptr && plain != nullptr && std::strcmp(owner, "ltree") == 0 &&
         std::strcmp(plain, ".ltree") == 0;
}

// Whether the type says that its equality is equality of bytes, as for deduplication in a btree.
bool equal_is_same_bytes(Oid type, Oid collation) {
  Oid opclass = GetDefaultOpClass(type, BTREE_AM_OID);
  if (!OidIsValid(opclass)) return false;
  Oid input = get_opclass_input_type(opclass);
  Oid says = get_opfamily_proc(get_opclass_family(opclass), input, input, BTEQUALIMAGE_PROC);
  if (!OidIsValid(says)) return is_ltree(type);
  return DatumGetBool(OidFunctionCall1Coll(says, collation, ObjectIdGetDatum(input)));
}

const char* range_refused(Oid range) {
  Oid bound = getBaseType(get_range_subtype(range));
  bool same = bound != BPCHAROID && equal_is_same_bytes(bound, get_range_collation(range));
  return same ? nullptr : "its equal bounds can have different bytes";
}

}  // namespace

const TrackedProperty& key_property(const Collection& collection, std::size_t position) {
  return collection.properties[static_cast<std::size_t>(collection.key[position])];
}

const char* key_type_refused(Oid type, Oid collation) {
  Oid base = getBaseType(type);
  if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
    return "its collation is not deterministic, so equal keys differ in their bytes";
  switch (base) {
    case NUMERICOID:
    case FLOAT4OID:
    case FLOAT8OID:
    case BPCHAROID:
      return nullptr;  // append_key_value() makes equal values equal
    case INTERVALOID:
      return "equal intervals can have different bytes (24 hours and 1 day)";
    case REGCLASSOID:
    case REGPROCOID:
    case REGPROCEDUREOID:
    case REGOPEROID:
    case REGOPERATOROID:
    case REGTYPEOID:
    case REGROLEOID:
    case REGNAMESPACEOID:
    case REGCONFIGOID:
    case REGDICTIONARYOID:
    case REGCOLLATIONOID:
      return "its text changes when what it names is renamed";
    default:
      break;
  }
  if (type_is_multirange(base)) base = get_multirange_range(base);
  if (type_is_range(base)) return range_refused(base);
  return equal_is_same_bytes(base, collation) ? nullptr
                                              : "its equal values can have different bytes";
}

Oid primary_key_of(const Collection& collection) {
  Relation table = relation_open(collection.relation, AccessShareLock);
  Oid index = RelationGetPrimaryKeyIndex(table);
  relation_close(table, NoLock);
  return index;
}

const char* key_equality(const Collection& collection, std::size_t position) {
  Relation index = index_open(primary_key_of(collection), AccessShareLock);
  Oid type = index->rd_opcintype[position];
  Oid equal = get_opfamily_member(index->rd_opfamily[position], type, type, BTEqualStrategyNumber);
  index_close(index, NoLock);
  HeapTuple row = SearchSysCache1(OPEROID, ObjectIdGetDatum(equal));
  auto* found = reinterpret_cast<Form_pg_operator>(GETSTRUCT(row));
  const char* text =
      psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(found->oprnamespace)),
               NameStr(found->oprname));
  ReleaseSysCache(row);
  return text;
}

void append_key(std::string& out, const Collection& collection, TupleTableSlot* slot) {
  Datum values[INDEX_MAX_KEYS];
  bool is_null;
  for (std::size_t i = 0; i < collection.key.size(); ++i)
    values[i] = slot_getattr(slot, key_property(collection, i).attribute, &is_null);
  append_key(out, collection, values);
}

void append_key(std::string& out, const Collection& collection, const Datum* values) {
  out += '[';
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    if (i > 0) out += ',';
    append_key_value(out, *key_property(collection, i).type, values[i]);
  }
  out += ']';
}

bool natural_id(const Collection& collection, TupleTableSlot* slot, EntityId* id) {
  if (collection.naming == Naming::genesis) return false;
  bool is_null;
  std::uint64_t packed = 0;
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key[i])];
    Datum value = slot_getattr(slot, property.attribute, &is_null);
    if (collection.naming == Naming::ulid) {
      *id = EntityId(datum_ulid(value));
      return true;
    }
    std::int64_t integer = integer_of(*property.type, value);
    if (collection.key.size() == 1) {
      packed = static_cast<std::uint64_t>(integer);
    } else {
      if (!fits(collection.key_widths[i], integer)) return false;
      packed = pack(packed, collection.key_widths[i], integer);
    }
  }
  *id = EntityId(make_ulid(0, packed));
  return true;
}

std::optional<EntityId> natural_id(const Collection& collection, const Json& key) {
  if (collection.naming == Naming::genesis) return std::nullopt;
  const Json::Array& values = key.as_array();
  if (collection.naming == Naming::ulid) {
    const std::string& text = values.front().as_string();
    if (auto uuid = ulid_of_uuid(text)) return EntityId(*uuid);
    auto ulid = parse_ulid(text);
    if (!ulid) return std::nullopt;
    return EntityId(*ulid);
  }
  std::uint64_t packed = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto integer = integer_of(values[i].as_string());
    if (!integer) return std::nullopt;
    if (values.size() == 1) return EntityId(make_ulid(0, static_cast<std::uint64_t>(*integer)));
    if (!fits(collection.key_widths[i], *integer)) return std::nullopt;
    packed = pack(packed, collection.key_widths[i], *integer);
  }
  return EntityId(make_ulid(0, packed));
}

bool natural_of_key(const Collection& collection, std::string_view key, EntityId* id) {
  auto array = parse_json(key);
  if (!array || !array->is_array()) return false;
  auto natural = natural_id(collection, *array);
  if (natural) *id = *natural;
  return natural.has_value();
}

std::string natural_key(const Collection& collection, const EntityId& entity) {
  if (collection.naming == Naming::genesis) return "";
  if (collection.naming == Naming::ulid) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key.front())];
    std::string key = "[";
    pg([&] { append_wire(key, *property.type, ulid_datum(entity)); });
    return key + "]";
  }
  if (entity.hlc() != 0) return "";  // a stamped id
  std::string key;
  std::size_t count = collection.key.size();
  int shift = 0;
  for (std::size_t i = count; i-- > 0;) {
    int width = count == 1 ? 8 : collection.key_widths[i];
    std::uint64_t bits = entity.low() >> shift;
    std::int64_t value = static_cast<std::int64_t>(bits << (64 - 8 * width)) >> (64 - 8 * width);
    key = "\"" + std::to_string(value) + "\"" + (key.empty() ? "" : ",") + key;
    shift += 8 * width;
  }
  return "[" + key + "]";
}

Ulid key_hash(std::string_view key) {
  Sha256Digest digest = sha256(key);
  Ulid hash;
  std::memcpy(hash.bytes.data(), digest.data(), hash.bytes.size());
  return hash;
}

std::string key_of_argument(const Collection& collection, const char* argument) {
  Json values = Json::array();
  if (collection.key.size() == 1) {
    values.push(Json::string(argument));
  } else {
    auto parsed = parse_json(argument);
    if (!parsed || !parsed->is_array() || parsed->as_array().size() != collection.key.size())
      refuse(Code::bad_value, std::string("key ") + argument + " does not fit", "key",
             "The key of " + collection.name + " has " + std::to_string(collection.key.size()) +
                 " columns: give a JSON array of their values, like [\"1\",\"42\"].");
    values = *parsed;
  }
  std::string key = "[";
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    if (i > 0) key += ',';
    append_from_json(key, collection.properties[static_cast<std::size_t>(collection.key[i])],
                     values.as_array()[i]);
  }
  return key + "]";
}

std::string key_argument(std::string_view key) {
  // One string without escapes, which nearly every key is.
  constexpr std::size_t ends = 2;  // [" and "]
  if (key.size() >= 2 * ends && key.starts_with("[\"") && key.ends_with("\"]")) {
    std::string_view text = key.substr(ends, key.size() - 2 * ends);
    if (text.find_first_of("\"\\") == std::string_view::npos) return std::string(text);
  }
  auto parsed = parse_json(key);
  if (!parsed || !parsed->is_array() || parsed->as_array().size() != 1) return std::string(key);
  const Json& value = parsed->as_array().front();
  return value.is_string() ? value.as_string() : to_text(value);
}

std::string key_of_values(const Collection& collection, const Json& values) {
  std::string key = "[";
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key[i])];
    const Json* value = values.find(property.name);
    if (value == nullptr || value->is_null()) return "";
    if (i > 0) key += ',';
    append_from_json(key, property, *value);
  }
  return key + "]";
}

}  // namespace plait
