// gateway/hub.cpp: effects are carried out, answers brought home.

#include "gateway/hub.h"

#include <algorithm>

namespace plait::gateway {

namespace {

// An error after which a newer schema may make the query good.
bool may_be_of_an_old_schema(Code code) {
  return code == Code::unknown_collection || code == Code::unknown_property ||
         code == Code::being_tracked || code == Code::not_supported;
}

std::string json_text(std::string_view type, const std::string& id, std::string_view member,
                      const std::string& json) {
  std::string out = R"({"type":")" + std::string(type) + R"(","id":)";
  append_json_string(out, id);
  return out + ",\"" + std::string(member) + "\":" + json + "}";
}

// A `committed` message around plait.commit's answer, a JSON object.
std::string committed_text(const std::string& id, std::string_view answer) {
  std::string out = R"({"type":"committed","id":)";
  append_json_string(out, id);
  answer.remove_prefix(1);
  return out + (answer == "}" ? "" : ",") + std::string(answer);
}

}  // namespace

Hub::Hub(const Settings& settings, std::string server, Metrics& metrics)
    : settings_(settings), metrics_(metrics), reactor_(settings.backlog_bytes_max) {
  facts_.server = std::move(server);
  facts_.limits = settings.limits;
}

// --- sockets -----------------------------------------------------------------------------------

Hub::Client* Hub::find(SessionNumber session) {
  auto client = clients_.find(session);
  return client == clients_.end() ? nullptr : &client->second;
}

SessionNumber Hub::opened(const Now& now) {
  SessionNumber session = ++last_session_;
  clients_.emplace(
      session, Client{Session(settings_.timing, now), Outbox(settings_.outbox), false, {}, {}, {}});
  return session;
}

void Hub::received(SessionNumber session, std::string_view text, const Now& now) {
  ++metrics_.messages_received;
  carry_out(session, clients_.at(session).session.receive(text, facts_, now));
}

void Hub::received_binary(SessionNumber session) {
  carry_out(session, clients_.at(session).session.receive_binary());
}

void Hub::received_too_much(SessionNumber session) {
  carry_out(session, clients_.at(session).session.receive_too_much(facts_));
}

void Hub::heard(SessionNumber session, const Now& now) { clients_.at(session).session.hear(now); }

void Hub::closed(SessionNumber session) {
  reactor_.leave_all(session);
  clients_.erase(session);
  touched_.erase(session);
}

bool Hub::reads_more(SessionNumber session) const {
  const Session& of = clients_.at(session).session;
  return of.requests() < static_cast<std::size_t>(settings_.limits.requests_max);
}

std::vector<SessionNumber> Hub::take_touched() {
  std::vector<SessionNumber> touched(touched_.begin(), touched_.end());
  touched_.clear();
  return touched;
}

// --- effects -----------------------------------------------------------------------------------

void Hub::carry_out(SessionNumber session, Effects effects) {
  Client& client = clients_.at(session);
  if (client.end) return;  // the last words are said
  for (Effect& effect : effects) {
    if (auto* say = std::get_if<Say>(&effect)) {
      client.outbox.say(std::move(say->text));
      check_speed(session, client);
    } else if (std::holds_alternative<SendPing>(effect)) {
      client.ping = true;
    } else if (auto* hang_up = std::get_if<HangUp>(&effect)) {
      client.end = hang_up->code;
      reactor_.leave_all(session);
    } else if (auto* join = std::get_if<JoinAtTick>(&effect)) {
      client.wishes.insert_or_assign(join->wish.id, join->wish);
      subscribe({session, std::move(join->wish), false}, {});
    } else if (auto* leaves = std::get_if<LeaveGroup>(&effect)) {
      leave(session, leaves->query);
    } else if (auto* run = std::get_if<RunFetch>(&effect)) {
      fetch({session, std::move(run->fetch), false}, {});
    } else if (auto* commits = std::get_if<RunCommit>(&effect)) {
      commit(session, commits->commit);
    } else if (auto* asks = std::get_if<RunHistory>(&effect)) {
      history(session, asks->history);
    } else if (auto* status = std::get_if<RunStatus>(&effect)) {
      order(ForJson{session, status->id, "status", "items"}, StatusWork{});
    }
  }
  if (!effects.empty()) touch(session);
}

void Hub::leave(SessionNumber session, const std::string& query) {
  Client& client = clients_.at(session);
  client.wishes.erase(query);
  client.joined_anew.erase(query);
  client.outbox.forget(query);
  reactor_.leave({session, query});
  std::erase_if(purposes_, [&](const auto& purpose) {
    auto* what = std::get_if<ForSubscribe>(&purpose.second);
    return what != nullptr && what->session == session && what->wish.id == query;
  });
}

template <typename For>
void Hub::prepare(For what, const std::string& id, const Unanswered& unanswered) {
  constexpr std::size_t literals_max = 1'000;
  if (unanswered.literals.size() > literals_max) {
    return carry_out(
        what.session,
        clients_.at(what.session)
            .session.fail(id, {Code::too_large, "too many literals that only the database can read",
                               "", "write them as the database prints them"}));
  }
  order(std::move(what), LiteralsWork{unanswered.literals});
}

template <typename For>
void Hub::retry_or_fail(For what, const std::string& id, const Error& error) {
  if (!what.fresh_schema && may_be_of_an_old_schema(error.code)) {
    what.fresh_schema = true;
    order(std::move(what), SchemaWork{});
    return;
  }
  SessionNumber session = what.session;
  carry_out(session, clients_.at(session).session.fail(id, error));
}

void Hub::subscribe(ForSubscribe what, const query::NormalisedLiterals& answers) {
  const std::string id = what.wish.id;
  auto understood = understand(what.wish.query, what.wish.params, *facts_.catalogue, answers);
  if (!understood) return retry_or_fail(std::move(what), id, understood.error());
  if (auto* unanswered = std::get_if<Unanswered>(&*understood)) {
    return prepare(std::move(what), id, *unanswered);
  }
  FirstRead read =
      reactor_.join({what.session, id}, std::get<WishPtr>(*understood), what.wish.cursor);
  order(ForFirstResult{read.number}, std::move(read));
}

void Hub::fetch(ForFetch what, const query::NormalisedLiterals& answers) {
  const std::string id = what.fetch.id;
  if (auto* events = std::get_if<wire::FetchEvents>(&what.fetch.what)) {
    order(ForJson{what.session, id, "events", "events"},
          HistoryWork{events->collection, events->key, std::nullopt, events->events});
    return;
  }
  if (auto* entities = std::get_if<wire::FetchEntities>(&what.fetch.what)) {
    auto collection = facts_.catalogue->readable(entities->collection);
    if (!collection) return retry_or_fail(std::move(what), id, collection.error());
    EntitiesRead read{entities->collection, entities->entities};
    order(std::move(what), std::move(read));
    return;
  }
  const auto& wish = std::get<wire::FetchQuery>(what.fetch.what);
  auto understood = understand(wish.query, wish.params, *facts_.catalogue, answers);
  if (!understood) return retry_or_fail(std::move(what), id, understood.error());
  if (auto* unanswered = std::get_if<Unanswered>(&*understood)) {
    return prepare(std::move(what), id, *unanswered);
  }
  order(std::move(what), FetchRead{std::get<WishPtr>(*understood)});
}

void Hub::commit(SessionNumber session, const wire::Commit& wish) {
  std::string events = "{\"events\":" + to_text(wish.events);
  if (wish.context) events += ",\"context\":" + to_text(*wish.context);
  order(ForCommit{session, wish.id}, CommitWork{events + "}"});
}

void Hub::history(SessionNumber session, const wire::History& wish) {
  order(ForJson{session, wish.id, "history", "events"},
        HistoryWork{wish.collection, wish.key, wish.budget, {}});
}

// --- jobs --------------------------------------------------------------------------------------

std::uint64_t Hub::order(Purpose purpose, decltype(WorkJob::work) work) {
  purposes_.emplace(++last_job_, std::move(purpose));
  work_.push_back({last_job_, std::move(work)});
  return last_job_;
}

std::uint64_t Hub::order(Purpose purpose, decltype(ReadJob::read) read) {
  purposes_.emplace(++last_job_, std::move(purpose));
  reads_.push_back({last_job_, std::move(read)});
  return last_job_;
}

void Hub::done(JobDone answer) {
  auto found = purposes_.find(answer.number);
  if (found == purposes_.end()) return;  // who asked has left
  Purpose purpose = std::move(found->second);
  purposes_.erase(found);
  std::visit([&](const auto& what) { finish(what, answer); }, purpose);
}

void Hub::finish(const ForSubscribe& what, JobDone& answer) {
  if (auto* catalogue = std::get_if<CataloguePtr>(&answer.outcome)) adopt(*catalogue);
  Client* client = find(what.session);
  if (client == nullptr || !client->session.has_query(what.wish.id)) return;
  if (auto* error = std::get_if<Error>(&answer.outcome))
    return fail_query({what.session, what.wish.id}, *error);
  auto* literals = std::get_if<query::NormalisedLiterals>(&answer.outcome);
  subscribe(what, literals ? *literals : query::NormalisedLiterals{});
}

void Hub::finish(const ForFetch& what, JobDone& answer) {
  if (auto* catalogue = std::get_if<CataloguePtr>(&answer.outcome)) adopt(*catalogue);
  Client* client = find(what.session);
  if (client == nullptr || client->end) return;
  const std::string& id = what.fetch.id;
  if (auto* error = std::get_if<Error>(&answer.outcome)) {
    return carry_out(what.session, client->session.fail(id, *error));
  }
  auto* rows = std::get_if<FetchedRows>(&answer.outcome);
  if (rows == nullptr) {
    auto* literals = std::get_if<query::NormalisedLiterals>(&answer.outcome);
    return fetch(what, literals ? *literals : query::NormalisedLiterals{});
  }
  ++metrics_.results;
  const std::size_t count = std::max<std::size_t>(rows->chunks.size(), 1);
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view chunk = rows->chunks.empty() ? std::string_view() : rows->chunks[i];
    client->outbox.say_rows(wire::rows_text(id, rows->tick, i == 0, chunk, {}, i + 1 < count), id);
  }
  client->session.answered(id);
  touch(what.session);
  check_speed(what.session, *client);
}

