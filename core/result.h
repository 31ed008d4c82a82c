// core/result.h: a value, or the Error that explains why there is none.
//
//   auto id = parse_ulid(text);
//   if (!id) return id.error();
//   use(*id);
//
// Core never throws: a function that can fail returns a Result, and nobody may drop it.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "core/error.h"

namespace plait {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return held_.index() == 0; }

  // REQUIRES: there is a value.
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: there is no value.
  const Error& error() const {
    assert(held_.index() == 1);
    return *std::get_if<1>(&held_);
  }

 private:
  T& value() {
    assert(held_.index() == 0);
    return *std::get_if<0>(&held_);
  }
  const T& value() const {
    assert(held_.index() == 0);
    return *std::get_if<0>(&held_);
  }

  std::variant<T, Error> held_;
};

// What a function returns that yields nothing but may refuse: `return ok;`.
struct Ok {};
inline constexpr Ok ok{};
using Status = Result<Ok>;

}  // namespace plait
