// extension/spi.cpp: SQL run as the caller.

#include "extension/spi.h"

namespace plait {

void run_sql(const std::string& sql) {
  pg([&] {
    SPI_connect();
    int result = SPI_execute(sql.c_str(), false, 0);
    if (result < 0) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(result));
    SPI_finish();
  });
}

int execute_generic(const char* sql, int count, Oid* types, Datum* values, bool read_only) {
  SPIPlanPtr plan = SPI_prepare_cursor(sql, count, types, CURSOR_OPT_GENERIC_PLAN);
  if (plan == nullptr) return SPI_result;
  return SPI_execute_plan(plan, values, nullptr, read_only, 0);
}

std::vector<Oid> oids_of(const char* sql) {
  List* found = pg([&] {
    List* oids = NIL;
    MemoryContext outer = CurrentMemoryContext;
    SPI_connect();
    int result = SPI_execute(sql, false, 0);  // sees what the present command has done
    if (result != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(result));
    MemoryContext inner = MemoryContextSwitchTo(outer);
    for (std::uint64_t i = 0; i < SPI_processed; ++i) {
      bool is_null;
      oids = lappend_oid(oids, DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i],
                                                              SPI_tuptable->tupdesc, 1, &is_null)));
    }
    MemoryContextSwitchTo(inner);
    SPI_finish();
    return oids;
  });
  std::vector<Oid> oids;
  for (int i = 0; i < list_length(found); ++i) oids.push_back(list_nth_oid(found, i));
  return oids;
}

const char* qualified_name(Oid relation) {
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                    get_rel_name(relation));
}

std::string quoted(const std::string& identifier) {
  std::string text = "\"";
  for (char c : identifier) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

}  // namespace plait
