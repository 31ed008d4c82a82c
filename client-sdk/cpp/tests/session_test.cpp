// client-sdk/cpp/tests/session_test.cpp: what a session hears, and what it does: two lists.

#include "client-sdk/cpp/session.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace plait::client {
namespace {

using Lines = std::vector<std::string>;

const std::string album_1 = "00000000000000000000000001";
const std::string album_2 = "00000000000000000000000002";
const std::string event_1 = "01KAJ0V8X2N6T4Q1R7W5Y9Z3CD";
const std::string event_2 = "01KAJ0V8X2N6T4Q1R7W5Y9Z3CE";
const std::string database = "01KAJ0S4M8ZZ7A3TQ4X9V7N2WB";
const std::string other_database = "01KAJ0S4M8ZZ7A3TQ4X9V7N2WC";

std::string welcome(const std::string& life = database) {
  return R"({"type":"welcome","id":"1","version":1,"server":"plait-gateway 0.2.0","database":")" +
         life +
         R"(","time":"0199d2b4c8f07a21","cursor":"41.09f3c2a1b5d7e846","limits":{"commit_events_max":1,)"
         R"("depth_max":1,"message_bytes_max":1,"queries_max":1,"requests_max":1,"result_bytes_max":1},)"
         R"("schema":{"collections":[]}})";
}
std::string row(const std::string& entity, std::string_view key, std::string_view state,
                const std::string& head = event_1) {
  return R"({"entity":")" + entity + R"(","key":")" + std::string(key) + R"(","head":[")" + head +
         R"("],"state":)" + std::string(state) + "}";
}
std::string rows(std::string_view id, std::string_view more_members) {
  return R"({"type":"rows","id":")" + std::string(id) + R"(","tick":41,)" +
         std::string(more_members) + "}";
}
std::string live(std::string_view id, int group) {
  return R"({"type":"live","id":")" + std::string(id) + R"(","group":)" + std::to_string(group) +
         R"(,"collection":"album","tick":41})";
}
std::string delta(int group, std::string_view more_members) {
  return R"({"type":"delta","group":)" + std::to_string(group) + R"(,"tick":42,)" +
         std::string(more_members) + "}";
}
std::string tick(std::string_view cursor, std::string_view commits = "") {
  return R"({"type":"tick","cursor":")" + std::string(cursor) + R"(")" +
         (commits.empty() ? "" : R"(,"commits":[)" + std::string(commits) + "]") + "}";
}
std::string error(std::string_view id, std::string_view code) {
  return R"({"type":"error","id":")" + std::string(id) + R"(","code":")" + std::string(code) +
         R"(","what":"why","where":"","hint":"","retry":true})";
}

std::string drawn(const Change& change) {
  if (change.kind == Change::Kind::added) return "+" + change.row.key + to_text(change.row.state);
  if (change.kind == Change::Kind::removed)
    return "-" + change.row.key + (change.gone ? "gone" : "");
  return "~" + change.row.key + to_text(change.before) + to_text(change.set);
}

std::string drawn(const Effect& effect) {
  struct Drawing {
    std::string operator()(const Connect&) { return "connect"; }
    std::string operator()(const Disconnect&) { return "disconnect"; }
    std::string operator()(const Send& send) { return send.text; }
    std::string operator()(const Welcomed& welcomed) {
      return welcomed.again ? "welcomed again" : "welcomed";
    }
    std::string operator()(const Lost& lost) {
      return "lost: " + lost.why + (lost.ever_welcomed ? "" : ", never welcomed");
    }
    std::string operator()(const Applied& applied) {
      std::string text = "applied " + applied.cursor.value_or("null");
      for (const QueryChanges& query : applied.queries) {
        text += " " + query.id + (query.first ? "!" : ":");
        for (const Change& change : query.changes) text += " " + drawn(change);
      }
      for (const std::string& commit : applied.commits) text += " commit " + commit;
      return text;
    }
    std::string operator()(const SchemaChanged& schema) {
      return "schema " + to_text(schema.schema);
    }
    std::string operator()(const Answered& answered) {
      return "answered " + answered.id + " by alternative " +
             std::to_string(answered.reply.index());
    }
    std::string operator()(const Ended& ended) {
      return "ended " + ended.id + ": " + std::string(name(ended.error.code));
    }
    std::string operator()(const Failed& failed) {
      return "failed: " + std::string(name(failed.error.code));
    }
  };
  return std::visit(Drawing(), effect);
}

