// gateway/inbox.h: how other threads hand news to the loop: they append, and wake it.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace plait::gateway {

template <typename Item>
class Inbox {
 public:
  // `wake` is called by the thread that puts, once for all that the loop has not taken yet.
  // To be set before the first put.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

  void put(Item item) {
    bool was_empty;
    {
      std::lock_guard lock(mutex_);
      was_empty = items_.empty();
      items_.push_back(std::move(item));
    }
    if (was_empty && wake_) wake_();
  }

  // In the order in which they were put.
  std::vector<Item> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Item> items_;
  std::function<void()> wake_;
};

}  // namespace plait::gateway
