// core/merge/merge.cpp: the table of merge rules, and which property follows which.

#include "core/merge/merge.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "core/merge/counter.h"
#include "core/merge/json_paths.h"
#include "core/merge/lww.h"
#include "core/merge/set.h"

namespace plait {
namespace {

constexpr std::array merge_rules = {
    MergeRule{"counter", counter_verbs, check_counter, nullptr, apply_counter, false},
    MergeRule{"json", json_verbs, nullptr, nullptr, apply_json, true},
    MergeRule{"lww", lww_verbs, nullptr, nullptr, apply_lww, true},
    MergeRule{"set", set_verbs, check_set, normal_set, apply_set, true}};

// RFC 6901: the pointer to a change, "/operations/set/year".
std::string pointer_to(const Operations::Change& change) {
  std::string pointer = "/operations/" + std::string(change.verb) + "/";
  for (char c : change.property) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string listed(std::span<const std::string_view> verbs) {
  std::string list;
  for (std::string_view verb : verbs) list += (list.empty() ? "" : ", ") + std::string(verb);
  return list;
}

}  // namespace

const MergeRule* find_merge_rule(std::string_view name) {
  auto rule = std::ranges::find(merge_rules, name, &MergeRule::name);
  return rule == merge_rules.end() ? nullptr : &*rule;
}

Properties::Properties(std::vector<Property> properties) : sorted_(std::move(properties)) {
  std::ranges::sort(sorted_, {}, &Property::name);
  assert(std::ranges::adjacent_find(sorted_, {}, &Property::name) == sorted_.end());
  for (Property& property : sorted_)
    if (property.rule->normal != nullptr)
      property.initial = property.rule->normal(std::move(property.initial));
}

const Property* Properties::find(std::string_view name) const {
  auto property = std::ranges::lower_bound(sorted_, name, {}, &Property::name);
  return property != sorted_.end() && property->name == name ? &*property : nullptr;
}

Status Properties::check(const Operations& operations) const {
  for (const Operations::Change& change : operations.changes) {
    const Property* property = find(change.property);
    std::string quoted = "\"" + std::string(change.property) + "\"";
    if (property == nullptr) {
      return Error{Code::unknown_property, "there is no property " + quoted, pointer_to(change),
                   "name a property of the collection"};
    }
    const MergeRule& rule = *property->rule;
    if (std::ranges::find(rule.verbs, change.verb) == rule.verbs.end()) {
      return Error{Code::bad_value,
                   "\"" + std::string(change.verb) + "\" does not fit " + quoted +
                       ", whose merge type is " + std::string(rule.name),
                   pointer_to(change), "use " + listed(rule.verbs)};
    }
    if (rule.check == nullptr) continue;
    if (Status checked = rule.check(change); !checked) {
      Error error = checked.error();
      error.where = pointer_to(change) + error.where;
      return error;
    }
  }
  return ok;
}

}  // namespace plait
