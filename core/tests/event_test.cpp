// core/tests/event_test.cpp: an event's id is its content's, and what is no event is refused.
#include "core/event/event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/tests/random.h"
#include "core/tests/random_json.h"

namespace plait {
namespace {

constexpr Hlc t0 = hlc_from_unix_ns(1'767'225'600'000'000'000);  // 2026-01-01

Event genesis(std::string_view operations = R"({"create": true})") {
  Event event;
  event.collection = "album";
  event.operations = *parse_json(operations);
  event.origin = NodeId(make_ulid(t0, 7));
  event.salt = 0x0123456789abcdef;
  stamp(event, t0);
  return event;
}

Event child_of(const std::vector<Event>& parents, std::string_view operations, Hlc hlc) {
  Event event;
  event.collection = parents.front().collection;
  event.entity = parents.front().entity_id();
  for (const Event& parent : parents) event.parents.push_back(parent.id);
  std::sort(event.parents.begin(), event.parents.end());
  event.operations = *parse_json(operations);
  event.origin = parents.front().origin;
  event.salt = 1;
  stamp(event, hlc);
  return event;
}

// The event as a message, one member replaced by `value`; an empty one leaves the member out.
Json message_with(const Event& event, std::string_view member, std::string_view value) {
  Json json = to_json(event);
  json.erase(member);
  if (!value.empty()) json.set(member, *parse_json(value));
  return json;
}

void expect_refused(const Json& json, Code code, std::string_view where) {
  auto event = read_event(json);
  ASSERT_FALSE(event) << to_text(json);
  EXPECT_EQ(name(event.error().code), name(code)) << to_text(json) << event.error().what;
  EXPECT_EQ(event.error().where, where) << to_text(json) << event.error().what;
}

TEST(Event, TheCanonicalFormHasExactlyTheDocumentedMembers) {
  const Event event = genesis(R"({"set": {"name": "x"}, "create": true})");
  EXPECT_EQ(canonical_form(event),
            R"({"collection":"album","hlc":"019b76daa8000000",)"
            R"("operations":{"create":true,"set":{"name":"x"}},)"
            R"("origin":"01KDVDNA000000000000000007","parents":[],"salt":"0123456789abcdef"})");
  const Event child = child_of({event}, "{}", t0 + 1);
  EXPECT_EQ(canonical_form(child), R"({"collection":"album","entity":")" + to_text(event.id) +
                                       R"(","hlc":"019b76daa8000001","operations":{},)" +
                                       R"("origin":"01KDVDNA000000000000000007","parents":[")" +
                                       to_text(event.id) + R"("],"salt":"0000000000000001"})");
}

TEST(Event, TheCanonicalFormIsCanonicalJson) {
  for_each_seed(1'000, [](Random& random) {
    Event event = genesis();
    event.collection = "c" + random_string(random);
    event.operations = Json::object();
    event.operations.set("set", Json::object().set(random_string(random), random_json(random)));
    for (std::size_t left = random.below(4); left > 0; --left) {
      event.parents.push_back(EventId(make_ulid(random.next() >> 20, random.next())));
    }
    std::sort(event.parents.begin(), event.parents.end());
    if (random.chance(50)) event.entity = EntityId(make_ulid(0, random.next()));
    const std::string text = canonical_form(event);
    auto json = parse_json(text);
    ASSERT_TRUE(json) << text;
    EXPECT_EQ(to_text(*json), text);
  });
}

TEST(Event, TheIdIsTheClockAndTheDigest) {
  const Event event = genesis();
  EXPECT_EQ(event.id.hlc(), t0);
  EXPECT_EQ(event.id, id_of(canonical_form(event), t0));
  EXPECT_TRUE(check_event(event));
  EXPECT_EQ(event.entity_id(), EntityId(event.id));
  EXPECT_TRUE(event.is_genesis());
}

