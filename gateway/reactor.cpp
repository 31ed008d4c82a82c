// gateway/reactor.cpp: who waits, who is in, and what a batch means to them.

#include "gateway/reactor.h"

#include <algorithm>
#include <cassert>

#include "core/wire/message.h"

namespace plait::gateway {

namespace {

UnitPart result_part(const std::string& query, std::string text) {
  UnitPart part;
  part.text = std::make_shared<const std::string>(std::move(text));
  part.query = query;
  return part;
}

// A result and all that happened to it since, up to the tick where its group is.
struct CaughtUp {
  MemberSet members;
  std::string rows;                  // of entities that changed and are in the result now
  std::vector<wire::Remove> remove;  // of those that are not any more
};

Result<CaughtUp> catch_up(const Wish& wish, const FirstResult& result,
                          const std::deque<BatchPtr>& backlog) {
  CaughtUp now;
  now.members.insert(result.members.begin(), result.members.end());
  std::map<EntityId, Passage> passages;
  for (const BatchPtr& batch : backlog) {
    if (batch->position.tick <= result.position.tick) continue;
    auto passed = pass(wish, *batch, now.members);
    if (!passed) return passed.error();
    for (Passage& passage : *passed) {
      auto [known, is_new] = passages.try_emplace(passage.change->entity, passage);
      if (is_new) continue;
      known->second.is_member = passage.is_member;
      known->second.change = std::move(passage.change);
    }
  }
  for (const auto& [entity, passage] : passages) {
    const auto& row = passage.change->row;
    if (passage.is_member) {
      if (!now.rows.empty()) now.rows += ',';
      now.rows += row->text;
    } else if (passage.was_member) {
      wire::Remove remove;
      remove.entity = entity;
      remove.gone = row == nullptr;
      if (row) remove.head = row->head;
      now.remove.push_back(std::move(remove));
    }
  }
  return now;
}

// The `rows` messages of a result that was caught up to `tick`.
void append_result(std::vector<UnitPart>& parts, const std::string& query,
                   const FirstResult& result, const CaughtUp& now, std::int64_t tick) {
  const bool changed = !now.rows.empty() || !now.remove.empty();
  const std::size_t count = std::max<std::size_t>(result.chunks.size(), 1);
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    std::string_view rows = result.chunks.empty() ? std::string_view() : result.chunks[i];
    std::span<const wire::Remove> remove;
    if (last) remove = result.remove;
    parts.push_back(
        result_part(query, wire::rows_text(query, result.position.tick, result.reset && i == 0,
                                           rows, remove, !last || changed)));
  }
  if (!changed) return;
  parts.push_back(
      result_part(query, wire::rows_text(query, tick, false, now.rows, now.remove, false)));
}

Error changed_under_query() {
  return {Code::bad_query, "the collection has changed under this query", "", "subscribe again"};
}

Error too_much_changed() {
  return {Code::budget_exceeded,
          "more changed while the first result was read than the gateway keeps", "",
          "subscribe again, or narrow the query"};
}

}  // namespace

FirstRead Reactor::join(const Subscriber& subscriber, WishPtr wish,
                        std::optional<std::string> since) {
  assert(!places_.contains(subscriber));
  auto circle = groups_.find(wish->key);
  if (circle == groups_.end()) {
    circle = groups_.emplace(wish->key, Circle{Group(++last_group_, wish), {}, 0}).first;
  }
  ++circle->second.waiting;
  const std::uint64_t number = ++last_read_;
  waiting_.emplace(number, Waiting{subscriber, circle, position_.tick, std::nullopt});
  places_.emplace(subscriber, Place{circle, number});
  return {number, std::move(wish), std::move(since)};
}

void Reactor::leave(const Subscriber& subscriber) {
  auto place = places_.find(subscriber);
  if (place == places_.end()) return;
  auto [circle, read] = place->second;
  places_.erase(place);
  if (read != 0) return forget_waiting(waiting_.find(read));
  auto& audience = circle->second.audience;
  auto session = audience.find(subscriber.session);
  session->second.erase(subscriber.query);
  if (session->second.empty()) audience.erase(session);
  drop_if_empty(circle);
}

void Reactor::leave_all(SessionNumber session) {
  for (;;) {
    auto place = places_.lower_bound(Subscriber{session, ""});
    if (place == places_.end() || place->first.session != session) return;
    leave(Subscriber(place->first));
  }
}

void Reactor::forget_waiting(std::map<std::uint64_t, Waiting>::iterator waiting) {
  auto circle = waiting->second.circle;
  --circle->second.waiting;
  waiting_.erase(waiting);
  drop_if_empty(circle);
  trim_backlog();
}

void Reactor::drop_if_empty(Circles::iterator circle) {
  if (circle->second.audience.empty() && circle->second.waiting == 0) groups_.erase(circle);
}

