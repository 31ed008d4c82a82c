# acceptance/test_gateway.py: live queries over plait.v1: results, deltas, units, commits, resuming.
import pytest

from acceptance.harness.bare_socket import BareSocket
from acceptance.harness.client import Client
from acceptance.harness.live import catches_up
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.waiting import until
from acceptance.model.ulid import ulid_from_integer
from acceptance.model.world import Refused
from acceptance.scenarios import dags, heads, lifecycle, lww, transactions
from acceptance.scenarios.promises import hold, refused


SCENARIOS = [heads.ancestor_delivered_again_changes_nothing, heads.stale_client_extends_one_tip,
             lww.depth_is_not_the_rule, lww.digest_breaks_a_tie, lww.null_is_a_write,
             lifecycle.second_genesis_is_refused, lifecycle.children_wait_for_their_genesis,
             lifecycle.delete_beside_edits_then_restore, lifecycle.lifecycle_is_one_register,
             dags.parents_must_be_of_the_same_entity, dags.uneven_paths_count_once,
             transactions.third_event_breaks_a_check]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenarios_over_the_wire(wired, scenario):
    watches = [wired.client.watch(name) for name in ("rec", "album")]
    scenario(wired)
    for watch in watches:
        catches_up(wired.client, watch, wired.database)
        fresh = wired.gateway.client().watch(watch.query)
        assert fresh.rows == watch.rows, "a fresh subscribe gives what the deltas gave"


def test_redelivery_is_silent(wired):  # HEAD-02, core 3
    line = wired.line()
    line.commit_each("A@10 create title=a", "B@20(A) title=b", "C@30(B) title=c")
    client = wired.gateway.client()
    watch = client.watch("rec")
    for again in (["B"], ["A"], ["C", "B", "A"], *[["B"]] * 100):
        line.commit(*again)
    other = wired.line()
    other.commit("A@10 create title=end")
    client.wait(lambda: len(watch.rows) == 2, "the commit behind them")
    assert watch.changes == [("add", other.entity)]


def test_a_create_that_meets_its_own_first_copy_is_known(wired):
    database, line = wired.database, wired.line()
    database.sql("""CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END';
        CREATE TRIGGER hold BEFORE INSERT ON rec FOR EACH ROW EXECUTE FUNCTION hold();
        SELECT pg_advisory_lock(7)""")
    events = [line.event("A@10 create title=a").wire()]
    clients = [wired.client, wired.gateway.client()]
    asked = [client.send({"type": "commit", "events": events}) for client in clients]
    until(lambda: database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 2,
          "both are past the look for what is known")
    database.sql("SELECT pg_advisory_unlock(7)")
    answers = [client.answer(request) for client, request in zip(clients, asked)]
    assert sorted(answer["events"][0]["status"] for answer in answers) == ["accepted", "known"], answers
    assert wired.client.request({"type": "commit", "events": [line.event("B@20 create title=b").wire()]})["code"] == \
        "entity_exists"


def test_welcome_tells_who_it_is(people):
    welcome = people.client.welcome
    assert welcome["type"] == "welcome" and welcome["version"] == 1
    own = people.database.value("SELECT id::text FROM plait.node WHERE era IS NOT NULL ORDER BY era DESC LIMIT 1")
    assert welcome["database"] == own
    (collection,) = welcome["schema"]["collections"]
    assert (collection["name"], collection["key"], collection["readable"]) == ("dog", ["id"], True)
    assert {prop["name"]: prop["merge"] for prop in collection["properties"]} == {
        "id": "lww", "name": "lww", "age": "lww"}


def test_rows_change_under_a_watch(people):  # SUB-01, 02, 03, 04
    watches = [client.watch("dog") for client in (people.client, people.gateway.client(), people.gateway.client())]
    assert all(watch.rows == {} for watch in watches)
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 1)")
    people.client.wait(lambda: watches[0].rows, "the row: a tick of its own, or the delta may tell it with the next age")
    for age in (2, 3, 4):
        people.database.sql("UPDATE dog SET age = %s", age)
        people.client.wait(lambda: watches[0].states().get("1", {}).get("age") == age, f"age {age}")
    people.database.sql("DELETE FROM dog")
    for client, watch in zip(people.gateway.clients, watches):
        client.wait(lambda watch=watch: watch.changes and not watch.rows, "the row gone")
        assert not watch.anomalies
    entity = ulid_from_integer(1)
    assert watches[0].changes == [("add", entity)] + [("update", entity)] * 3 + [("remove", entity)]