TEST(Event, EveryPartOfTheContentChangesTheId) {
  const Event event = child_of({genesis()}, R"({"set": {"n": 1}})", t0 + 5);
  std::vector<Event> others(7, event);
  others[0].collection = "albums";
  others[1].entity = EntityId(make_ulid(0, 1));
  others[2].parents = {EventId(make_ulid(t0, 1))};
  others[3].operations = *parse_json(R"({"set": {"n": 2}})");
  others[4].origin = NodeId(make_ulid(1, 1));
  others[5].salt = 2;
  others[6].parents.clear();
  for (Event& other : others) {
    Status status = check_event(other);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::digest_mismatch);
    stamp(other, event.id.hlc());
    EXPECT_NE(other.id, event.id);
  }
  Event later = event;
  stamp(later, t0 + 6);
  EXPECT_NE(later.id.low(), event.id.low()) << "the clock is covered by the digest";
}

TEST(Event, NumbersThatDifferBeyondADoubleHaveDifferentIds) {  // ST-07
  auto id = [](std::string_view number) {
    return genesis(R"({"create":true,"set":{"layout":{"n":)" + std::string(number) + "}}}").id;
  };
  EXPECT_NE(id("9007199254740993"), id("9007199254740992"));
  EXPECT_NE(id("1e400"), id("1e401"));
  EXPECT_NE(id("0.1"), id("0.10000000000000001"));
  EXPECT_EQ(id("1.0"), id("1"));
  EXPECT_EQ(id("1e2"), id("100"));
  EXPECT_EQ(id("-0"), id("0"));
  EXPECT_EQ(id("9007199254740993.0"), id("9007199254740993e0"));
}

TEST(Event, AnIdThatIsNotAfterItsParentsIsRefusedFirst) {
  const Event parent = genesis();
  Event event = child_of({parent}, R"({"set": {"n": 1}})", t0 + 1);
  for (Hlc hlc : {t0, t0 - 1}) {
    event.id = EventId(make_ulid(hlc, ~0ull));  // its digest is wrong as well
    Status status = check_event(event);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::id_not_after_parents);
  }
  // Of several parents each one counts.
  Event late = genesis();
  stamp(late, t0 + 9);
  Event joining = child_of({parent, late}, "{}", t0 + 10);
  EXPECT_TRUE(check_event(joining));
  joining.id = EventId(make_ulid(t0 + 9, 0));
  EXPECT_EQ(check_event(joining).error().code, Code::id_not_after_parents);
}

TEST(Event, AnErasedEventKeepsItsIdUnchecked) {
  Event event = genesis(R"({"create": true, "set": {"name": "secret"}})");
  event.salt.reset();
  event.operations = *parse_json(R"({"create": true})");
  EXPECT_TRUE(check_event(event));
  auto again = read_event(to_json(event));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->salt);
  EXPECT_EQ(again->id, event.id);
}

TEST(Event, AMessageKeepsTheEvent) {
  const Event one = genesis(R"({"create": true, "set": {"a": [1, null, "x"]}})");
  const Event two = child_of({one}, R"({"add": {"n": 1}})", t0 + 3);
  const Event three = child_of({one}, R"({"delete": true})", t0 + 4);
  const Event four = child_of({two, three}, "{}", t0 + 5);
  for (const Event& event : {one, two, three, four}) {
    auto again = read_event(*parse_json(to_text(to_json(event))));
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(canonical_form(*again), canonical_form(event));
    EXPECT_EQ(again->id, event.id);
    EXPECT_TRUE(check_event(*again));
  }
}

TEST(Event, ParentsMayComeInAnyOrderAndRepeated) {
  const Event one = genesis();
  const Event two = child_of({one}, R"({"set": {"a": 1}})", t0 + 3);
  const Event three = child_of({one}, R"({"set": {"a": 2}})", t0 + 4);
  const Event event = child_of({two, three}, "{}", t0 + 5);
  Json json = to_json(event);
  Json parents = Json::array();
  for (const Event& parent : {three, two, three}) parents.push(Json::string(to_text(parent.id)));
  json.set("parents", std::move(parents));
  auto again = read_event(json);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->parents, event.parents);
  EXPECT_TRUE(check_event(*again));
}