void Hub::finish(const ForFirstResult& what, JobDone& answer) {
  if (auto* result = std::get_if<FirstResult>(&answer.outcome)) {
    ++metrics_.results;
    reactor_.give(what.read, std::move(*result));
    return deliver();
  }
  if (auto subscriber = reactor_.fail(what.read))
    fail_query(*subscriber, std::get<Error>(answer.outcome));
}

void Hub::finish(const ForCommit& what, JobDone& answer) {
  auto* done = std::get_if<CommitDone>(&answer.outcome);
  auto* refused = std::get_if<wire::Refused>(&answer.outcome);
  ++(done      ? metrics_.commits_accepted
     : refused ? metrics_.commits_refused
               : metrics_.commits_failed);
  Client* client = find(what.session);
  if (client == nullptr || client->end) return;
  if (refused != nullptr)
    return carry_out(what.session, client->session.refused(what.id, *refused));
  if (done == nullptr) {
    return carry_out(what.session, client->session.fail(what.id, std::get<Error>(answer.outcome)));
  }
  carry_out(what.session, client->session.committed(what.id, committed_text(what.id, done->answer),
                                                    std::move(done->covered_by)));
  tell_covered(what.session);
}

void Hub::finish(const ForJson& what, JobDone& answer) {
  Client* client = find(what.session);
  if (client == nullptr || client->end) return;
  if (auto* error = std::get_if<Error>(&answer.outcome)) {
    return carry_out(what.session, client->session.fail(what.id, *error));
  }
  const std::string& json = std::get<JsonRead>(answer.outcome).json;
  client->outbox.say_rows(json_text(what.type, what.id, what.member, json), what.id);
  client->session.answered(what.id);
  touch(what.session);
  check_speed(what.session, *client);
}