void Reactor::give(std::uint64_t read, FirstResult result) {
  auto found = waiting_.find(read);
  if (found == waiting_.end()) return;
  if (result.position.tick > position_.tick) {
    found->second.result = std::move(result);
    return;
  }
  Waiting waiting = std::move(found->second);
  waiting.result = std::move(result);
  waiting_.erase(found);
  let_in(std::move(waiting));
  trim_backlog();
}

std::optional<Subscriber> Reactor::fail(std::uint64_t read) {
  auto found = waiting_.find(read);
  if (found == waiting_.end()) return std::nullopt;
  Subscriber subscriber = found->second.subscriber;
  leave(subscriber);
  return subscriber;
}

void Reactor::let_in(Waiting waiting) {
  Circle& circle = waiting.circle->second;
  --circle.waiting;
  const FirstResult& result = *waiting.result;
  // Read before the subscriber asked: the batches in between are not there any more.
  assert(result.position.tick >= waiting.since_tick);
  auto now = catch_up(circle.group.wish(), result, backlog_);
  if (!now) {
    places_.erase(waiting.subscriber);
    news_.ended.emplace_back(waiting.subscriber, changed_under_query());
    return drop_if_empty(waiting.circle);
  }
  const auto& [session, query] = waiting.subscriber;
  auto& parts = news_.parts[session];
  append_result(parts, query, result, *now, position_.tick);
  UnitPart live =
      result_part(query, to_text(wire::Live{query, circle.group.number(),
                                            circle.group.wish().collection, position_.tick}));
  live.joins = circle.group.number();
  parts.push_back(std::move(live));
  if (!circle.group.has_members()) circle.group.begin(std::move(now->members));
  circle.audience[session].insert(query);
  places_.at(waiting.subscriber).read = 0;
}

void Reactor::apply(const BatchPtr& batch) {
  assert(batch->position.tick >= position_.tick);
  position_ = batch->position;
  if (!waiting_.empty()) keep(batch);
  for (auto circle = groups_.begin(); circle != groups_.end();) {
    auto next = std::next(circle);
    Group& group = circle->second.group;
    if (group.has_members()) {
      auto delta = group.apply(*batch);
      if (!delta) {
        end_circle(circle, changed_under_query());
      } else if (*delta) {
        ++news_.deltas;
        for (const auto& [session, queries] : circle->second.audience) {
          UnitPart part;
          part.delta = *delta;
          news_.parts[session].push_back(std::move(part));
        }
      }
    }
    circle = next;
  }
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const auto& result = waiting->second.result;
    if (result && result->position.tick <= position_.tick) {
      Waiting ready = std::move(waiting->second);
      waiting = waiting_.erase(waiting);
      let_in(std::move(ready));
    } else {
      ++waiting;
    }
  }
  trim_backlog();
}

void Reactor::keep(const BatchPtr& batch) {
  backlog_.push_back(batch);
  backlog_bytes_ += batch->bytes;
  while (backlog_bytes_ > backlog_bytes_max_ && !waiting_.empty()) {
    auto oldest = waiting_.begin();
    news_.ended.emplace_back(oldest->second.subscriber, too_much_changed());
    places_.erase(oldest->second.subscriber);
    forget_waiting(oldest);
  }
}

void Reactor::trim_backlog() {
  // Reads are numbered as they are asked for, so the first one has waited longest.
  while (!backlog_.empty() && (waiting_.empty() || backlog_.front()->position.tick <=
                                                       waiting_.begin()->second.since_tick)) {
    backlog_bytes_ -= backlog_.front()->bytes;
    backlog_.pop_front();
  }
}

void Reactor::end_circle(Circles::iterator circle, const Error& error) {
  std::vector<Subscriber> ended;
  for (const auto& [subscriber, place] : places_) {
    if (place.circle == circle) ended.push_back(subscriber);
  }
  for (const Subscriber& subscriber : ended) {
    news_.ended.emplace_back(subscriber, error);
    leave(subscriber);
  }
}

std::vector<Subscriber> Reactor::end_all() {
  std::vector<Subscriber> ended;
  for (const auto& [subscriber, unused] : places_) ended.push_back(subscriber);
  places_.clear();
  waiting_.clear();
  groups_.clear();
  backlog_.clear();
  backlog_bytes_ = 0;
  return ended;
}

std::vector<Subscriber> Reactor::end_all_of(const std::set<std::string>& collections) {
  std::vector<Subscriber> ended;
  for (const auto& [subscriber, place] : places_) {
    if (collections.contains(place.circle->second.group.wish().collection))
      ended.push_back(subscriber);
  }
  for (const Subscriber& subscriber : ended) leave(subscriber);
  return ended;
}

Reactor::News Reactor::take() { return std::exchange(news_, News{}); }

std::set<std::string> Reactor::collections() const {
  std::set<std::string> names;
  for (const auto& [key, circle] : groups_) names.insert(circle.group.wish().collection);
  return names;
}

}  // namespace plait::gateway
