// gateway/work.h: what a worker does with one job, in one transaction.
#pragma once

#include <string>

#include "gateway/database.h"
#include "gateway/jobs.h"

namespace plait::gateway {

using Outcome = decltype(JobDone::outcome);

// plait.commit in one READ COMMITTED transaction that is durable when it is answered. Serialization
// failures and deadlocks are tried again a few times. CommitDone; Refused: the database's definite
// no; Error `unavailable`: it is not known whether it was committed. Throws DatabaseError where the
// connection broke and nothing was committed.
Outcome run_commit(Database& database, const std::string& role, const CommitWork& work);

// These read, and throw DatabaseError.
JsonRead read_history(Database& database, const std::string& role, const HistoryWork& work);
JsonRead read_status(Database& database, const std::string& role);
CataloguePtr read_catalogue(Database& database, const std::string& role);
// A literal that the database does not take is refused with bad_query.
query::NormalisedLiterals read_literals(Database& database, const std::string& role,
                                        const LiteralsWork& work);

}  // namespace plait::gateway