Lines drawn(const Effects& effects) {
  Lines lines;
  for (const Effect& effect : effects) lines.push_back(drawn(effect));
  return lines;
}

// A session that has been welcomed, its requests sent.
struct Fixture {
  Session session{"test", 1};
  Ms now = 1'000;

  Lines hear(const std::string& text) { return drawn(session.received(text, now)); }
  Lines open(const std::string& life = database) {
    session.opened(now);
    return hear(welcome(life));
  }
  void begin() {
    session.start();
    open();
  }
  // Loses the connection and comes back.
  Lines reconnect(const std::string& life = database) {
    session.closed("gone", now);
    now = *session.wakes_at();
    EXPECT_EQ(drawn(session.woken(now)), Lines{"connect"});
    return open(life);
  }
  // Query q1 in group 7 with two rows at cursor 41.
  void begin_with_rows() {
    begin();
    session.subscribe("q1", "album");
    hear(rows("q1", R"("reset":true,"rows":[)" + row(album_1, "1", R"({"year":2001})") + "," +
                        row(album_2, "2", R"({"year":2003})") + R"(],"more":false)"));
    hear(live("q1", 7));
    hear(tick("41.09f3c2a1b5d7e846"));
  }
};

const std::string subscribe_q1 = R"({"type":"subscribe","id":"q1","query":"album"})";

TEST(Session, HelloComesFirstAndRequestsWaitForTheWelcome) {
  Session session("plait 0.2.0", 1);
  EXPECT_EQ(drawn(session.subscribe("q1", "album")), Lines{});
  EXPECT_EQ(drawn(session.request(wire::Ping{"p1"})), Lines{});
  EXPECT_EQ(drawn(session.start()), Lines{"connect"});
  EXPECT_EQ(drawn(session.opened(0)),
            Lines{R"({"type":"hello","id":"1","version":1,"client":"plait 0.2.0"})"});
  EXPECT_EQ(drawn(session.received(welcome(), 0)),
            (Lines{"welcomed", R"({"type":"ping","id":"p1"})", subscribe_q1}));
}

TEST(Session, AUnitIsAppliedWholeAtItsTick) {
  Fixture f;
  f.begin();
  EXPECT_EQ(drawn(f.session.subscribe("q1", "album")), Lines{subscribe_q1});
  EXPECT_EQ(f.hear(rows("q1", R"("reset":true,"rows":[)" + row(album_1, "1", R"({"year":2001})") +
                                  R"(],"more":true)")),
            Lines{});
  EXPECT_EQ(f.hear(rows(
                "q1", R"("rows":[)" + row(album_2, "2", R"({"year":2003})") + R"(],"more":false)")),
            Lines{});
  EXPECT_EQ(f.hear(live("q1", 7)), Lines{});
  EXPECT_TRUE(f.session.rows("q1")->rows().empty()) << "nothing shows before the tick";
  EXPECT_EQ(f.hear(tick("41.09f3c2a1b5d7e846")),
            Lines{R"(applied 41.09f3c2a1b5d7e846 q1! +1{"year":2001} +2{"year":2003})"});

  // Two deltas of one unit.
  f.hear(delta(7, R"("update":[{"entity":")" + album_1 + R"(","head":[")" + event_2 +
                      R"("],"set":{"year":2002},"won":{}}])"));
  f.hear(delta(7, R"("remove":[{"entity":")" + album_2 + R"(","gone":true}])"));
  EXPECT_EQ(
      f.hear(tick("42.5be0d1c2a3f49687", R"("c1")")),
      Lines{R"(applied 42.5be0d1c2a3f49687 q1: ~1{"year":2001}{"year":2002} -2gone commit c1)"});
}

TEST(Session, AnEmptyFirstResultIsToldToo) {
  Fixture f;
  f.begin();
  f.session.subscribe("q1", "album");
  f.hear(rows("q1", R"("reset":true,"rows":[],"more":false)"));
  f.hear(live("q1", 7));
  EXPECT_EQ(f.hear(tick("41.09f3c2a1b5d7e846")), Lines{"applied 41.09f3c2a1b5d7e846 q1!"});
  EXPECT_EQ(f.hear(tick("42.5be0d1c2a3f49687")), Lines{"applied 42.5be0d1c2a3f49687"});
}

