// gateway/workers.h: threads that commit, and read history, schema and literals, each in a
// transaction.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/database.h"
#include "gateway/jobs.h"

namespace plait::gateway {

class Workers {
 public:
  struct Settings {
    std::string dsn;
    std::string role;  // empty: the login's own
    std::size_t threads = 4;
  };

  // `answer` is called by the workers' threads.
  Workers(const Settings& settings, std::function<void(JobDone)> answer);
  ~Workers();  // finishes what is under way, drops what waits

  // Begun in this order.
  void order(std::vector<WorkJob> jobs);

 private:
  void run();

  Settings settings_;
  std::function<void(JobDone)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<WorkJob> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace plait::gateway
