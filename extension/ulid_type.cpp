// extension/ulid_type.cpp: the SQL type plait.ulid: 16 bytes, ordered as bytes, shown as 26
// characters.

#include "extension/wall.h"

#include <cstring>

#include "core/event/ulid.h"
#include "extension/argument.h"
#include "extension/event_columns.h"
#include "extension/table.h"

namespace plait {

namespace {

Ulid ulid_argument(FunctionCallInfo fcinfo, int argument) {
  return datum_ulid(PG_GETARG_DATUM(argument));
}

std::uint64_t half(Datum ulid, std::size_t from) {
  std::uint64_t bytes;
  std::memcpy(&bytes, DatumGetPointer(ulid) + from, sizeof(bytes));
  return pg_ntoh64(bytes);
}

// As bytes, by two integers: every descent of an index does it dozens of times.
int compare(Datum a, Datum b) {
  for (std::size_t from : {std::size_t{0}, sizeof(Ulid) / 2}) {
    std::uint64_t left = half(a, from);
    std::uint64_t right = half(b, from);
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

int compare(FunctionCallInfo fcinfo) { return compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)); }

int compare_for_sort(Datum a, Datum b, SortSupport) { return compare(a, b); }

// The hlc as an integer that compares alone decides nearly all comparisons.
Datum abbreviate(Datum original, SortSupport) {
  return static_cast<Datum>(datum_ulid(original).hlc());
}

bool never_abort(int, SortSupport) { return false; }

}  // namespace

PLAIT_FUNCTION(ulid_in) { return ulid_result(or_refuse(parse_ulid(PG_GETARG_CSTRING(0)))); }

PLAIT_FUNCTION(ulid_out) {
  auto text = characters(ulid_argument(fcinfo, 0));
  return pg([&] { return CStringGetDatum(pnstrdup(text.data(), text.size())); });
}

PLAIT_FUNCTION(ulid_recv) {
  return pg([&] {
    auto* message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    auto* ulid = static_cast<char*>(palloc(sizeof(Ulid)));
    std::memcpy(ulid, pq_getmsgbytes(message, sizeof(Ulid)), sizeof(Ulid));
    return PointerGetDatum(ulid);
  });
}

PLAIT_FUNCTION(ulid_send) {
  return pg([&] {
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbytes(&message, DatumGetPointer(PG_GETARG_DATUM(0)), sizeof(Ulid));
    return PointerGetDatum(pq_endtypsend(&message));
  });
}

PLAIT_COMPARISON(ulid_eq) { return BoolGetDatum(compare(fcinfo) == 0); }
PLAIT_COMPARISON(ulid_ne) { return BoolGetDatum(compare(fcinfo) != 0); }
PLAIT_COMPARISON(ulid_lt) { return BoolGetDatum(compare(fcinfo) < 0); }
PLAIT_COMPARISON(ulid_le) { return BoolGetDatum(compare(fcinfo) <= 0); }
PLAIT_COMPARISON(ulid_gt) { return BoolGetDatum(compare(fcinfo) > 0); }
PLAIT_COMPARISON(ulid_ge) { return BoolGetDatum(compare(fcinfo) >= 0); }
PLAIT_COMPARISON(ulid_cmp) { return Int32GetDatum(compare(fcinfo)); }

PLAIT_FUNCTION(ulid_hash) {
  auto* bytes = reinterpret_cast<unsigned char*>(DatumGetPointer(PG_GETARG_DATUM(0)));
  return pg([&] { return hash_any(bytes, sizeof(Ulid)); });
}

PLAIT_FUNCTION(ulid_hash_extended) {
  auto* bytes = reinterpret_cast<unsigned char*>(DatumGetPointer(PG_GETARG_DATUM(0)));
  return pg([&] { return hash_any_extended(bytes, sizeof(Ulid), PG_GETARG_INT64(1)); });
}

PLAIT_FUNCTION(ulid_sortsupport) {
  auto* sort = reinterpret_cast<SortSupport>(PG_GETARG_POINTER(0));
  sort->comparator = compare_for_sort;
  if (sort->abbreviate) {
    sort->comparator = ssup_datum_unsigned_cmp;
    sort->abbrev_converter = abbreviate;
    sort->abbrev_abort = never_abort;
    sort->abbrev_full_comparator = compare_for_sort;
  }
  return static_cast<Datum>(0);
}

PLAIT_FUNCTION(ulid_from_bytea) {
  bytea* bytes = pg([&] { return PG_GETARG_BYTEA_PP(0); });
  if (VARSIZE_ANY_EXHDR(bytes) != sizeof(Ulid))
    refuse(Code::bad_value, "a ulid has 16 bytes, not " + std::to_string(VARSIZE_ANY_EXHDR(bytes)),
           "", "Give the id's bytes, or its 26 characters as text.");
  Ulid ulid;
  std::memcpy(ulid.bytes.data(), VARDATA_ANY(bytes), sizeof(Ulid));
  return ulid_result(ulid);
}

PLAIT_FUNCTION(ulid_to_bytea) {
  return pg([&] {
    auto* bytes = static_cast<bytea*>(palloc(VARHDRSZ + sizeof(Ulid)));
    SET_VARSIZE(bytes, VARHDRSZ + sizeof(Ulid));
    std::memcpy(VARDATA(bytes), DatumGetPointer(PG_GETARG_DATUM(0)), sizeof(Ulid));
    return PointerGetDatum(bytes);
  });
}

// When it was stamped, to the microsecond. An id that is an integer key was stamped never: 1970.
PLAIT_FUNCTION(ulid_to_timestamptz) {
  return TimestampTzGetDatum(happened(ulid_argument(fcinfo, 0)));
}

}  // namespace plait
