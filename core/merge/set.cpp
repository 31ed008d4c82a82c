// core/merge/set.cpp: elements come and go.

#include "core/merge/set.h"

#include <algorithm>
#include <string>
#include <utility>

namespace plait {
namespace {

// Where an element stands among sorted ones, or would.
Json::Array::iterator place_of(Json::Array& elements, const std::string& text) {
  return std::ranges::lower_bound(elements, text, {},
                                  [](const Json& element) { return to_text(element); });
}

void change_element(Json::Array& elements, const Json& element, bool is_in) {
  std::string text = to_text(element);
  auto place = place_of(elements, text);
  bool was_in = place != elements.end() && to_text(*place) == text;
  if (is_in && !was_in) elements.insert(place, element);
  if (!is_in && was_in) elements.erase(place);
}

}  // namespace

Status check_set(const Operations::Change& change) {
  if (change.verb != "set" || change.value->is_null()) return ok;
  return check_elements(*change.value, "");
}

Json normal_set(Json value) {
  if (value.is_array())
    std::ranges::sort(value.as_array(), {}, [](const Json& element) { return to_text(element); });
  return value;
}

void apply_set(Json& value, const Operations::Change& change) {
  if (change.verb == "set") {
    value = normal_set(*change.value);
    return;
  }
  bool includes = change.verb == "include";
  if (!value.is_array()) {
    if (!includes) return;
    value = Json::array();
  }
  for (const Json& element : change.value->as_array())
    change_element(value.as_array(), element, includes);
}

}  // namespace plait
