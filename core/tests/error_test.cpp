// core/tests/error_test.cpp: the table of errors is whole, and its names and SQLSTATEs are unique.
#include "core/error.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"

namespace plait {
namespace {

TEST(Error, EveryCodeStandsInItsPlace) {
  for (std::size_t i = 0; i < error_table.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(error_table[i].code), i) << error_table[i].name;
  }
}

TEST(Error, NamesAndSqlstatesAreUniqueAndOfOurClass) {
  std::set<std::string_view> names;
  std::set<std::string_view> sqlstates;
  for (const ErrorRow& row : error_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(sqlstates.insert(row.sqlstate).second) << row.name;
    EXPECT_EQ(row.sqlstate.size(), 5u) << row.name;
    EXPECT_EQ(row.sqlstate.substr(0, 2), "PL") << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

// docs/errors.md has a row for every code, in the table's order, and no other.
TEST(Error, TheDocsHaveTheSameTable) {
  std::ifstream page(PLAIT_ROOT "/docs/errors.md");
  std::vector<std::string> told, known;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| PL")) continue;
    std::size_t end = 0;
    for (int column = 0; column < 4 && end != std::string::npos; ++column)
      end = line.find('|', end + (column > 0));
    told.push_back(line.substr(0, end));
  }
  for (const ErrorRow& row : error_table) {
    known.push_back("| " + std::string(row.sqlstate) + " | `" + std::string(row.name) + "` | " +
                    (row.retry ? "yes " : "no "));
  }
  EXPECT_EQ(told, known);
}

TEST(Error, ACodeIsLookedUpByItself) {
  EXPECT_EQ(name(Code::missing_parents), "missing_parents");
  EXPECT_EQ(sqlstate(Code::missing_parents), "PL001");
  EXPECT_TRUE(worth_retry(Code::missing_parents));
  EXPECT_EQ(name(Code::internal), "internal");
  EXPECT_FALSE(worth_retry(Code::bad_value));
}

TEST(Error, AResultHoldsAValueOrAnError) {
  Result<std::string> good = std::string("x");
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "x");
  EXPECT_EQ(good->size(), 1u);
  Result<std::string> bad = Error{Code::bad_value, "what", "where", "hint"};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "where");
  EXPECT_TRUE(Status(ok));
}

TEST(Error, ASqlstateOfPostgresHasACodeOfOurs) {
  for (const ErrorRow& row : error_table) EXPECT_EQ(code_of_sqlstate(row.sqlstate), row.code);
  EXPECT_EQ(code_of_sqlstate("40001"), Code::serialization_failure);
  EXPECT_EQ(code_of_sqlstate("40P01"), Code::serialization_failure);
  EXPECT_EQ(code_of_sqlstate("42501"), Code::permission_denied);
  EXPECT_EQ(code_of_sqlstate("22P02"), Code::bad_value);
  EXPECT_EQ(code_of_sqlstate("23514"), Code::constraint_violation);
  EXPECT_EQ(code_of_sqlstate("57P01"), Code::unavailable);
  EXPECT_EQ(code_of_sqlstate(""), Code::unavailable);
  EXPECT_EQ(code_of_sqlstate("42601"), Code::database_error);
}

}  // namespace
}  // namespace plait
