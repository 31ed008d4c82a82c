// core/tests/naive_types.h: the merge types by their definition, for tests: small whole numbers,
// sorted texts, a tree of maps. Shares nothing with core/merge.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/event/json.h"

namespace plait {

// A document: a scalar's text, or members.
struct NaiveDocument {
  std::string scalar = "null";
  std::map<std::string, NaiveDocument> members;
  bool is_object = false;

  static NaiveDocument of(const Json& json) {
    NaiveDocument document;
    document.is_object = json.is_object();
    if (!document.is_object) document.scalar = to_text(json);
    if (document.is_object)
      for (const auto& [key, member] : json.as_object()) document.members.emplace(key, of(member));
    return document;
  }
  // Members by byte order, which is that of canonical JSON for the keys of these tests.
  std::string text() const {
    if (!is_object) return scalar;
    std::string all;
    for (const auto& [key, member] : members)
      all += (all.empty() ? "" : ",") + to_text(Json::string(key)) + ":" + member.text();
    return "{" + all + "}";
  }
  void put(const Json::Array& path, std::size_t step, const Json& value) {
    if (step == path.size()) {
      *this = of(value);
      return;
    }
    if (!is_object) *this = NaiveDocument();
    is_object = true;
    members[path[step].as_string()].put(path, step + 1, value);
  }
  void take(const Json::Array& path, std::size_t step) {
    auto member = members.find(path[step].as_string());
    if (!is_object || member == members.end()) return;
    if (step + 1 == path.size())
      members.erase(member);
    else
      member->second.take(path, step + 1);
  }
};

// What a property of a merge type holds after one more operation; `value` is its JSON text.
inline std::string naive_apply(const std::string& type, const std::string& value,
                               const std::string& verb, const Json& operand) {
  auto json = parse_json(value);
  EXPECT_TRUE(json) << value;
  if (type == "set" && verb == "set" && operand.is_array()) {
    std::set<std::string> texts;
    for (const Json& element : operand.as_array()) texts.insert(to_text(element));
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
    return "[" + all + "]";
  }
  if (verb == "set") return to_text(operand);
  if (type == "counter") {
    long before = json->is_null() ? 0 : std::stol(json->as_number());
    return std::to_string(before + std::stol(operand.as_number()));
  }
  if (type == "set") {
    if (json->is_null() && verb == "exclude") return "null";
    std::set<std::string> texts;
    if (json->is_array())
      for (const Json& element : json->as_array()) texts.insert(to_text(element));
    for (const Json& element : operand.as_array()) {
      if (verb == "include") texts.insert(to_text(element));
      if (verb == "exclude") texts.erase(to_text(element));
    }
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
    return "[" + all + "]";
  }
  EXPECT_EQ(verb, "patch");
  NaiveDocument document = NaiveDocument::of(*json);
  for (const Json& step : operand.as_array()) {
    const Json::Array& path = step.as_array()[0].as_array();
    if (step.as_array().size() == 2)
      document.put(path, 0, step.as_array()[1]);
    else
      document.take(path, 0);
  }
  return document.text();
}

}  // namespace plait