TEST(Event, AGenesisMayLeaveItsEntityOutAndOthersMayNot) {
  const Event one = genesis();
  EXPECT_TRUE(read_event(to_json(one)));
  Event named = one;
  named.entity = EntityId(make_ulid(0, 42));
  stamp(named, t0);
  EXPECT_TRUE(read_event(to_json(named)));
  EXPECT_NE(named.id, one.id);
  const Event child = child_of({one}, R"({"set": {"a": 1}})", t0 + 3);
  expect_refused(message_with(child, "entity", ""), Code::bad_event, "/entity");
}

TEST(Event, AGenesisCreates) {
  Event event = genesis();
  for (const char* operations : {"{}", R"({"set": {"a": 1}})", R"({"delete": true})"}) {
    expect_refused(message_with(event, "operations", operations), Code::bad_event,
                   "/operations/create");
  }
}

TEST(Event, WhatIsNoEventIsRefusedWithItsPlace) {
  const Event event = child_of({genesis()}, R"({"set": {"a": 1}})", t0 + 3);
  expect_refused(Json::array(), Code::bad_event, "");
  expect_refused(Json::null(), Code::bad_event, "");
  expect_refused(message_with(event, "expect_head", "true"), Code::bad_event, "/expect_head");
  expect_refused(message_with(event, "a/b~c", "1"), Code::bad_event, "/a~1b~0c");
  for (const char* member : {"collection", "id", "operations", "origin", "parents"}) {
    expect_refused(message_with(event, member, ""), Code::bad_event, "/" + std::string(member));
    expect_refused(message_with(event, member, "17"),
                   std::string_view(member) == "operations" ? Code::bad_value : Code::bad_event,
                   "/" + std::string(member));
  }
  expect_refused(message_with(event, "collection", R"("")"), Code::bad_event, "/collection");
  expect_refused(message_with(event, "id", R"("x")"), Code::bad_value, "/id");
  expect_refused(message_with(event, "entity", R"("x")"), Code::bad_value, "/entity");
  expect_refused(message_with(event, "entity", "null"), Code::bad_event, "/entity");
  expect_refused(message_with(event, "origin", R"("x")"), Code::bad_value, "/origin");
  expect_refused(message_with(event, "parents", R"({})"), Code::bad_event, "/parents");
  expect_refused(message_with(event, "parents", R"(["00000000000000000000000000", "x"])"),
                 Code::bad_value, "/parents/1");
  expect_refused(message_with(event, "parents", "[1]"), Code::bad_event, "/parents/0");
  expect_refused(message_with(event, "operations", R"({"add": {"a/b": "x"}})"), Code::bad_value,
                 "/operations/add/a~1b");
}

TEST(Event, ASaltIsSixteenLowerCaseDigits) {
  const Event event = genesis();
  for (const char* salt : {"null", "1", R"("")", R"("123456789abcdef")", R"("0123456789abcdef0")",
                           R"("0123456789ABCDEF")", R"("0123456789abcdeg")"}) {
    expect_refused(message_with(event, "salt", salt), Code::bad_event, "/salt");
  }
}

TEST(Event, NoDamageToAMessageGoesUnseen) {  // any other content: refused or another digest
  const Event event = child_of({genesis()}, R"({"set": {"name": "x", "n": 12}})", t0 + 3);
  const std::string text = to_text(to_json(event));
  for_each_seed(5'000, [&](Random& random) {
    std::string damaged = text;
    damaged[random.below(damaged.size())] = static_cast<char>(' ' + random.below(95));
    auto json = parse_json(damaged);
    if (!json) return;
    auto read = read_event(*json);
    if (!read || !read->salt || !check_event(*read)) return;
    EXPECT_EQ(to_text(to_json(*read)), text) << damaged;
  });
}

}  // namespace
}  // namespace plait
