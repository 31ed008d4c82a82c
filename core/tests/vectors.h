// core/tests/vectors.h: vectors/vectors.json, which an independent program computed.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "core/event/json.h"

namespace plait {

inline Json read_vectors() {
  std::ifstream file(PLAIT_ROOT "/vectors/vectors.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto json = parse_json(text);
  EXPECT_TRUE(json) << json.error().what << " at " << json.error().where;
  return json ? std::move(*json) : Json::object();
}

// A string member of a vector; empty where there is none.
inline std::string text_of(const Json& vector, std::string_view member) {
  const Json* json = vector.find(member);
  return json != nullptr ? json->as_string() : "";
}

// Calls f(vector) for each vector of a section, and names the one that fails.
template <typename F>
void for_each_vector(std::string_view section, F&& f) {
  const Json file = read_vectors();
  const Json* vectors = file.find(section);
  ASSERT_NE(vectors, nullptr) << "no section " << section;
  ASSERT_FALSE(vectors->as_array().empty()) << section;
  for (const Json& vector : vectors->as_array()) {
    SCOPED_TRACE(std::string(section) + ": " + text_of(vector, "name"));
    f(vector);
  }
}

}  // namespace plait
