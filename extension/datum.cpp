// extension/datum.cpp: values of Postgres types and their form on the wire.

#include "extension/datum.h"

#include <cmath>
#include <cstring>
#include <optional>

namespace plait {

namespace {

struct KindOf {
  WireKind kind;
  bool depends_on_settings;
};

KindOf kind_of(Oid base) {
  switch (base) {
    case BOOLOID:
      return {WireKind::boolean, false};
    case INT2OID:
    case INT4OID:
      return {WireKind::small_integer, false};
    case FLOAT4OID:
      return {WireKind::real4, false};
    case FLOAT8OID:
      return {WireKind::real8, false};
    case INT8OID:
    case NUMERICOID:
      return {WireKind::decimal, false};
    case JSONBOID:
      return {WireKind::jsonb, false};
    case JSONOID:
      return {WireKind::json, false};
    case BYTEAOID:
      return {WireKind::bytea, false};
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return {WireKind::datetime, true};  // reading "12:00" needs the zone
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case NAMEOID:
    case CHAROID:
    case UUIDOID:
    case OIDOID:
    case INETOID:
    case CIDROID:
    case MACADDROID:
    case MACADDR8OID:
    case BITOID:
    case VARBITOID:
    case TIMEOID:
    case XMLOID:
      return {WireKind::text, false};
    default:
      return {WireKind::text, get_typtype(base) != TYPTYPE_ENUM};
  }
}

void append_ascii(std::string& out, const char* text) { out.append(text, std::strlen(text)); }

void append_quoted(std::string& out, const char* text) {
  append_json_string(out, std::string_view(text, std::strlen(text)));
}

// A finite float in its shortest form (Ryu), as the canonical form writes that decimal.
void append_real(std::string& out, double value, bool single) {
  if (std::isnan(value)) return append_ascii(out, "\"NaN\"");
  if (std::isinf(value)) return append_ascii(out, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
  if (value == 0 && std::signbit(value)) return append_ascii(out, "\"-0\"");
  char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
  int length = single ? float_to_shortest_decimal_bufn(static_cast<float>(value), shortest)
                      : double_to_shortest_decimal_bufn(value, shortest);
  auto token = canonical_number(std::string_view(shortest, static_cast<std::size_t>(length)));
  if (token) out += *token;
}

void append_bytea(std::string& out, Datum value) {
  auto* bytes = DatumGetByteaPP(value);
  static const char digits[] = "0123456789abcdef";
  const auto* data = reinterpret_cast<const unsigned char*>(VARDATA_ANY(bytes));
  std::size_t size = VARSIZE_ANY_EXHDR(bytes);
  out += "\"\\\\x";
  out.reserve(out.size() + 2 * size + 1);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[data[i] >> 4];
    out += digits[data[i] & 15];
  }
  out += '"';
}

// Canonical text of JSON that Postgres has already accepted. Where a jsonb could be taken for SQL
// NULL or for the wrapper itself it is wrapped.
void append_jsonb(std::string& out, Datum value) {
  auto* jsonb = DatumGetJsonbP(value);
  char* text = JsonbToCString(nullptr, &jsonb->root, VARSIZE(jsonb));
  auto parsed = parse_json(std::string_view(text, std::strlen(text)), {stored_json_depth_max});
  pfree(text);
  if (!parsed) {
    out += "null";  // unreachable for a jsonb of the depth that jsonb_in takes
    return;
  }
  bool wraps = parsed->is_null() ||
               (parsed->is_object() && parsed->as_object().size() == 1 && parsed->find("$json"));
  if (wraps) out += "{\"$json\":";
  append_json(out, *parsed);
  if (wraps) out += '}';
}

void append_dimension(std::string& out, WireType& element, const Datum* values, const bool* nulls,
                      const int* sizes, int dimensions, int& next) {
  out += '[';
  for (int i = 0; i < sizes[0]; ++i) {
    if (i > 0) out += ',';
    if (dimensions > 1) {
      append_dimension(out, element, values, nulls, sizes + 1, dimensions - 1, next);
      continue;
    }
    if (nulls[next])
      out += "null";
    else
      append_wire(out, element, values[next]);
    ++next;
  }
  out += ']';
}

// Whether an element may itself be a JSON array, so that nesting does not tell dimensions.
bool nests(const WireType& element) {
  return element.kind == WireKind::jsonb || element.kind == WireKind::array;
}

void append_array(std::string& out, WireType& type, Datum value) {
  ArrayType* array = DatumGetArrayTypeP(value);
  int dimensions = ARR_NDIM(array);
  if (dimensions == 0) return append_ascii(out, "[]");
  if (dimensions > 1 && nests(*type.element))
    return append_quoted(out, OutputFunctionCall(&type.output, value));
  for (int i = 0; i < dimensions; ++i)
    if (ARR_LBOUND(array)[i] != 1)
      return append_quoted(out, OutputFunctionCall(&type.output, value));
  Datum* values;
  bool* nulls;
  int count;
  deconstruct_array(array, type.element->type, type.element->length, type.element->by_value,
                    type.element->align, &values, &nulls, &count);
  int next = 0;
  append_dimension(out, *type.element, values, nulls, ARR_DIMS(array), dimensions, next);
}

[[noreturn]] void wrong_shape(const WireType& type, const char* expected) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                  errmsg("a value of type %s must be %s", format_type_be(type.type), expected)));
}

