// gateway/hub.h: sessions, reactor and the jobs under way, brought together; still without a
// socket.
//
// Who owns it (the loop; in tests a scripted world) hands it frames from sockets and news from the
// threads that talk to Postgres, and takes from it jobs, bytes to write and sockets to close. One
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/changes.h"
#include "gateway/facts.h"
#include "gateway/jobs.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/reactor.h"
#include "gateway/session.h"

namespace plait::gateway {

class Hub {
 public:
  struct Settings {
    wire::Limits limits;
    Session::Timing timing;
    Outbox::Bounds outbox;
    std::size_t backlog_bytes_max = 256 << 20;
    std::int64_t schema_ms = 5'000;  // between two looks at plait.schema()
  };

  Hub(const Settings& settings, std::string server, Metrics& metrics);

  // --- from the sockets
  SessionNumber opened(const Now& now);
  void received(SessionNumber session, std::string_view text, const Now& now);
  void received_binary(SessionNumber session);
  void received_too_much(SessionNumber session);
  void heard(SessionNumber session, const Now& now);  // a pong, or bytes left
  void closed(SessionNumber session);

  // --- from the threads
  void take(News news, const Now& now);

  // --- time and end
  void second(const Now& now);
  void drain();             // no new work from here on
  bool is_drained() const;  // no commit is under way
  void say_goodbye();       // to all

  // --- for the loop to carry out; what is taken is not given again
  std::vector<ReadJob> take_reads() { return std::exchange(reads_, {}); }
  std::vector<WorkJob> take_work() { return std::exchange(work_, {}); }
  std::vector<SessionNumber> take_touched();  // sessions with bytes, pings or an end to look at
  Watched watched() const;                    // what the tail has to read for

  // Of a session that is not closed().
  Outbox& outbox(SessionNumber session) { return clients_.at(session).outbox; }
  bool take_ping(SessionNumber session) { return std::exchange(clients_.at(session).ping, false); }
  // Set: close with this code once the outbox is empty.
  std::optional<wire::Close> end_of(SessionNumber session) const {
    return clients_.at(session).end;
  }
  bool reads_more(SessionNumber session) const;  // below its limit of requests

  // Whether the first catalogue and position are known, so that hello can be answered.
  bool is_ready() const { return facts_.catalogue != nullptr && has_begun_; }
  void update_gauges();

 private:
  struct Client {
    Session session;
    Outbox outbox;
    bool ping = false;
    std::optional<wire::Close> end;
    std::map<std::string, wire::Subscribe> wishes;  // of its live queries, to join anew
    std::set<std::string> joined_anew;              // by us: a lost connection does not end these
  };
  // What a job's answer is for.
  struct ForSubscribe {
    SessionNumber session;
    wire::Subscribe wish;
    bool fresh_schema;
  };
  struct ForFirstResult {
    std::uint64_t read;
  };
  struct ForFetch {
    SessionNumber session;
    wire::Fetch fetch;
    bool fresh_schema;
  };
  struct ForCommit {
    SessionNumber session;
    std::string id;
  };
  // A message of this type whose `member` is a JSON text of the database's.
  struct ForJson {
    SessionNumber session;
    std::string id;
    std::string_view type;
    std::string_view member;
  };
  struct ForSchema {};
  using Purpose =
      std::variant<ForSubscribe, ForFirstResult, ForFetch, ForCommit, ForJson, ForSchema>;

  void carry_out(SessionNumber session, Effects effects);
  void touch(SessionNumber session) { touched_.insert(session); }
  Client* find(SessionNumber session);

  // Starts, or goes on with, what needs an understood query; `answers` are those of its literals.
  void subscribe(ForSubscribe what, const query::NormalisedLiterals& answers);
  void fetch(ForFetch what, const query::NormalisedLiterals& answers);
  // A job for what cannot go on yet: literals to ask for, or a schema that may be newer; or its
  // failure.
  template <typename For>
  void prepare(For what, const std::string& id, const Unanswered& unanswered);
  template <typename For>
  void retry_or_fail(For what, const std::string& id, const Error& error);
  void commit(SessionNumber session, const wire::Commit& wish);
  void history(SessionNumber session, const wire::History& wish);
  void leave(SessionNumber session, const std::string& query);
  void join_anew(const std::vector<Subscriber>& subscribers);
  // The query ends, or waits for the database.
  void fail_query(const Subscriber& subscriber, const Error& error);

  std::uint64_t order(Purpose purpose, decltype(WorkJob::work) work);
  std::uint64_t order(Purpose purpose, decltype(ReadJob::read) read);
  void done(JobDone answer);
  void finish(const ForSubscribe& what, JobDone& answer);
  void finish(const ForFirstResult& what, JobDone& answer);
  void finish(const ForFetch& what, JobDone& answer);
  void finish(const ForCommit& what, JobDone& answer);
  void finish(const ForJson& what, JobDone& answer);
  void finish(const ForSchema& what, JobDone& answer);

  void begin(const FeedBegins& feed);
  void adopt(CataloguePtr catalogue);
  void look_at_schema();
  void deliver();  // what the reactor has made, as units
  void tell_covered(SessionNumber session);
  void add_unit(SessionNumber session, Client& client, std::vector<UnitPart> parts);
  void check_speed(SessionNumber session, Client& client);

  Settings settings_;
  Metrics& metrics_;
  Facts facts_;
  bool has_begun_ = false;
  Reactor reactor_;
  std::map<SessionNumber, Client> clients_;
  std::map<std::uint64_t, Purpose> purposes_;  // of the jobs under way
  std::set<SessionNumber> touched_;
  std::vector<Subscriber> unanswered_;  // joined anew once a second, until the database answers
  std::vector<ReadJob> reads_;
  std::vector<WorkJob> work_;
  SessionNumber last_session_ = 0;
  std::uint64_t last_job_ = 0;
  std::int64_t schema_seen_ms_ = 0;
  bool schema_is_asked_ = false;
};

}  // namespace plait::gateway
