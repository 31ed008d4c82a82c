// gateway/tests/database_test.cpp: Postgres' errors and arrays as the gateway understands them.

#include "gateway/database.h"

#include <gtest/gtest.h>

namespace plait::gateway {
namespace {

TEST(Database, AnErrorOfTheExtensionKeepsItsCodeAndPlace) {
  Error error =
      error_of_postgres("PL001", "a parent is unknown",
                        "code: missing_parents · where: /events/2/parents", "fetch it first");
  EXPECT_EQ(error.code, Code::missing_parents);
  EXPECT_EQ(error.what, "a parent is unknown");
  EXPECT_EQ(error.where, "/events/2/parents");
  EXPECT_EQ(error.hint, "fetch it first");
  EXPECT_EQ(error_of_postgres("PL020", "none", "code: not_found", "").where, "");
  error = error_of_postgres(
      "23505", "duplicate key",
      "code: entity_exists · where: /events/0 · Key (id)=(1 · 2) already exists.", "");
  EXPECT_EQ(error.code, Code::entity_exists);
  EXPECT_EQ(error.where, "/events/0");
  EXPECT_EQ(error.what, "duplicate key (Key (id)=(1 · 2) already exists.)");
}

TEST(Database, PostgresOwnErrorsGetTheNearestCode) {
  struct Case {
    const char* sqlstate;
    Code code;
  };
  for (const auto& [sqlstate, code] :
       {Case{"23505", Code::constraint_violation}, Case{"23514", Code::constraint_violation},
        Case{"40001", Code::serialization_failure}, Case{"40P01", Code::serialization_failure},
        Case{"42501", Code::permission_denied}, Case{"57P01", Code::unavailable},
        Case{"53300", Code::unavailable}, Case{"", Code::unavailable},
        Case{"22012", Code::bad_value}, Case{"58000", Code::database_error},
        Case{"PL041", Code::cursor_unknown}}) {
    EXPECT_EQ(error_of_postgres(sqlstate, "x", "", "").code, code) << sqlstate;
  }
  EXPECT_EQ(error_of_postgres("23505", "duplicate key", "Key (id)=(1) already exists.", "").what,
            "duplicate key (Key (id)=(1) already exists.)");
}

TEST(Database, ArraysAreWrittenSoThatNothingBreaksOut) {
  EXPECT_EQ(array_text({}), "{}");
  EXPECT_EQ(array_text({"a", "b,c", "d\"e", "f\\g", "", "{h}", "NULL"}),
            R"({"a","b,c","d\"e","f\\g","","{h}","NULL"})");
  EXPECT_TRUE(array_items("{}").empty());
  EXPECT_EQ(array_items("{A,B}"), (std::vector<std::string>{"A", "B"}));
}

TEST(Database, TriesComeFurtherAndFurtherApart) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) {
    auto wait = backoff.next().count();
    const std::int64_t step = std::min<std::int64_t>(50L << i, 5'000);
    EXPECT_GE(wait, step / 2);
    EXPECT_LE(wait, step);
  }
  backoff.reset();
  EXPECT_LE(backoff.next().count(), 50);
}

}  // namespace
}  // namespace plait::gateway
