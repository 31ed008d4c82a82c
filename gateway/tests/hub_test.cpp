// gateway/tests/hub_test.cpp: whole sessions against a world of known states: no gap, no overlap,
// whole ticks.

#include "gateway/hub.h"

#include <gtest/gtest.h>

#include "gateway/tests/stage.h"

namespace plait::gateway {
namespace {

TEST(Hub,
     AFirstResultAndItsStreamNeitherOverlapNorLeaveAGap) {  // invariant 21, in any order of events
  for_each_seed(600, [](Random& random) {
    Hub::Settings settings = small_settings();
    settings.limits.queries_max = 100;
    // Some clients get every unit, others only merged ones.
    if (random.chance(50)) settings.outbox.merge_bytes = 1 + random.below(3'000);
    Stage stage(settings);
    for (int i = 0; i < 5; ++i) stage.world.advance(random);
    stage.begin();
    std::vector<Stage::Client> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(stage.connect());
    const std::size_t kinds = 1 + random.below(conditions().size());  // few: groups are shared
    int subscribed = 0;
    for (int step = 0; step < 120; ++step) {
      Stage::Client& client = clients[random.below(clients.size())];
      switch (random.below(8)) {
        case 0:
        case 1:
          stage.world.advance(random);
          break;
        case 2:
          stage.round(random.below(3));
          break;
        case 3:
          if (!stage.running.empty()) stage.finish_read(random.below(stage.running.size()));
          break;
        case 4:
          stage.drain(client, random.below(8));
          break;
        case 5:
          stage.subscribe(client, "q" + std::to_string(++subscribed),
                          conditions()[random.below(kinds)]);
          break;
        case 6: {
          // Leaves one query; what waits for it may have begun to be written.
          for (const auto& [id, query] : client.mirror.queries) {
            if (query.leaving || query.error) continue;
            stage.unsubscribe(client, id);
            break;
          }
          break;
        }
        case 7: {
          // The connection breaks; the client comes back and resumes by its cursor what it held.
          Mirror before = client.mirror;
          stage.hub.closed(client.session);
          client = stage.connect();
          for (const auto& [id, query] : before.queries) {
            if (!query.group || !before.cursor || query.leaving) continue;
            client.mirror.queries[id].rows = query.rows;
            stage.subscribe(client, id, *query.condition, before.cursor);
          }
          break;
        }
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
    stage.finish();
    for (auto& client : clients) {
      stage.drain(client);
      for (const auto& [id, query] : client.mirror.queries) {
        EXPECT_FALSE(query.error) << id << ": " << *query.error;
        EXPECT_TRUE(query.group) << id << " never went live";
      }
    }
  });
}

TEST(Hub, AQueryThatJoinsALiveGroupIsOfTheSameTick) {
  Stage stage;
  Random random(1);
  for (int i = 0; i < 10; ++i) stage.world.advance(random);
  stage.begin();
  auto client = stage.connect_live("a", conditions()[1]);
  stage.subscribe(client, "b", conditions()[1]);
  stage.round(1);  // b is read now …
  for (int i = 0; i < 5; ++i) stage.world.advance(random);
  stage.round(0);        // … the group goes on …
  stage.finish_read(0);  // … and the result comes late.
  stage.drain(client);
  EXPECT_EQ(client.mirror.queries.at("a").group, client.mirror.queries.at("b").group);
  EXPECT_EQ(client.mirror.queries.at("a").rows, client.mirror.queries.at("b").rows);
}

// Two queries of one session are in one group, the second one joins while units wait and are
// merged.
TEST(Hub, MergedUnitsAreRightForAQueryThatJoinedBetweenThem) {
  Hub::Settings settings = small_settings();
  settings.outbox.merge_bytes = 1;
  Stage stage(settings);
  stage.world.put(1, 2001);
  stage.world.put(2, 2001);
  stage.begin();
  auto client = stage.connect_live("a", conditions()[1]);
  auto tick = [&](auto&& change) {
    change();
    stage.round(0);
  };
  tick([&] { stage.world.put(3, 2001); });  // comes,
  tick([&] { stage.world.put(1, 1990); });  // goes,
  tick([&] { stage.world.put(2, 2002); });  // stays;
  stage.subscribe(client, "b", conditions()[1]);
  stage.finish();
  tick([&] { stage.world.put(1, 2003); });  // comes back,
  tick([&] { stage.world.erase(3); });      // goes again,
  for (int i = 0; i < 40; ++i) tick([&] { stage.world.put(2, 2004 + i % 2); });
  stage.drain(client);
  EXPECT_LT(client.mirror.units, 10u) << "most of 46 units have become one";
  EXPECT_EQ(client.mirror.queries.at("a").rows, client.mirror.queries.at("b").rows);
}

TEST(Hub, ADeltaIsEncodedOnceForAllSockets) {
  Stage stage;
  Random random(1);
  for (int i = 0; i < 10; ++i) stage.world.advance(random);
  stage.begin();
  std::vector<Stage::Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(stage.connect());
    stage.subscribe(clients.back(), "q", conditions()[0]);
  }
  stage.finish();
  const auto before = stage.metrics.deltas.load();
  do stage.world.advance(random);
  while (stage.world.changed(stage.delivered, stage.world.tick()).empty());
  stage.round(0);
  EXPECT_EQ(stage.metrics.deltas.load(), before + 1);
  for (auto& client : clients) {
    stage.drain(client);
    EXPECT_EQ(client.mirror.deltas, 1u);
  }
}

TEST(Hub, ACommitIsNamedByTheFirstTickThatCoversIt) {
  Stage stage;
  Random random(1);
  stage.world.advance(random);
  stage.begin();
  auto client = stage.connect();
  stage.say(client, R"({"type":"commit","id":"c1","events":[]})");
  stage.say(client, R"({"type":"commit","id":"c2","events":[]})");
  ASSERT_EQ(stage.work.size(), 2u);
  EXPECT_EQ(std::get<CommitWork>(stage.work[0].work).events, R"({"events":[]})");
  // c1 wrote in the transaction that will be tick 3, c2 found everything known.
  CommitDone first{R"({"events":[],"follow_ups":[],"xid":"1003"})", {1003, {}}};
  CommitDone second{R"({"events":[],"follow_ups":[],"xid":null})",
                    {std::nullopt, *Finished::parse("1003:1003:")}};
  stage.hub.take(JobDone{stage.work[0].number, first}, stage.now);
  stage.hub.take(JobDone{stage.work[1].number, second}, stage.now);
  stage.drain(client);
  EXPECT_EQ(client.mirror.answers.size(), 2u);
  EXPECT_TRUE(client.mirror.covered.empty());
  stage.world.advance(random);  // tick 2: finished up to 1002
  stage.round(0);
  stage.drain(client);
  EXPECT_EQ(client.mirror.covered, std::vector<std::string>({"c2"}));
  stage.world.advance(random);
  stage.round(0);
  stage.drain(client);
  EXPECT_EQ(client.mirror.covered, std::vector<std::string>({"c2", "c1"}));
}

TEST(Hub, ACommitThatATickOvertookIsNamedRightAfterItsAnswer) {
  Stage stage;
  Random random(1);
  for (int i = 0; i < 3; ++i) stage.world.advance(random);
  stage.begin();
  auto client = stage.connect();
  stage.say(client, R"({"type":"commit","id":"c1","events":[]})");
  stage.hub.take(
      JobDone{stage.work[0].number, CommitDone{R"({"events":[],"xid":"1002"})", {1002, {}}}},
      stage.now);
  stage.drain(client);
  EXPECT_EQ(client.mirror.covered, std::vector<std::string>({"c1"}));
}

TEST(Hub, AfterTheFeedBeginsElsewhereEveryQueryIsAnsweredAnew) {
  Stage stage;
  Random random(3);
  for (int i = 0; i < 10; ++i) stage.world.advance(random);
  stage.begin();
  auto client = stage.connect_live("q", conditions()[1]);
  const auto group = client.mirror.queries.at("q").group;
  for (int i = 0; i < 4; ++i) stage.world.advance(random);
  stage.begin();  // the same database, whose ticks we have lost
  stage.finish();
  stage.drain(client);
  EXPECT_NE(client.mirror.queries.at("q").group, group);
  stage.world.advance(random);
  stage.round(0);
  stage.drain(client);
  EXPECT_FALSE(stage.hub.end_of(client.session));
}

TEST(Hub, AQueryThatJoinsAnewOutlivesADatabaseThatIsOutOfReach) {
  Stage stage;
  stage.begin();
  auto client = stage.connect_live("q", conditions()[1]);
  const auto group = client.mirror.queries.at("q").group;
  const Error lost{Code::unavailable, "the database is out of reach", "", ""};
  stage.begin();
  ASSERT_EQ(stage.reads.size(), 1u);
  stage.hub.take(JobDone{stage.reads[0].number, lost}, stage.now);  // a reader's connection
  stage.reads.clear();
  stage.hub.second(stage.now);
  stage.collect();
  ASSERT_EQ(stage.work.size(), 1u);
  stage.hub.take(JobDone{stage.work[0].number, lost}, stage.now);  // a worker's
  stage.work.clear();
  stage.hub.second(stage.now);
  stage.finish();
  stage.drain(client);
  EXPECT_TRUE(client.mirror.answers.empty());
  EXPECT_NE(client.mirror.queries.at("q").group, group);
  EXPECT_FALSE(client.mirror.queries.at("q").error);
}

TEST(Hub, WhatLeavesWhileTheDatabaseIsOutOfReachIsNotJoinedAnew) {
  Stage stage;
  stage.begin();
  auto client = stage.connect();
  stage.subscribe(client, "q", conditions()[1]);
  stage.subscribe(client, "other", conditions()[0]);
  stage.finish();
  stage.drain(client);
  stage.begin();
  for (ReadJob& read : stage.reads)
    stage.hub.take(JobDone{read.number, Error{Code::unavailable, "out of reach", "", ""}},
                   stage.now);
  stage.reads.clear();
  stage.unsubscribe(client, "q");
  stage.hub.second(stage.now);
  stage.settle();
  EXPECT_EQ(stage.reads.size(), 1u);
  stage.hub.closed(client.session);
  stage.hub.second(stage.now);
  stage.settle();
}

TEST(Hub, WhenTheDatabaseIsAnotherOneSessionsAreToldToStartOver) {
  Stage stage;
  stage.begin();
  auto client = stage.connect();
  stage.database = NodeId(make_ulid(2, 2));
  stage.begin();
  EXPECT_EQ(stage.hub.end_of(client.session), wire::Close::new_life);
  stage.drain(client);
  ASSERT_EQ(client.mirror.answers.size(), 1u);
  EXPECT_EQ(std::get<wire::Goodbye>(client.mirror.answers[0]).code_name, "cursor_unknown");
}

TEST(Hub, ATableThatWasJustTrackedIsFoundByTheFirstSubscribe) {
  Stage stage;
  stage.catalogue = std::make_shared<const Catalogue>();
  stage.begin();
  auto client = stage.connect();
  stage.catalogue = World::catalogue();
  stage.subscribe(client, "q", conditions()[0]);
  stage.finish();
  stage.drain(client);
  EXPECT_TRUE(client.mirror.queries.at("q").group);
}

TEST(Hub, WhatMustNotBeReadIsRefusedWithTheReason) {
  Stage stage;
  stage.begin();
  auto client = stage.connect();
  stage.say(client, R"({"type":"subscribe","id":"q","query":"secret"})");
  stage.finish();
  stage.drain(client);
  ASSERT_EQ(client.mirror.answers.size(), 1u);
  const auto& failure = std::get<wire::Failure>(client.mirror.answers[0]);
  EXPECT_EQ(failure.error.code, Code::not_supported);
  EXPECT_NE(failure.error.what.find("row level security is active"), std::string::npos);
}

TEST(Hub, AClientThatReadsNothingIsClosedAndTheOthersGoOn) {
  Hub::Settings settings = small_settings();
  settings.outbox = {.merge_bytes = 1'000, .waiting_bytes_max = 1'500, .result_bytes_max = 1 << 20};
  Stage stage(settings);
  Random random(5);
  for (int i = 0; i < 20; ++i) stage.world.advance(random);
  stage.begin();
  auto slow = stage.connect();
  auto quick = stage.connect();
  stage.subscribe(slow, "q", conditions()[0]);
  stage.subscribe(quick, "q", conditions()[0]);
  stage.finish();
  for (int i = 0; i < 200; ++i) {
    stage.world.advance(random);
    stage.round(0);
    stage.drain(quick);
  }
  EXPECT_EQ(stage.hub.end_of(slow.session), wire::Close::too_slow);
  EXPECT_FALSE(stage.hub.end_of(quick.session));
  EXPECT_LT(stage.hub.outbox(slow.session).bytes(), 1'000u) << "what it will never read is dropped";
  EXPECT_EQ(stage.metrics.closed_too_slow.load(), 1u);
}

TEST(Hub, AFirstResultThatTakesTooLongIsRefusedBeforeItFillsTheMemory) {
  Hub::Settings settings = small_settings();
  settings.backlog_bytes_max = 5'000;
  Stage stage(settings);
  Random random(5);
  stage.world.advance(random);
  stage.begin();
  auto client = stage.connect();
  stage.subscribe(client, "q", conditions()[0]);
  stage.round(1);
  for (int i = 0; i < 30; ++i) {
    stage.world.advance(random);
    stage.round(0);
  }
  stage.drain(client);
  EXPECT_EQ(client.mirror.queries.at("q").error, "budget_exceeded");
  stage.finish_read(0);  // comes to nobody
  stage.drain(client);
  stage.hub.update_gauges();
  EXPECT_EQ(stage.metrics.backlog_bytes.load(), 0u);
}

TEST(Hub, ClosedSessionsLeaveNothingBehind) {
  Stage stage;
  Random random(5);
  for (int i = 0; i < 5; ++i) stage.world.advance(random);
  stage.begin();
  for (int i = 0; i < 10; ++i) {
    auto client = stage.connect();
    stage.subscribe(client, "a", conditions()[0]);
    if (i % 2 == 0) stage.finish();
    stage.subscribe(client, "b", conditions()[1]);
    stage.round(1);
    stage.hub.closed(client.session);
  }
  stage.finish();
  stage.hub.update_gauges();
  EXPECT_EQ(stage.metrics.sessions.load(), 0u);
  EXPECT_EQ(stage.metrics.queries.load(), 0u);
  EXPECT_EQ(stage.metrics.groups.load(), 0u);
  EXPECT_EQ(stage.metrics.backlog_bytes.load(), 0u);
  EXPECT_EQ(stage.metrics.jobs.load(), 0u);
  EXPECT_TRUE(stage.hub.watched().empty());
}

TEST(Hub, ASessionThatNothingConcernsGetsItsCursorOnceASecond) {
  Stage stage;
  Random random(5);
  stage.world.advance(random);
  stage.begin();
  auto client = stage.connect();
  for (int i = 0; i < 5; ++i) {
    stage.world.advance(random);
    stage.round(0);
  }
  stage.drain(client);
  EXPECT_EQ(client.mirror.units, 0u);
  stage.hub.second(stage.now);
  stage.hub.second(stage.now);
  stage.drain(client);
  EXPECT_EQ(client.mirror.units, 1u);
  EXPECT_EQ(client.mirror.cursor, stage.world.cursor(stage.world.tick()));
}

TEST(Hub, ADrainFinishesCommitsAndTakesNoNewOnes) {
  Stage stage;
  stage.begin();
  auto client = stage.connect();
  stage.say(client, R"({"type":"commit","id":"c1","events":[]})");
  stage.hub.drain();
  EXPECT_FALSE(stage.hub.is_drained());
  stage.say(client, R"({"type":"commit","id":"c2","events":[]})");
  ASSERT_EQ(stage.work.size(), 1u);
  stage.hub.take(JobDone{stage.work[0].number, CommitDone{R"({"events":[],"xid":"1"})", {1, {}}}},
                 stage.now);
  EXPECT_TRUE(stage.hub.is_drained());
  stage.hub.say_goodbye();
  stage.drain(client);
  ASSERT_EQ(client.mirror.answers.size(), 3u);
  EXPECT_EQ(std::get<wire::Failure>(client.mirror.answers[0]).code_name, "unavailable");
  EXPECT_EQ(std::get<wire::Committed>(client.mirror.answers[1]).id, "c1");
  EXPECT_EQ(std::get<wire::Goodbye>(client.mirror.answers[2]).code_name, "unavailable");
  EXPECT_EQ(stage.hub.end_of(client.session), wire::Close::going_away);
}

}  // namespace
}  // namespace plait::gateway