TEST(Session, AUnitIsToldByItsNetEffect) {
  Fixture f;
  f.begin_with_rows();
  f.hear(delta(7, R"("remove":[{"entity":")" + album_1 + R"(","gone":true}])"));
  f.hear(delta(7, R"("add":[)" + row(album_1, "1", R"({"year":1999})") + "]"));
  f.hear(delta(7, R"("update":[{"entity":")" + album_2 + R"(","head":[")" + event_2 +
                      R"("],"set":{},"won":{}}])"));
  f.hear(delta(9, R"("add":[)" + row(album_1, "1", R"({"year":1})") + "]"));  // of no group of ours
  EXPECT_EQ(f.hear(tick("42.5be0d1c2a3f49687")),
            Lines{R"(applied 42.5be0d1c2a3f49687 q1: ~1{"year":2001}{"year":1999})"});
  EXPECT_EQ(to_text(f.session.rows("q1")->rows().begin()->second.head[0]), event_1);
}

TEST(Session, ARowOfWhichTheKeyAloneIsNewIsTold) {
  Fixture f;
  f.begin_with_rows();
  f.hear(rows("q1", R"("reset":true,"rows":[)" + row(album_1, "one", R"({"year":2001})") + "," +
                        row(album_2, "2", R"({"year":2003})", event_2) + R"(],"more":false)"));
  f.hear(live("q1", 8));
  EXPECT_EQ(f.hear(tick("42.5be0d1c2a3f49687")), Lines{"applied 42.5be0d1c2a3f49687 q1: ~one{}{}"});
}

TEST(Session, QueriesOfOneMeaningShareAGroup) {
  Fixture f;
  f.begin_with_rows();
  f.session.subscribe("q2", "album");
  // The group's delta before q2 is in it is q1's alone: q2's rows hold it already.
  f.hear(delta(7, R"("remove":[{"entity":")" + album_1 + R"(","gone":true}])"));
  f.hear(rows("q2", R"("reset":true,"rows":[)" + row(album_2, "2", "{}") + R"(],"more":false)"));
  f.hear(live("q2", 7));
  EXPECT_EQ(f.hear(tick("42.5be0d1c2a3f49687")),
            Lines{"applied 42.5be0d1c2a3f49687 q1: -1gone q2! +2{}"});
  f.hear(delta(7, R"("remove":[{"entity":")" + album_2 + R"(","head":[")" + event_2 +
                      R"("],"set":{},"won":{}}])"));
  EXPECT_EQ(f.hear(tick("43.5be0d1c2a3f49687")),
            Lines{"applied 43.5be0d1c2a3f49687 q1: -2 q2: -2"});
}

TEST(Session, ALostConnectionIsResumedFromTheLastTick) {
  Fixture f;
  f.begin_with_rows();
  f.hear(delta(
      7, R"("remove":[{"entity":")" + album_1 + R"(","gone":true}])"));  // its tick never comes
  EXPECT_EQ(drawn(f.session.closed("gone", f.now)), Lines{"lost: gone"});
  Ms delay = *f.session.wakes_at() - f.now;
  EXPECT_GE(delay, Backoff::first_ms / 2);
  EXPECT_LE(delay, Backoff::first_ms);
  EXPECT_EQ(drawn(f.session.woken(f.now)), Lines{}) << "not before its time";
  f.now += delay;
  EXPECT_EQ(drawn(f.session.woken(f.now)), Lines{"connect"});
  EXPECT_EQ(
      f.open(),
      (Lines{"welcomed again",
             R"({"type":"subscribe","id":"q1","query":"album","cursor":"41.09f3c2a1b5d7e846"})"}));
  f.hear(rows("q1", R"("rows":[)" + row(album_2, "2", R"({"year":2004})") +
                        R"(],"remove":[],"more":false)"));
  f.hear(live("q1", 9));
  EXPECT_EQ(f.hear(tick("57.7c1e90ab34d258f6")),
            Lines{R"(applied 57.7c1e90ab34d258f6 q1: ~2{"year":2003}{"year":2004})"});
}

