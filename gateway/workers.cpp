// gateway/workers.cpp: a queue, threads, and a connection each.

#include "gateway/workers.h"

#include <algorithm>
#include <chrono>

#include "gateway/work.h"

namespace plait::gateway {

namespace {

using Clock = std::chrono::steady_clock;

// A worker's connection, made when it is needed; while it cannot be made, jobs fail at once.
class Line {
 public:
  Line(std::string dsn, Database::Path path) : dsn_(std::move(dsn)), path_(path) {}

  // Throws DatabaseError: out of reach.
  Database& database() {
    if (database_ && !database_->is_broken()) return *database_;
    database_.reset();
    if (Clock::now() < next_try_) throw failure_;
    try {
      database_ = std::make_unique<Database>(dsn_, path_);
      backoff_.reset();
    } catch (const DatabaseError& failure) {
      failure_ = failure;
      next_try_ = Clock::now() + backoff_.next();
      throw;
    }
    return *database_;
  }
  void roll_back() {
    if (database_) database_->roll_back();
  }

 private:
  std::string dsn_;
  Database::Path path_;
  std::unique_ptr<Database> database_;
  Backoff backoff_;
  Clock::time_point next_try_;
  DatabaseError failure_;
};

// A connection that broke while nobody used it says so only when it is used: once more, then.
template <typename Work>
Outcome try_twice(Line& line, Work&& work) {
  for (bool again : {true, false}) {
    try {
      return work(line.database());
    } catch (const DatabaseError& failure) {
      if (!again || !failure.connection_lost) {
        line.roll_back();
        return failure.error;
      }
    }
  }
  return Error{};
}

Outcome do_work(const WorkJob& job, const std::string& role, Line& own_path, Line& plait_path) {
  if (auto* commit = std::get_if<CommitWork>(&job.work)) {
    return try_twice(own_path,
                     [&](Database& database) { return run_commit(database, role, *commit); });
  }
  return try_twice(plait_path, [&](Database& database) -> Outcome {
    if (auto* history = std::get_if<HistoryWork>(&job.work))
      return read_history(database, role, *history);
    if (std::holds_alternative<StatusWork>(job.work)) return read_status(database, role);
    if (auto* literals = std::get_if<LiteralsWork>(&job.work))
      return read_literals(database, role, *literals);
    return read_catalogue(database, role);
  });
}

}  // namespace

Workers::Workers(const Settings& settings, std::function<void(JobDone)> answer)
    : settings_(settings), answer_(std::move(answer)) {
  for (std::size_t i = 0; i < settings_.threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::order(std::vector<WorkJob> jobs) {
  {
    std::lock_guard lock(mutex_);
    std::ranges::move(jobs, std::back_inserter(waiting_));
  }
  changed_.notify_all();
}

void Workers::run() {
  // The user's own triggers run in a commit and expect the role's search_path; reads must not
  // depend on it.
  Line own_path(settings_.dsn, Database::Path::role);
  Line plait_path(settings_.dsn, Database::Path::plait);
  for (;;) {
    WorkJob job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    answer_({job.number, do_work(job, settings_.role, own_path, plait_path)});
  }
}

}  // namespace plait::gateway