def test_membership_follows_the_predicate(people):  # SUB-06
    watch = people.client.watch("dog where name = 'Rex' or (age > 2 and age < 5)")
    database = people.database
    steps = [("INSERT INTO dog VALUES (1, 'Rex', 1), (2, 'Snuffy', 2), (3, 'Jasper', 6)", [("add", 1)]),
             ("UPDATE dog SET age = 7 WHERE id = 1", [("update", 1)]),
             ("UPDATE dog SET age = 3 WHERE id = 2", [("add", 2)]),
             ("UPDATE dog SET age = 4 WHERE id = 3", [("add", 3)]),
             ("UPDATE dog SET age = 9 WHERE id > 1", [("remove", 2), ("remove", 3)]),
             ("UPDATE dog SET name = 'Max' WHERE id = 1", [("remove", 1)])]
    for statement, expected in steps:
        before, units = len(watch.changes), people.client.units
        database.sql(statement)
        people.client.wait(lambda: len(watch.changes) >= before + len(expected), f"{expected} after {statement}")
        told = [(kind, people.integer_of(entity)) for kind, entity in watch.changes[before:]]
        assert sorted(told) == sorted(expected) and people.client.units >= units + 1
        catches_up(people.client, watch, database)


def test_what_changes_nothing_is_not_told(people):  # SUB-07
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 1), (2, 'Max', 2)")
    watch = people.client.watch("dog where age >= 1")
    second = people.client.watch("dog where age >= 2")
    people.database.sql("UPDATE dog SET age = age; UPDATE dog SET age = 5 WHERE id = 2")
    people.client.wait(lambda: second.states()["2"]["age"] == 5, "the one change")
    assert watch.changes == second.changes == [("update", ulid_from_integer(2))]


def test_an_event_without_a_changed_property_moves_the_head(wired):
    line = wired.line()
    line.commit("A@10 create title=a", "B@50(A) title=b")
    watch = wired.client.watch("rec")
    line.commit("C@20(A) title=loses")
    wired.client.wait(lambda: len(watch.rows[line.entity]["head"]) == 2, "the new head")
    assert watch.rows[line.entity]["head"] == line.ids({"B", "C"})
    assert watch.rows[line.entity]["state"]["title"] == "b"


PREDICATES = [  # text, parameters, what SQL calls it
    ("name = $1", ["Rex"], "name = 'Rex'"), ("age > $1 or name = $2", [3, "Max"], "age > 3 OR name = 'Max'"),
    ("age between 2 and 5", [], None), ("name in ('Rex', 'Max', null)", [], None), ("name like 'R%'", [], None),
    ("name is null", [], None), ("not (age > 3)", [], None), ("age is not null and name <> 'Rex'", [], None),
    ("name = 'O''Brien' or age = 1", [], None), ("name is distinct from 'Rex'", [], None),
    ("age >= 3 and (name > 'M' or name is null)", [], "age >= 3 AND (name > 'M' COLLATE \"C\" OR name IS NULL)"),
    ("age not in (1, null)", [], None), ("age in ($1, $2)", [1, 4], "age IN (1, 4)"), ("", [], "true"),
]


def test_predicates_agree_with_sql_in_result_and_stream(people, rng):
    people.database.sql("INSERT INTO dog SELECT i, (ARRAY['Rex','Max','O''Brien','rex',NULL,''])[1 + i % 6], "
                        "nullif(i % 7, 6) FROM generate_series(1, 60) i")
    watches = [people.client.watch(f"dog where {text}" if text else "dog", *params) for text, params, _ in PREDICATES]
    for _ in range(15):
        people.database.sql("UPDATE dog SET age = (age * 3 + %s) %% 8, name = (ARRAY['Rex','Max','Ray',NULL,'Z'])"
                            "[1 + (id + %s) %% 5] WHERE id %% 4 = %s", rng.randint(0, 7), rng.randint(0, 4),
                            rng.randint(0, 3))
    for (text, _, in_sql), watch in zip(PREDICATES, watches):
        expected = {str(key): {"id": key, "name": name, "age": age} for key, name, age in
                    people.database.sql(f"SELECT * FROM dog WHERE {in_sql or text}")}
        people.client.wait(lambda watch=watch, expected=expected: watch.states() == expected, f"{text} like SQL")
        assert not watch.anomalies, (text, watch.anomalies[:2])
        fetched = people.client.fetch(watch.query, *watch.params)
        assert {key: row["state"] for key, row in fetched.items()} == expected