TEST(Session, AResultThatComesAnewIsToldByWhatDiffers) {
  Fixture f;
  f.begin_with_rows();
  f.reconnect();
  f.hear(rows("q1", R"("reset":true,"rows":[)" + row(album_2, "2", R"({"year":2003})") +
                        R"(],"more":false)"));
  f.hear(live("q1", 1));
  EXPECT_EQ(f.hear(tick("57.7c1e90ab34d258f6")), Lines{"applied 57.7c1e90ab34d258f6 q1: -1gone"});
}

TEST(Session, EachQueryResumesFromTheTickOfItsOwnRows) {
  Fixture f;
  f.begin_with_rows();
  f.session.subscribe("q2", "artist");
  f.reconnect();
  // Only q2 is answered before the connection is lost again.
  f.hear(rows("q2", R"("reset":true,"rows":[],"more":false)"));
  f.hear(live("q2", 3));
  f.hear(tick("50.7c1e90ab34d258f6"));
  EXPECT_EQ(
      f.reconnect(),
      (Lines{"welcomed again",
             R"({"type":"subscribe","id":"q1","query":"album","cursor":"41.09f3c2a1b5d7e846"})",
             R"({"type":"subscribe","id":"q2","query":"artist","cursor":"50.7c1e90ab34d258f6"})"}));
}

TEST(Session, CursorsOfAnotherLifeOfTheDatabaseAreNotSent) {
  Fixture f;
  f.begin_with_rows();
  EXPECT_EQ(f.reconnect(other_database), (Lines{"welcomed again", subscribe_q1}));
}

TEST(Session, WhatWasNotAnsweredIsSentAgainCommitsFirst) {
  Fixture f;
  f.begin();
  f.session.subscribe("q1", "album");
  f.session.request(wire::Ping{"p1"});
  f.session.request(wire::Commit{"c1", Json::array(), {}});
  EXPECT_EQ(f.hear(R"({"type":"pong","id":"p1","time":"0199d2b4c8f07a21"})").size(), 1u);
  f.session.request(wire::History{"h1", "album", "1", {}});
  EXPECT_EQ(f.reconnect(), (Lines{"welcomed again", R"({"type":"commit","id":"c1","events":[]})",
                                  R"({"type":"history","id":"h1","collection":"album","key":"1"})",
                                  subscribe_q1}));
  EXPECT_EQ(f.hear(R"({"type":"committed","id":"c1","events":[],"follow_ups":[]})").size(), 1u);
  EXPECT_EQ(f.hear(R"({"type":"committed","id":"c1","events":[],"follow_ups":[]})"), Lines{})
      << "answered once";
}

TEST(Session, AFetchIsAnsweredWithAllItsRows) {
  Fixture f;
  f.begin();
  f.session.request(wire::Fetch{"f1", wire::FetchQuery{"album", Json::array()}});
  EXPECT_EQ(
      f.hear(rows("f1", R"("reset":true,"rows":[)" + row(album_1, "1", "{}") + R"(],"more":true)")),
      Lines{});
  Effects effects = f.session.received(
      rows("f1", R"("rows":[)" + row(album_2, "2", "{}") + R"(],"more":false)"), f.now);
  ASSERT_EQ(effects.size(), 1u);
  auto* answered = std::get_if<Answered>(&effects[0]);
  ASSERT_NE(answered, nullptr);
  EXPECT_EQ(std::get<wire::Rows>(answered->reply).rows.size(), 2u);
}

TEST(Session, WhenTheDatabaseIsAwayTheSameIsAskedAgainLater) {
  Fixture f;
  f.begin();
  f.session.subscribe("q1", "album");
  f.session.request(wire::Commit{"c1", Json::array(), {}});
  EXPECT_EQ(f.hear(error("c1", "unavailable")), Lines{});
  f.hear(rows("q1", R"("reset":true,"rows":[)" + row(album_1, "1", "{}") + R"(],"more":true)"));
  EXPECT_EQ(f.hear(error("q1", "unavailable")), Lines{});
  EXPECT_EQ(f.hear(tick("41.09f3c2a1b5d7e846")), Lines{"applied 41.09f3c2a1b5d7e846"})
      << "half a result is none";
  f.now += Backoff::last_ms;
  EXPECT_EQ(drawn(f.session.woken(f.now)),
            (Lines{R"({"type":"commit","id":"c1","events":[]})", subscribe_q1}));
  EXPECT_EQ(f.session.wakes_at(), std::nullopt);
}

