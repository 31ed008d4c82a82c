// core/merge/json_paths.cpp: values put at paths, and taken away.

#include "core/merge/json_paths.h"

#include <span>
#include <utility>

namespace plait {
namespace {

constexpr std::string_view wrapper = "$json";

bool is_wrapped(const Json& value) {
  return value.is_object() && value.as_object().size() == 1 && value.find(wrapper) != nullptr;
}

Json document_of(Json value) {
  if (!is_wrapped(value)) return value;
  Json inside = *value.find(wrapper);
  return inside;
}

Json on_the_wire(Json document) {
  if (!document.is_null() && !is_wrapped(document)) return document;
  Json value = Json::object();
  value.set(wrapper, std::move(document));
  return value;
}

// The object at `path`, made where there is none.
Json& object_at(Json& document, std::span<const Json> path) {
  Json* at = &document;
  if (!at->is_object()) *at = Json::object();
  for (const Json& step : path) {
    Json* next = at->find(step.as_string());
    if (next == nullptr || !next->is_object()) {
      at->set(step.as_string(), Json::object());
      next = at->find(step.as_string());
    }
    at = next;
  }
  return *at;
}

void take_away(Json& document, std::span<const Json> path) {
  Json* at = &document;
  for (const Json& step : path.first(path.size() - 1)) {
    at = at->find(step.as_string());
    if (at == nullptr) return;
  }
  if (at->is_object()) at->erase(path.back().as_string());
}

}  // namespace

void apply_json(Json& value, const Operations::Change& change) {
  if (change.verb == "set") {
    value = *change.value;
    return;
  }
  bool is_there = !value.is_null();
  Json document = document_of(std::move(value));
  for (const Json& step : change.value->as_array()) {
    std::span<const Json> path = step.as_array()[0].as_array();
    if (step.as_array().size() == 1) {
      take_away(document, path);
      continue;
    }
    object_at(document, path.first(path.size() - 1))
        .set(path.back().as_string(), step.as_array()[1]);
    is_there = true;
  }
  value = is_there ? on_the_wire(std::move(document)) : Json();
}

}  // namespace plait
