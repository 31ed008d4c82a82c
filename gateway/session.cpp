// gateway/session.cpp: what a session answers.

#include "gateway/session.h"

#include "core/wire/cursor.h"

namespace plait::gateway {

namespace {

Say say_error(std::optional<std::string> id, const Error& error) {
  wire::Failure failure{std::move(id), error, worth_retry(error.code), ""};
  return {to_text(failure)};
}

Error no_json(const Error& error) {
  return {Code::bad_message, "a frame that is no JSON: " + error.what, error.where,
          "send one JSON object a text frame"};
}

Error too_many_queries(std::int64_t max) {
  return {Code::too_many_queries, "more than " + std::to_string(max) + " live queries", "",
          "unsubscribe what is not looked at"};
}

Error id_in_use(const std::string& id) {
  return {Code::bad_message, "the id \"" + id + "\" is in use", "/id",
          "an id is free again when its request is answered, a live query's after unsubscribed"};
}

}  // namespace

Effects Session::say_goodbye(wire::Close code, const Error& error) {
  if (state_ == State::over) return {};
  state_ = State::over;
  wire::Goodbye goodbye{{std::nullopt, error, worth_retry(error.code), ""}};
  return {Say{to_text(goodbye)}, HangUp{code}};
}

Effects Session::receive_binary() {
  return say_goodbye(wire::Close::not_text, {Code::bad_message, "a binary frame", "",
                                             "send one JSON object a text frame"});
}

Effects Session::receive_too_much(const Facts& facts) {
  return say_goodbye(
      wire::Close::too_large,
      {Code::too_large,
       "a message of more than " + std::to_string(facts.limits.message_bytes_max) + " bytes", "",
       "split the commit; welcome tells the limits"});
}

void Session::hear(const Now& now) {
  heard_ms_ = now.ms;
  ping_ms_.reset();
}

Effects Session::receive(std::string_view text, const Facts& facts, const Now& now) {
  if (state_ == State::over) return {};
  hear(now);
  auto json = parse_json(text, {static_cast<std::size_t>(facts.limits.depth_max)});
  if (!json) return say_goodbye(wire::Close::bad_message, no_json(json.error()));
  auto request = wire::read_request(*json);
  if (state_ == State::silent && (!request || !std::holds_alternative<wire::Hello>(*request))) {
    Error error =
        request ? Error{Code::hello_first, "a message before hello", "/type", "send hello first"}
                : request.error();
    error.code = Code::hello_first;
    return say_goodbye(wire::Close::hello_first, error);
  }
  if (!request) {
    if (!json->is_object()) return say_goodbye(wire::Close::bad_message, request.error());
    return {say_error(wire::request_id(*json), request.error())};
  }
  return answer(std::move(*request), facts, now);
}

Effects Session::answer(wire::Request request, const Facts& facts, const Now& now) {
  if (auto* hello = std::get_if<wire::Hello>(&request)) return open(*hello, facts, now);
  if (auto* wish = std::get_if<wire::Unsubscribe>(&request)) return unsubscribe(*wish);
  const std::string id = std::visit([](const auto& message) { return message.id; }, request);
  if (queries_.contains(id) || requests_.contains(id)) return {say_error(id, id_in_use(id))};
  if (auto* ping = std::get_if<wire::Ping>(&request)) {
    return {Say{to_text(wire::Pong{ping->id, now.hlc})}};
  }
  if (facts.draining) {
    return {say_error(id, {Code::unavailable, "the gateway is stopping", "", "connect again"})};
  }
  if (auto* wish = std::get_if<wire::Subscribe>(&request))
    return subscribe(std::move(*wish), facts);
  if (auto* wish = std::get_if<wire::Commit>(&request)) return commit(std::move(*wish), facts);
  requests_.insert(id);
  if (auto* fetch = std::get_if<wire::Fetch>(&request)) return {RunFetch{std::move(*fetch)}};
  if (std::holds_alternative<wire::Status>(request)) return {RunStatus{id}};
  return {RunHistory{std::move(std::get<wire::History>(request))}};
}

Effects Session::open(const wire::Hello& hello, const Facts& facts, const Now& now) {
  if (state_ == State::open) {
    return {
        say_error(hello.id, {Code::bad_message, "hello was said already", "/type", "say it once"})};
  }
  if (hello.version != wire::version) {
    std::string what = "version " + std::to_string(hello.version) + " is asked for, version " +
                       std::to_string(wire::version) + " is spoken";
    return say_goodbye(
        wire::Close::version_unsupported,
        {Code::version_unsupported, what, "/version", "use a client of this release"});
  }
  if (hello.token) {
    Error error{Code::not_supported, "this gateway serves one role and takes no token", "/token",
                "leave the token out"};
    return say_goodbye(wire::Close::not_supported, error);
  }
  state_ = State::open;
  told_cursor_ = facts.position.cursor;
  wire::Welcome welcome{hello.id, wire::version,         facts.server, facts.database,
                        now.hlc,  facts.position.cursor, facts.limits, facts.catalogue->told()};
  return {Say{to_text(welcome)}};
}

Effects Session::subscribe(wire::Subscribe wish, const Facts& facts) {
  if (queries_.size() >= static_cast<std::size_t>(facts.limits.queries_max)) {
    return {say_error(wish.id, too_many_queries(facts.limits.queries_max))};
  }
  if (wish.cursor) {
    auto cursor = parse_cursor(*wish.cursor);
    if (!cursor) {
      Error error = cursor.error();
      error.where = "/cursor";
      return {say_error(wish.id, error)};
    }
  }
  queries_.insert(wish.id);
  return {JoinAtTick{std::move(wish)}};
}

Effects Session::unsubscribe(const wire::Unsubscribe& wish) {
  if (queries_.erase(wish.id) == 0) {
    return {say_error(wish.id, {Code::unknown_query, "there is no live query \"" + wish.id + "\"",
                                "/id", "unsubscribe by the id of the subscribe"})};
  }
  return {LeaveGroup{wish.id}, Say{to_text(wire::Unsubscribed{wish.id})}};
}

Effects Session::commit(wire::Commit wish, const Facts& facts) {
  const std::size_t count = wish.events.as_array().size();
  if (count > static_cast<std::size_t>(facts.limits.commit_events_max)) {
    std::string max = std::to_string(facts.limits.commit_events_max);
    return {say_error(
        wish.id, {Code::too_large, std::to_string(count) + " events, at most " + max + " a commit",
                  "/events", "split the commit"})};
  }
  if (commits_.contains(wish.id)) return {say_error(wish.id, id_in_use(wish.id))};
  requests_.insert(wish.id);
  return {RunCommit{std::move(wish)}};
}

Effects Session::fail(const std::string& id, const Error& error) {
  if (requests_.erase(id) != 0) return {say_error(id, error)};
  if (queries_.erase(id) == 0) return {};
  return {LeaveGroup{id}, say_error(id, error)};
}

Effects Session::committed(const std::string& id, std::string answer, CoveredBy covered_by) {
  if (requests_.erase(id) == 0) return {};
  commits_.insert_or_assign(id, std::move(covered_by));
  return {Say{std::move(answer)}};
}

Effects Session::refused(const std::string& id, wire::Refused refused) {
  if (requests_.erase(id) == 0) return {};
  refused.id = id;
  return {Say{to_text(refused)}};
}

std::vector<std::string> Session::take_covered(const Position& position) {
  std::vector<std::string> covered;
  std::erase_if(commits_, [&](const auto& commit) {
    const auto& [id, by] = commit;
    bool is_covered =
        by.xid ? position.finished.has(*by.xid) : position.finished.has_all_of(by.finished);
    if (is_covered) covered.push_back(id);
    return is_covered;
  });
  return covered;
}

Effects Session::pass_time(const Now& now) {
  if (state_ == State::over) return {};
  if (state_ == State::silent) {
    if (now.ms - opened_ms_ < timing_.hello_ms) return {};
    return say_goodbye(wire::Close::hello_first,
                       {Code::hello_first, "nothing was said", "", "send hello first"});
  }
  if (ping_ms_) {
    if (now.ms - *ping_ms_ < timing_.pong_ms) return {};
    state_ = State::over;
    return {HangUp{wire::Close::silent}};
  }
  if (now.ms - heard_ms_ < timing_.quiet_ms) return {};
  ping_ms_ = now.ms;
  return {SendPing{}};
}

}  // namespace plait::gateway