TEST(Session, OtherErrorsGoToTheApplication) {
  Fixture f;
  f.begin();
  f.session.subscribe("q1", "album");
  f.session.request(wire::History{"h1", "album", "1", {}});
  EXPECT_EQ(f.hear(error("q1", "bad_query")), Lines{"ended q1: bad_query"});
  EXPECT_EQ(f.session.rows("q1"), nullptr);
  EXPECT_EQ(f.hear(error("h1", "budget_exceeded")).size(), 1u)
      << "retry is told, not done: the budget is the caller's";
  EXPECT_EQ(f.hear(error("nobody", "not_found")), Lines{});
}

TEST(Session, AGoodbyeThatARetryMendsIsAnotherAttempt) {
  Fixture f;
  f.begin();
  EXPECT_EQ(
      f.hear(
          R"({"type":"goodbye","code":"unavailable","what":"the gateway is stopping","where":"","hint":"","retry":true})"),
      Lines{});
  EXPECT_EQ(drawn(f.session.closed("closed", f.now)), Lines{"lost: the gateway is stopping"});
  f.session.woken(*f.session.wakes_at());
  f.open();
  f.hear(
      R"({"type":"goodbye","code":"cursor_unknown","what":"another database","where":"","hint":"","retry":false})");
  EXPECT_EQ(drawn(f.session.closed("closed", f.now)), Lines{"lost: another database"});
}

TEST(Session, AGoodbyeForGoodEndsTheSession) {
  Fixture f;
  f.session.start();
  f.session.opened(0);
  EXPECT_EQ(
      f.hear(
          R"({"type":"goodbye","code":"version_unsupported","what":"version 1","where":"","hint":"","retry":false})"),
      (Lines{"disconnect", "failed: version_unsupported"}));
  EXPECT_EQ(drawn(f.session.closed("closed", f.now)), Lines{});
  EXPECT_EQ(f.session.wakes_at(), std::nullopt);
}

TEST(Session, NonsenseEndsTheSession) {
  Fixture f;
  f.begin();
  EXPECT_EQ(f.hear("{"), (Lines{"disconnect", "failed: bad_message"}));
}

TEST(Session, AWelcomeThatDoesNotComeIsALostConnection) {
  Session session("test", 1);
  session.start();
  session.opened(0);
  EXPECT_EQ(session.wakes_at(), Session::welcome_ms_max);
  EXPECT_EQ(drawn(session.woken(Session::welcome_ms_max)), Lines{"disconnect"});
  EXPECT_EQ(drawn(session.closed("closed by this side", Session::welcome_ms_max)),
            Lines{"lost: no welcome within 10 s, never welcomed"});
}

TEST(Session, AttemptsAreEverRarerUntilOneSucceeds) {
  Fixture f;
  f.session.start();
  Ms previous = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    f.session.closed("refused", f.now);
    Ms delay = *f.session.wakes_at() - f.now;
    EXPECT_LE(delay, Backoff::last_ms);
    // Half of the next is the whole of this one, up to the greatest.
    EXPECT_TRUE(attempt > 6 || delay >= previous);
    previous = delay;
    f.now += delay;
    f.session.woken(f.now);
  }
  EXPECT_GE(previous, Backoff::last_ms / 2);
  f.open();
  f.hear(tick("41.09f3c2a1b5d7e846"));
  f.session.closed("gone", f.now);
  EXPECT_LE(*f.session.wakes_at() - f.now, Backoff::first_ms);
}

TEST(Session, AnEndedQueryHearsNothingMore) {
  Fixture f;
  f.begin_with_rows();
  EXPECT_EQ(drawn(f.session.unsubscribe("q1")), Lines{R"({"type":"unsubscribe","id":"q1"})"});
  f.hear(delta(7, R"("remove":[{"entity":")" + album_1 + R"(","gone":true}])"));
  f.hear(R"({"type":"unsubscribed","id":"q1"})");
  EXPECT_EQ(f.hear(tick("42.5be0d1c2a3f49687")), Lines{"applied 42.5be0d1c2a3f49687"});
  EXPECT_EQ(drawn(f.session.unsubscribe("q1")), Lines{});
}

}  // namespace
}  // namespace plait::client