void Hub::finish(const ForSchema&, JobDone& answer) {
  schema_is_asked_ = false;
  if (auto* catalogue = std::get_if<CataloguePtr>(&answer.outcome)) adopt(*catalogue);
}

// --- news --------------------------------------------------------------------------------------

void Hub::take(News news, const Now& now) {
  if (auto* answer = std::get_if<JobDone>(&news)) {
    done(std::move(*answer));
  } else if (auto* batch = std::get_if<BatchPtr>(&news)) {
    ++metrics_.batches;
    reactor_.apply(*batch);
    facts_.position = reactor_.position();
    metrics_.tick = facts_.position.tick;
    for (const auto& [collection, changes] : (*batch)->changes) metrics_.changes += changes.size();
    deliver();
  } else if (auto* stands = std::get_if<FeedStands>(&news)) {
    reactor_.stand_at(stands->position);
    facts_.position = stands->position;
    for (const auto& [session, unused] : clients_) tell_covered(session);
  } else if (auto* feed = std::get_if<FeedBegins>(&news)) {
    begin(*feed);
    look_at_schema();
    schema_seen_ms_ = now.ms;
  } else if (auto* reach = std::get_if<FeedReach>(&news)) {
    metrics_.set_reach(reach->reached, reach->why_not);
    if (!reach->reached) ++metrics_.database_losses;
  }
}