def test_commits_are_answered_and_covered_by_a_tick(wired):
    watch = wired.client.watch("rec")
    line = wired.line()
    answer = wired.client.commit([line.event("A@10 create title=a")])
    wired.client.await_covered(answer)
    assert watch.rows[line.entity]["head"] == answer["events"][0]["head"] == line.ids({"A"})
    assert answer["events"][0]["key"] == line.key and answer["follow_ups"] == []
    hold(line)


def test_a_commit_that_breaks_a_rule_is_refused_whole(wired):  # TX-01, core 25
    watch = wired.client.watch("rec")
    error = transactions.third_event_breaks_a_check(wired)
    assert (error.event, error.sqlstate, error.constraint) == (2, "23514", "rec_n_check")
    assert error.hint is not None and error.retry is False
    catches_up(wired.client, watch, wired.database)
    titles = sorted(state["title"] for state in watch.states().values())
    assert titles == ["a", "one", "two"]
    assert [kind for kind, _ in watch.changes].count("add") == 3 and len(watch.changes) == 5


def test_resuming_brings_what_changed_and_nothing_else(people):
    people.database.sql("INSERT INTO dog SELECT i, 'x', i FROM generate_series(1, 50) i")
    first = people.gateway.client()
    watch = first.watch("dog where age <= 40")
    held, cursor = dict(watch.rows), first.cursor
    first.close()
    people.database.sql("""UPDATE dog SET name = 'y' WHERE id = 3; UPDATE dog SET age = 99 WHERE id = 4;
                           DELETE FROM dog WHERE id = 5; UPDATE dog SET age = 1 WHERE id = 45;
                           INSERT INTO dog VALUES (60, 'new', 2)""")
    again = people.gateway.client()
    resumed = again.await_live(again.begin_watch("dog where age <= 40", cursor=cursor, rows=held))
    catches_up(again, resumed, people.database)
    rows = [frame for frame in again.frames if frame["type"] == "rows"]
    assert not any(frame.get("reset") for frame in rows)
    assert {row["key"] for frame in rows for row in frame["rows"]} == {"3", "45", "60"}
    assert {people.integer_of(gone["entity"]) for frame in rows for gone in frame.get("remove", [])} == {4, 5}


def test_a_cursor_of_another_life_gives_the_whole_result(people):
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 1)")
    watch = people.client.begin_watch("dog", cursor="4711.0123456789abcdef",
                                      rows={"stale": {"key": "9", "head": [], "state": {}}})
    people.client.await_live(watch)
    catches_up(people.client, watch, people.database)
    with pytest.raises(Refused) as caught:
        people.client.await_live(people.client.begin_watch("dog", cursor="nonsense"))
    assert caught.value.code == "bad_cursor" and caught.value.hint


def test_unsubscribed_means_silence(people):  # RES-09
    watch, kept = people.client.watch("dog"), people.client.watch("dog where age > 0")
    people.client.unsubscribe(watch)
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 1)")
    people.client.wait(lambda: kept.rows, "the other query's row")
    assert watch.changes == []


def test_restart_of_postgres_is_survived(durable_cluster, rng, new_database, gateway):
    own = new_database(on=durable_cluster())
    SqlWorld(own, rng)
    client = gateway(own).client()
    watch = client.watch("rec")
    own.sql("INSERT INTO rec VALUES (gen_random_uuid(), 'before')")
    catches_up(client, watch, own)
    own.cluster.stop("fast")
    own.cluster.start()
    own.main = own.connect()
    own.sql("INSERT INTO rec VALUES (gen_random_uuid(), 'after')")
    catches_up(client, watch, own)


def test_sigterm_drains(people):
    watch = people.client.watch("dog")
    people.database.sql("INSERT INTO dog VALUES (1, 'Rex', 1)")
    people.client.wait(lambda: watch.rows, "the row")
    assert people.gateway.stop() == 0, people.gateway.log_tail()
    people.client.wait(lambda: people.client.closed, "the end")
    assert people.client.closed[0] == 1001
    assert people.client.frames[-1]["type"] == "goodbye" and people.client.frames[-1]["code"] == "unavailable"