char* c_string(const std::string& text) { return pnstrdup(text.data(), text.size()); }

// A canonical number token as integer types read it: 9007199254740993e0 and 1e+21 in plain digits.
char* plain_integer(const std::string& token) {
  if (token.find('e') == std::string::npos) return c_string(token);
  Datum numeric = DirectFunctionCall3(numeric_in, CStringGetDatum(c_string(token)),
                                      ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  return DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
}

char* scalar_text(const WireType& type, const Json& value) {
  if (value.is_string()) return c_string(value.as_string());
  if (value.is_boolean()) return pstrdup(value.as_boolean() ? "true" : "false");
  if (value.is_number()) {
    bool whole = type.base == INT2OID || type.base == INT4OID || type.base == INT8OID;
    return whole ? plain_integer(value.as_number()) : c_string(value.as_number());
  }
  wrong_shape(type, "a JSON string, number or boolean");
}

Datum read_jsonb(WireType& type, const Json& value) {
  const Json* wrapped = nullptr;
  if (value.is_object() && value.as_object().size() == 1) wrapped = value.find("$json");
  // The text is Postgres' own before jsonb_in can raise an error.
  char* text;
  {
    std::string json = to_text(wrapped != nullptr ? *wrapped : value);
    text = static_cast<char*>(MemoryContextAllocExtended(CurrentMemoryContext, json.size() + 1,
                                                         MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE));
    if (text != nullptr) std::memcpy(text, json.c_str(), json.size() + 1);
  }
  if (text == nullptr) ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
  return InputFunctionCall(&type.input, text, type.input_parameter, type.typmod);
}

// The sizes of nested JSON arrays; every level must be as long as its siblings.
int array_shape(const WireType& type, const Json& value, int* sizes) {
  int dimensions = 0;
  bool stops_at_element = nests(*type.element);
  for (const Json* level = &value; level->is_array(); level = &level->as_array().front()) {
    if (dimensions == MAXDIM) wrong_shape(type, "an array of at most 6 dimensions");
    sizes[dimensions++] = static_cast<int>(level->as_array().size());
    if (level->as_array().empty() || stops_at_element) break;
  }
  return dimensions;
}

void read_elements(WireType& type, const Json& value, const int* sizes, int dimensions,
                   Datum* values, bool* nulls, int& next) {
  if (!value.is_array() || static_cast<int>(value.as_array().size()) != sizes[0])
    wrong_shape(type, "an array whose parts are of one length");
  for (const Json& item : value.as_array()) {
    if (dimensions > 1) {
      read_elements(type, item, sizes + 1, dimensions - 1, values, nulls, next);
      continue;
    }
    values[next] = read_wire(*type.element, item, &nulls[next]);
    ++next;
  }
}

Datum read_array(WireType& type, const Json& value) {
  int sizes[MAXDIM];
  int dimensions = array_shape(type, value, sizes);
  std::int64_t count = 1;
  for (int i = 0; i < dimensions; ++i) count *= sizes[i];
  if (count == 0) return PointerGetDatum(construct_empty_array(type.element->type));
  if (count > static_cast<std::int64_t>(MaxArraySize)) wrong_shape(type, "a smaller array");
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * count));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * count));
  int lower_bounds[MAXDIM];
  for (int& bound : lower_bounds) bound = 1;
  int next = 0;
  read_elements(type, value, sizes, dimensions, values, nulls, next);
  return PointerGetDatum(construct_md_array(values, nulls, dimensions, sizes, lower_bounds,
                                            type.element->type, type.element->length,
                                            type.element->by_value, type.element->align));
}