void Hub::begin(const FeedBegins& feed) {
  const bool another_database = has_begun_ && feed.database != facts_.database;
  auto subscribers = reactor_.end_all();
  reactor_.take();
  reactor_.stand_at(feed.position);
  facts_.database = feed.database;
  facts_.position = feed.position;
  metrics_.tick = feed.position.tick;
  has_begun_ = true;
  if (!another_database) return join_anew(subscribers);
  for (auto& [session, client] : clients_) {
    carry_out(session,
              client.session.say_goodbye(
                  wire::Close::new_life,
                  {Code::cursor_unknown, "the database is another one now", "", "connect again"}));
  }
}

void Hub::join_anew(const std::vector<Subscriber>& subscribers) {
  for (const auto& [session, query] : subscribers) {
    Client& client = clients_.at(session);
    wire::Subscribe wish = client.wishes.at(query);
    client.joined_anew.insert(query);
    wish.cursor.reset();
    order(ForSubscribe{session, std::move(wish), true}, SchemaWork{});
  }
}

// Its subscriber has done nothing to have it ended.
void Hub::fail_query(const Subscriber& subscriber, const Error& error) {
  Client* client = find(subscriber.session);
  if (client == nullptr) return;
  if (error.code == Code::unavailable && client->joined_anew.contains(subscriber.query))
    return unanswered_.push_back(subscriber);
  carry_out(subscriber.session, client->session.fail(subscriber.query, error));
}

void Hub::look_at_schema() {
  if (schema_is_asked_) return;
  schema_is_asked_ = true;
  order(ForSchema{}, SchemaWork{});
}

void Hub::adopt(CataloguePtr catalogue) {
  CataloguePtr before = std::exchange(facts_.catalogue, std::move(catalogue));
  if (before == nullptr) return;
  auto changed = facts_.catalogue->differences(*before);
  if (changed.empty()) return;
  UnitPart part;
  part.text = std::make_shared<const std::string>(
      to_text(wire::Schema{facts_.position.tick, facts_.catalogue->told()}));
  for (auto& [session, client] : clients_) {
    if (client.session.is_open()) add_unit(session, client, {part});
  }
  join_anew(reactor_.end_all_of({changed.begin(), changed.end()}));
}

