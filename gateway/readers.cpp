// gateway/readers.cpp: the pool, its hand-over with the tail.

#include "gateway/readers.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/query/sql.h"
namespace plait::gateway {

namespace {

constexpr std::size_t jobs_a_hand_out = 8;  // a slow one holds up no more than these
constexpr int reads_max = 3;                // of a job whose own read failed
constexpr int imports_max =
    50;  // of a job whose readers could not import, as while Postgres restarts
// An import takes less than a millisecond; a reader that hangs must not hold up the feed.
constexpr std::chrono::milliseconds import_max{1'000};

}  // namespace

Readers::Readers(const Settings& settings, std::function<void(JobDone)> answer,
                 std::function<void()> wants)
    : settings_(settings),
      answer_(std::move(answer)),
      wants_(std::move(wants)),
      readers_(settings.threads) {
  for (Reader& reader : readers_) reader.thread = std::thread([this, &reader] { run(reader); });
}

Readers::~Readers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Reader& reader : readers_) {
      if (reader.database != nullptr) reader.database->cancel();
    }
  }
  changed_.notify_all();
  for (Reader& reader : readers_) reader.thread.join();
}

void Readers::order(std::vector<ReadJob> jobs) {
  std::vector<Job> fresh;
  for (ReadJob& job : jobs) fresh.push_back({std::move(job)});
  put_back(std::move(fresh));
}

void Readers::put_back(std::vector<Job> jobs) {
  bool wants;
  {
    std::lock_guard lock(mutex_);
    std::ranges::move(jobs, std::back_inserter(waiting_));
    wants = wants_snapshot_locked();
  }
  if (wants) wants_();
}

bool Readers::wants_snapshot() {
  std::lock_guard lock(mutex_);
  return wants_snapshot_locked();
}

bool Readers::wants_snapshot_locked() const {
  return !waiting_.empty() && std::ranges::any_of(readers_, &Reader::idle);
}

void Readers::hand_out(const std::string& snapshot, const Position& position) {
  std::unique_lock lock(mutex_);
  std::vector<Reader*> idle;
  for (Reader& reader : readers_) {
    if (reader.idle) idle.push_back(&reader);
  }
  if (idle.empty()) return;
  for (std::size_t i = 0; i < idle.size() * jobs_a_hand_out && !waiting_.empty(); ++i) {
    Reader& reader = *idle[i % idle.size()];
    reader.jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  for (Reader* reader : idle) {
    if (reader->jobs.empty()) continue;
    reader->idle = false;
    reader->imported = false;
    reader->snapshot = snapshot;
    reader->position = position;
  }
  changed_.notify_all();
  changed_.wait_for(lock, import_max, [&] {
    return std::ranges::all_of(idle, [](const Reader* reader) { return reader->imported; });
  });
}

void Readers::run(Reader& reader) {
  Backoff backoff;
  for (;;) {
    try {
      Database database(settings_.dsn, Database::Path::plait);
      backoff.reset();
      serve(reader, database);
    } catch (const DatabaseError&) {
      // The tail reports the database's absence; a reader only comes back.
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, backoff.next(), [&] { return stopping_; })) return;
  }
}

// Until the readers stop; throws when the connection broke.
void Readers::serve(Reader& reader, Database& database) {
  // The destructor cancels what it finds here, so it must not outlive the connection.
  auto show = [&](Database* shown) {
    std::lock_guard lock(mutex_);
    reader.database = shown;
    reader.idle = shown != nullptr;
    return wants_snapshot_locked();
  };
  for (;;) {
    if (show(&database)) wants_();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !reader.idle; });
      if (stopping_) break;
    }
    work(reader, database);
    if (database.is_broken()) break;
  }
  show(nullptr);
}

void Readers::settle_import(Reader& reader) {
  {
    std::lock_guard lock(mutex_);
    reader.imported = true;
  }
  changed_.notify_all();
}

void Readers::work(Reader& reader, Database& database) {
  std::vector<Job> jobs = std::exchange(reader.jobs, {});
  try {
    // Only pg_export_snapshot() makes such names, so it may stand in the text.
    database.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '" +
                 reader.snapshot + "'");
  } catch (const DatabaseError& failure) {
    settle_import(reader);
    database.roll_back();
    for (Job& job : jobs) ++job.imports;
    return put_back_or_answer(std::move(jobs), failure);
  }
  settle_import(reader);
  std::size_t at = 0;
  try {
    if (!settings_.role.empty()) {
      database.run("SET LOCAL ROLE " + query::quoted_identifier(settings_.role));
    }
    for (; at < jobs.size(); ++at) answer_(read(database, jobs[at].job, reader.position));
    database.run("COMMIT");
  } catch (const DatabaseError& failure) {
    database.roll_back();
    jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(at));
    if (jobs.empty()) return;
    // Those behind the one that failed have no share in it.
    const bool passing = failure.connection_lost || worth_retry(failure.error.code);
    jobs.front().reads += passing ? 1 : reads_max;
    put_back_or_answer(std::move(jobs), failure);
  }
}

JobDone Readers::read(Database& database, const ReadJob& job, const Position& position) const {
  if (auto* first = std::get_if<FirstRead>(&job.read)) {
    return {job.number, read_first(database, *first, position, settings_.bounds)};
  }
  if (auto* fetch = std::get_if<FetchRead>(&job.read)) {
    return {job.number, read_rows(database, *fetch, position, settings_.bounds)};
  }
  return {job.number,
          read_rows(database, std::get<EntitiesRead>(job.read), position, settings_.bounds)};
}

void Readers::put_back_or_answer(std::vector<Job> jobs, const DatabaseError& failure) {
  std::vector<Job> again;
  for (Job& job : jobs) {
    if (job.reads >= reads_max || job.imports >= imports_max) {
      answer_({job.job.number, failure.error});
    } else {
      again.push_back(std::move(job));
    }
  }
  put_back(std::move(again));
}

}  // namespace plait::gateway