// Names of functions and operators are told with their arguments, for one name may be several's.
Oid with_arguments(Oid function) {
  switch (function) {
    case F_REGPROCIN:
      return F_REGPROCEDUREIN;
    case F_REGPROCOUT:
      return F_REGPROCEDUREOUT;
    case F_REGOPERIN:
      return F_REGOPERATORIN;
    case F_REGOPEROUT:
      return F_REGOPERATOROUT;
    default:
      return function;
  }
}

// A byte above 127 is no text in UTF8: \ooo, as Postgres writes it from release 16 on.
void append_char(std::string& out, Datum value) {
  auto byte = static_cast<unsigned char>(DatumGetChar(value));
  char text[5] = {static_cast<char>(byte)};
  if (byte > 127) pg_snprintf(text, sizeof text, "\\%03o", static_cast<unsigned>(byte));
  append_quoted(out, text);
}

std::optional<Datum> read_octal_char(const Json& value) {
  if (!value.is_string() || value.as_string().size() != 4) return std::nullopt;
  const std::string& text = value.as_string();
  auto digit = [&](std::size_t at, char most) { return text[at] >= '0' && text[at] <= most; };
  if (text[0] != '\\' || !digit(1, '3') || !digit(2, '7') || !digit(3, '7')) return std::nullopt;
  int byte = (text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0');
  return CharGetDatum(static_cast<char>(byte));
}

}  // namespace

WireType* wire_type(Oid type, int32 typmod, MemoryContext context) {
  auto* wire = static_cast<WireType*>(MemoryContextAllocZero(context, sizeof(WireType)));
  wire->type = type;
  wire->typmod = typmod;
  int32 base_typmod = typmod;
  wire->base = getBaseTypeAndTypmod(type, &base_typmod);
  KindOf kind = kind_of(wire->base);
  wire->kind = kind.kind;
  wire->depends_on_settings = kind.depends_on_settings;
  get_typlenbyvalalign(type, &wire->length, &wire->by_value, &wire->align);
  Oid function;
  bool is_varlena;
  getTypeOutputInfo(type, &function, &is_varlena);
  fmgr_info_cxt(with_arguments(function), &wire->output, context);
  getTypeInputInfo(type, &function, &wire->input_parameter);
  fmgr_info_cxt(with_arguments(function), &wire->input, context);
  Oid element = get_element_type(wire->base);
  bool is_vector = wire->base == INT2VECTOROID || wire->base == OIDVECTOROID;
  if (OidIsValid(element) && !is_vector) {
    wire->kind = WireKind::array;
    wire->element = wire_type(element, base_typmod, context);
    wire->depends_on_settings = wire->element->depends_on_settings;
  }
  return wire;
}