def test_a_client_that_is_silent_and_answers_pings_is_kept(people, gateway, monkeypatch):
    """The next ping comes only when the last one's answer was heard, and without one the socket is closed."""
    monkeypatch.setenv("PLAIT_QUIET_SECONDS", "1")
    bare = BareSocket(gateway(people.database).port)
    bare.send_text('{"type":"hello","id":"1","version":1}')
    assert b"welcome" in bare.next_frame()[1]
    for _ in range(3):
        opcode, payload = bare.next_frame()
        assert opcode == BareSocket.PING
        bare.send(BareSocket.PONG, payload)
    bare.close()


def test_hello_comes_first(people):  # WS-02
    silent = Client(people.gateway.url, hello=False)
    silent.send({"type": "ping"})
    silent.wait(lambda: silent.closed, "closed")
    assert silent.closed[0] == 4001 and silent.frames[-1]["code"] == "hello_first"
    other = Client(people.gateway.url, hello=False)
    other.send({"type": "hello", "version": 99})
    other.wait(lambda: other.closed, "closed")
    assert other.closed[0] == 4002 and other.frames[-1]["code"] == "version_unsupported"


@pytest.mark.parametrize("text, code", [
    ('{"type":"subscribe","id":"x","query":"nothing"}', "unknown_collection"),
    ('{"type":"subscribe","id":"x","query":"dog where colour = 1"}', "unknown_property"),
    ('{"type":"subscribe","id":"x","query":"dog where age ="}', "bad_query"),
    ('{"type":"subscribe","id":"x","query":"dog where age = $1","params":[]}', "bad_query"),
    ('{"type":"subscribe","id":"x","query":"dog; drop table dog"}', "bad_query"),
    ('{"type":"subscribe","id":"x"}', "bad_message"), ('{"type":"nonsense","id":"x"}', "bad_message"),
    ('{"type":"commit","id":"x","events":5}', {"bad_message", "bad_event"}),
    ('{"type":"unsubscribe","id":"x"}', "unknown_query"),
])
def test_what_is_wrong_with_a_request_is_said(people, text, code):
    people.client.send_text(text)
    answer = people.client.answer("x")
    assert answer["type"] in ("error", "refused")
    assert answer["code"] in ({code} if isinstance(code, str) else code | {"unknown_property"}), answer
    assert answer["what"] and answer["hint"], answer
    assert people.client.request({"type": "ping"})["type"] == "pong"


@pytest.mark.parametrize("text", ['[1]', 'nonsense', '{"type":"ping","id":"x"', "{" * 100_000, '"' + "\\ud800" + '"'])
def test_frames_that_are_no_message_close_the_socket(people, text):  # ADV-05
    people.client.send_text(text)
    people.client.wait(lambda: people.client.closed, "closed")
    assert people.client.closed[0] == 4003
    assert people.gateway.client().welcome["type"] == "welcome"


def test_tables_under_row_level_security_are_not_readable_yet(people):
    people.database.sql("CREATE TABLE hidden (id int PRIMARY KEY); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;"
                        "GRANT SELECT ON hidden TO acceptance_app, acceptance_gateway")
    people.track("hidden")
    client = people.gateway.client()
    client.wait(lambda: client.request({"type": "ping"}), "pong")
    with pytest.raises(Refused) as caught:
        client.watch("hidden")
    assert caught.value.code in ("permission_denied", "not_supported", "unknown_collection")


def test_forged_events_are_refused_and_nobody_hears_of_them(wired):  # core 2, 12
    x, y = wired.line(), wired.line()
    x.commit("A@10 create title=a")
    y.commit("A@10 create title=y")
    watch = wired.client.watch("rec")
    crossed = x.maker.make_at(x["A"].hlc + 100, [x["A"].id, y["A"].id], {"set": {"title": "d"}})
    refused(wired, "missing_parents", [crossed])
    far = x.maker.make_at(((1 << 48) - 1) << 16, [x["A"].id], {"set": {"title": "far"}})
    refused(wired, "clock_drift", [far])
    x.commit("B@20(A) title=end")
    wired.client.wait(lambda: watch.states()[x.key]["title"] == "end", "the good one")
    assert watch.changes == [("update", x.entity)]
