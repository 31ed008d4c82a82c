// gateway/readers.h: threads that read first results and fetches in the snapshots of ticks.
//
// The tail owns the snapshots. When jobs wait and a reader is idle, the tail exports the snapshot
// that it reads a tick with and hands out the jobs; it waits only until each reader has imported
// it, never for what is read. An import that fails, a connection that breaks: the job waits for
// another tick.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/database.h"
#include "gateway/jobs.h"
#include "gateway/read.h"

namespace plait::gateway {

class Readers {
 public:
  struct Settings {
    std::string dsn;
    std::string role;  // empty: the login's own
    std::size_t threads = 4;
    ReadBounds bounds;
  };

  // `answer` is called by the readers' threads. `wants` when wants_snapshot() has become true.
  Readers(const Settings& settings, std::function<void(JobDone)> answer,
          std::function<void()> wants);
  ~Readers();  // gives up what is being read

  void order(std::vector<ReadJob> jobs);

  // For the tail: whether a job waits and a reader is idle; and the snapshot for them, as
  // pg_export_snapshot() names it. Returns when it may end the snapshot's transaction.
  bool wants_snapshot();
  void hand_out(const std::string& snapshot, const Position& position);

 private:
  struct Job {
    ReadJob job;
    int imports = 0;  // that failed
    int reads = 0;    // that failed
  };
  struct Reader {
    std::thread thread;
    Database* database = nullptr;  // while connected
    bool idle = false;
    std::string snapshot;
    Position position;
    std::vector<Job> jobs;  // handed out
    bool imported = true;   // or failed to
  };

  void run(Reader& reader);
  void serve(Reader& reader, Database& database);
  void work(Reader& reader, Database& database);
  bool wants_snapshot_locked() const;
  void settle_import(Reader& reader);
  JobDone read(Database& database, const ReadJob& job, const Position& position) const;
  void put_back(std::vector<Job> jobs);
  void put_back_or_answer(std::vector<Job> jobs, const DatabaseError& failure);

  Settings settings_;
  std::function<void(JobDone)> answer_;
  std::function<void()> wants_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::vector<Reader> readers_;
  bool stopping_ = false;
};

}  // namespace plait::gateway