// --- units -------------------------------------------------------------------------------------

void Hub::deliver() {
  Reactor::News news = reactor_.take();
  metrics_.deltas += news.deltas;
  std::vector<Subscriber> outdated;
  for (const auto& [subscriber, error] : news.ended) {
    Client* client = find(subscriber.session);
    if (client == nullptr) continue;
    if (error.code == Code::bad_query) {
      outdated.push_back(subscriber);
    } else {
      carry_out(subscriber.session, client->session.fail(subscriber.query, error));
    }
  }
  for (auto& [session, parts] : news.parts) {
    if (Client* client = find(session)) add_unit(session, *client, std::move(parts));
  }
  for (const auto& [session, unused] : clients_) tell_covered(session);
  join_anew(outdated);
}

void Hub::tell_covered(SessionNumber session) {
  Client& client = clients_.at(session);
  if (!client.session.is_open() || !client.session.waits_for_ticks()) return;
  auto commits = client.session.take_covered(facts_.position);
  if (commits.empty()) return;
  client.outbox.add_unit({}, facts_.position.cursor, std::move(commits));
  client.session.told(facts_.position);
  touch(session);
}

void Hub::add_unit(SessionNumber session, Client& client, std::vector<UnitPart> parts) {
  if (client.end) return;
  auto commits = client.session.take_covered(facts_.position);
  client.outbox.add_unit(std::move(parts), facts_.position.cursor, std::move(commits));
  client.session.told(facts_.position);
  touch(session);
  check_speed(session, client);
}

void Hub::check_speed(SessionNumber session, Client& client) {
  if (client.end || !client.outbox.is_too_slow()) return;
  ++metrics_.closed_too_slow;
  client.outbox.clear();
  carry_out(session, client.session.say_goodbye(wire::Close::too_slow,
                                                {Code::too_slow, "too much waits to be read", "",
                                                 "connect again and resume"}));
}

// --- time and end --------------------------------------------------------------------------------

void Hub::second(const Now& now) {
  std::vector<Subscriber> unanswered = std::exchange(unanswered_, {});
  std::erase_if(unanswered, [&](const Subscriber& subscriber) {
    Client* client = find(subscriber.session);
    return client == nullptr || client->end || !client->joined_anew.contains(subscriber.query);
  });
  join_anew(unanswered);
  for (auto& [session, client] : clients_) {
    carry_out(session, client.session.pass_time(now));
    if (client.session.wants_cursor(facts_.position)) add_unit(session, client, {});
  }
  if (has_begun_ && now.ms - schema_seen_ms_ >= settings_.schema_ms) {
    schema_seen_ms_ = now.ms;
    look_at_schema();
  }
  update_gauges();
}

void Hub::update_gauges() {
  metrics_.sessions = clients_.size();
  metrics_.queries = reactor_.subscribers();
  metrics_.groups = reactor_.groups();
  metrics_.backlog_bytes = reactor_.backlog_bytes();
  metrics_.jobs = purposes_.size();
}

Watched Hub::watched() const {
  Watched watched;
  for (const std::string& name : reactor_.collections()) {
    auto collection = facts_.catalogue->find(name);
    watched.emplace(name, collection ? Telling{collection->key, collection->derived} : Telling{});
  }
  return watched;
}

void Hub::drain() { facts_.draining = true; }

bool Hub::is_drained() const {
  return std::ranges::none_of(purposes_, [](const auto& purpose) {
    return std::holds_alternative<ForCommit>(purpose.second);
  });
}

void Hub::say_goodbye() {
  for (auto& [session, client] : clients_) {
    carry_out(session, client.session.say_goodbye(
                           wire::Close::going_away,
                           {Code::unavailable, "the gateway is stopping", "", "connect again"}));
  }
}

}  // namespace plait::gateway
