// gateway/jobs.h: what the loop asks of the threads that talk to Postgres, and what they answer.
//
// A job has a number, never given twice, that its answer carries; who asked may be gone by then.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/error.h"
#include "gateway/batch.h"
#include "gateway/catalogue.h"
#include "gateway/position.h"
#include "gateway/reactor.h"
#include "gateway/session.h"
#include "gateway/wish.h"

namespace plait::gateway {

// --- reads in the snapshot of a tick, which the tail gives to readers
// ------------------------------

struct FetchRead {
  WishPtr wish;
};
struct EntitiesRead {
  std::string collection;
  std::vector<EntityId> entities;
};
struct ReadJob {
  std::uint64_t number;
  std::variant<FirstRead, FetchRead, EntitiesRead> read;
};

struct FetchedRows {
  std::int64_t tick = 0;
  std::vector<std::string> chunks;  // row texts joined by commas, a `rows` message each
};

// --- work in a transaction of its own
// ---------------------------------------------------------------

struct CommitWork {
  std::string events;  // plait.commit's argument
};
struct HistoryWork {
  std::string collection;
  std::string key;
  std::optional<std::int64_t> budget;
  std::optional<std::vector<EventId>> only;  // these events, as far as they exist
};
struct StatusWork {};
struct LiteralsWork {
  std::vector<query::Literal> literals;
};
struct SchemaWork {};
struct WorkJob {
  std::uint64_t number;
  std::variant<CommitWork, HistoryWork, StatusWork, LiteralsWork, SchemaWork> work;
};

struct CommitDone {
  std::string answer;  // plait.commit's, a JSON object
  CoveredBy covered_by;
};
struct JsonRead {
  std::string json;
};

// --- answers
// -----------------------------------------------------------------------------------------

struct JobDone {
  std::uint64_t number;
  // Error: it failed, nothing was done or it may be done again. Refused: the database said no to a
  // commit.
  std::variant<FirstResult, FetchedRows, CommitDone, JsonRead, query::NormalisedLiterals,
               CataloguePtr, wire::Refused, Error>
      outcome;
};

// --- news of the tail
// --------------------------------------------------------------------------------

// The feed begins, or begins again elsewhere: after the start, and where the last cursor is
// unknown.
struct FeedBegins {
  NodeId database;
  Position position;
};
// Nothing is new, but more transactions are known to be finished.
struct FeedStands {
  Position position;
};
// The database is out of reach, or is back.
struct FeedReach {
  bool reached;
  std::string why_not;
};

using News = std::variant<JobDone, BatchPtr, FeedBegins, FeedStands, FeedReach>;

}  // namespace plait::gateway