void append_wire(std::string& out, WireType& type, Datum value) {
  switch (type.kind) {
    case WireKind::boolean:
      return append_ascii(out, DatumGetBool(value) ? "true" : "false");
    case WireKind::small_integer: {
      char digits[16];
      int length =
          pg_ltoa(type.base == INT2OID ? DatumGetInt16(value) : DatumGetInt32(value), digits);
      out.append(digits, static_cast<std::size_t>(length));
      return;
    }
    case WireKind::real4:
      return append_real(out, static_cast<double>(DatumGetFloat4(value)), true);
    case WireKind::real8:
      return append_real(out, DatumGetFloat8(value), false);
    case WireKind::jsonb:
      return append_jsonb(out, value);
    case WireKind::array:
      return append_array(out, type, value);
    case WireKind::bytea:
      return append_bytea(out, value);
    case WireKind::datetime: {
      char text[MAXDATELEN + 1];
      int utc = 0;
      return append_quoted(out, JsonEncodeDateTime(text, value, type.base,
                                                   type.base == TIMESTAMPTZOID ? &utc : nullptr));
    }
    case WireKind::decimal:
    case WireKind::json:
    case WireKind::text: {
      if (type.base == CHAROID) return append_char(out, value);
      // xml too, which its output function would tell without its declaration.
      if (type.base == TEXTOID || type.base == VARCHAROID || type.base == XMLOID) {
        struct varlena* plain = DatumGetTextPP(value);
        return append_json_string(out,
                                  std::string_view(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain)));
      }
      char* text = OutputFunctionCall(&type.output, value);
      append_quoted(out, text);
      pfree(text);
      return;
    }
  }
}

Datum read_wire(WireType& type, const Json& value, bool* is_null) {
  *is_null = value.is_null();
  if (*is_null) {
    // A domain may refuse NULL.
    return InputFunctionCall(&type.input, nullptr, type.input_parameter, type.typmod);
  }
  if (type.kind == WireKind::jsonb) return read_jsonb(type, value);
  if (type.kind == WireKind::array && value.is_array()) {
    Datum array = read_array(type, value);
    if (type.base != type.type)
      domain_check(array, false, type.type, nullptr, CurrentMemoryContext);
    return array;
  }
  if (type.kind == WireKind::array && !value.is_string()) wrong_shape(type, "a JSON array");
  if (type.base == CHAROID)
    if (auto octal = read_octal_char(value)) return *octal;
  return InputFunctionCall(&type.input, scalar_text(type, value), type.input_parameter,
                           type.typmod);
}

Datum read_stored(WireType& type, const Json& value, bool* is_null) {
  if (type.base == type.type) return read_wire(type, value, is_null);
  return read_wire(*wire_type(type.base, -1, CurrentMemoryContext), value, is_null);
}

bool same_image(const WireType& type, Datum a, Datum b) {
  if (type.by_value) return a == b;
  if (type.length != -1) return datumIsEqual(a, b, false, type.length);
  auto* left = reinterpret_cast<struct varlena*>(DatumGetPointer(a));
  auto* right = reinterpret_cast<struct varlena*>(DatumGetPointer(b));
  if (VARATT_IS_EXTERNAL_ONDISK(left) && VARATT_IS_EXTERNAL_ONDISK(right) &&
      VARSIZE_EXTERNAL(left) == VARSIZE_EXTERNAL(right) &&
      std::memcmp(left, right, VARSIZE_EXTERNAL(left)) == 0)
    return true;
  return datum_image_eq(a, b, false, type.length);
}

int pin_settings() {
  static const struct {
    const char* name;
    const char* value;
  } pinned[] = {{"datestyle", "ISO, MDY"}, {"intervalstyle", "postgres"},
                {"timezone", "UTC"},       {"extra_float_digits", "1"},
                {"bytea_output", "hex"},   {"lc_monetary", "C"},
                {"xmloption", "content"},  {"quote_all_identifiers", "off"},
                {"array_nulls", "on"},     {"search_path", "pg_catalog"}};
  int level = NewGUCNestLevel();
  for (const auto& setting : pinned)
    set_config_option(setting.name, setting.value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                      true, 0, false);
  return level;
}

void unpin_settings(int level) { AtEOXact_GUC(true, level); }

}  // namespace plait
