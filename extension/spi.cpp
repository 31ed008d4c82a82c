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
