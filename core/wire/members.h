// core/wire/members.h: reads the members of one JSON object of a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/dag/head.h"
#include "core/event/hlc.h"
#include "core/event/json.h"
#include "core/event/ulid.h"
#include "core/result.h"

namespace plait::wire {

// The first thing that was wrong with a message; what is read after it does not count.
using Wrong = std::optional<Error>;

// Reads the members of one object. What is missing or has the wrong shape is noted and read as
// empty, so that a message is read in one go and looked at once.
class Members {
 public:
  Members(const Json& json, std::string where, Wrong& wrong)
      : json_(json), where_(std::move(where)), wrong_(wrong) {
    if (!json_.is_object()) expected("an object", where_, &json_);
  }

  // Nothing: absent or null.
  const Json* find(std::string_view name) const {
    const Json* member = json_.find(name);
    return member == nullptr || member->is_null() ? nullptr : member;
  }
  const Json& whole() const { return json_; }
  std::string place(std::string_view name) const { return where_ + "/" + std::string(name); }
  Wrong& wrong() { return wrong_; }
  // Notes that `found` (nullptr: nothing) is not what `shape` names.
  void expected(std::string_view shape, const std::string& where, const Json* found);

  std::string text(std::string_view name) { return text_or_nothing(name, true).value_or(""); }
  std::optional<std::string> text_or_nothing(std::string_view name, bool required = false);
  std::int64_t integer(std::string_view name) { return integer_or_nothing(name, true).value_or(0); }
  std::optional<std::int64_t> integer_or_nothing(std::string_view name, bool required = false);
  bool boolean(std::string_view name);  // absent: false
  // As long-lived as the object that is read.
  const Json& object(std::string_view name);
  const Json& object_or_empty(std::string_view name);
  const Json& array(std::string_view name);
  const Json& array_or_empty(std::string_view name);
  template <typename Meaning>
  Id<Meaning> id(std::string_view name);
  Hlc time(std::string_view name);
  Head head(std::string_view name) { return ids<EventId>(name); }
  template <typename IdType>
  std::vector<IdType> ids(std::string_view name);
  std::vector<std::pair<std::string, EventId>> won();
  // Calls f(Members) for each object of an array; absent: none.
  template <typename F>
  void each(std::string_view name, F&& f);

 private:
  template <typename IdType>
  IdType id_of(const Json* json, const std::string& where);

  const Json& json_;
  std::string where_;
  Wrong& wrong_;
};

template <typename IdType>
IdType Members::id_of(const Json* json, const std::string& where) {
  if (json != nullptr && json->is_string()) {
    auto id = parse_ulid(json->as_string());
    if (id) return IdType(*id);
  }
  expected("an id of 26 characters", where, json);
  return IdType();
}

template <typename Meaning>
Id<Meaning> Members::id(std::string_view name) {
  return id_of<Id<Meaning>>(find(name), place(name));
}

template <typename IdType>
std::vector<IdType> Members::ids(std::string_view name) {
  std::vector<IdType> ids;
  const Json& list = array(name);
  for (std::size_t i = 0; i < list.as_array().size(); ++i) {
    ids.push_back(id_of<IdType>(&list.as_array()[i], place(name) + "/" + std::to_string(i)));
  }
  return ids;
}

template <typename F>
void Members::each(std::string_view name, F&& f) {
  const Json& list = array_or_empty(name);
  for (std::size_t i = 0; i < list.as_array().size() && !wrong_; ++i) {
    f(Members(list.as_array()[i], place(name) + "/" + std::to_string(i), wrong_));
  }
}

}  // namespace plait::wire
