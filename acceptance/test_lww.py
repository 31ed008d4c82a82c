# acceptance/test_lww.py: LWW-01 to LWW-08 and the clock, through SQL.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.model import ulid
from acceptance.scenarios import lww
from acceptance.scenarios.promises import hold, refused

DRIFT_MS = 60_000


@pytest.mark.parametrize("scenario", lww.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_lww(world, scenario):
    scenario(world)


def server_hlc(world, ahead_ms=0.0):
    """The server's clock as a stamp, some milliseconds ahead."""
    now_ms = world.database.value("SELECT extract(epoch FROM clock_timestamp()) * 1000")
    return ulid.hlc_of_unix_ms(float(now_ms) + ahead_ms)


def test_sql_writes_after_what_it_saw_however_fast_that_clock_was(world):  # LWW-05, core 5
    line = world.line()
    line.commit("A@10 create title=a")
    line.maker.remember("B", line.maker.make_at(server_hlc(world, DRIFT_MS * 2 / 3), [line["A"].id],
                                                {"set": {"title": "fast"}}))
    line.commit("B")
    for title in ("s1", "s2"):
        world.database.sql("UPDATE rec SET title = %s WHERE id = %s", title, line.key)
        assert line.row()["title"] == title
        hold(line)
    events = world.stored_events(line)
    assert [event.parents for event in events[1:]] == [(event.id,) for event in events[:-1]]
    late = line.maker.remember("L", line.maker.make_at(events[1].hlc - 1, [line["A"].id],
                                                       {"set": {"title": "late"}}))
    line.commit("L")
    assert line.row()["title"] == "s2" and late.id in world.head_ids(line)
    hold(line)


def test_a_far_clock_is_refused_with_the_servers_time(world):  # core 12, ADV-10
    line = world.line()
    line.commit("A@10 create title=a")

    def ahead(ms, name):
        return line.maker.remember(name, line.maker.make_at(server_hlc(world, ms), [line["A"].id],
                                                            {"set": {"title": name}}))
    ahead(DRIFT_MS + 1000, "F")
    error = refused(line, "clock_drift", "F")
    assert "20" in error.what + error.hint + error.where  # a year: the server's time is told
    far = ((1 << 48) - 1) << 16
    line.maker.remember("Y", line.maker.make_at(far, [line["A"].id], {"set": {"title": "10889"}}))
    refused(line, "clock_drift", "Y")
    assert line.stored() == ["A"]
    ahead(DRIFT_MS - 100, "N")
    line.commit("N")
    near = line["N"]
    successor = line.maker.make_at(near.hlc + 4096, [near.id], {"set": {"title": "successor"}})
    line.maker.remember("S", successor)
    climb = line.maker.make_at(server_hlc(world, DRIFT_MS + 5000), [near.id], {"set": {"title": "climb"}})
    line.maker.remember("C", climb)
    refused(line, "clock_drift", "C")
    line.commit("S")
    assert line.row()["title"] == "successor"
    hold(line)


def test_the_servers_own_writes_never_fail_its_clock(world):  # core 12, ADV-10 (a)
    line = world.line()
    line.commit("A@10 create n=0")
    line.maker.remember("B", line.maker.make_at(server_hlc(world, DRIFT_MS - 100), [line["A"].id],
                                                {"set": {"title": "fast"}}))
    line.commit("B")
    world.database.sql("INSERT INTO rec SELECT gen_random_uuid(), 'many' FROM generate_series(1, 100000)")
    world.database.sql("""CREATE PROCEDURE climb() LANGUAGE plpgsql AS $$ BEGIN
                            FOR i IN 1..70000 LOOP
                              UPDATE rec SET n = n + 1 WHERE title = 'fast';
                              IF i % 200 = 0 THEN COMMIT; END IF;
                            END LOOP; END $$;
                          CREATE INDEX ON rec (title) WHERE title = 'fast'""")
    world.database.sql("CALL climb()")
    assert line.row()["n"] == 70_000
    ids = world.database.column("""SELECT id::text FROM plait.event WHERE entity = %s::plait.ulid
                                    ORDER BY id""", line.entity)
    assert len(ids) == len(set(ids)) == 70_002
    hlcs = [ulid.hlc_of(event_id) for event_id in ids[1:]]
    assert all(later > earlier for earlier, later in zip(hlcs, hlcs[1:]))
    assert hlcs[-1] >> 16 > hlcs[0] >> 16, "70,000 successors carry into the milliseconds"
    assert not world.database.value("SELECT count(*) FROM plait.verify('rec')")


def test_a_clock_that_is_slow_is_never_refused(world):  # HLC-7
    line = world.line()
    genesis = line.maker.make_at(1, [], {"create": True, "set": {"title": "1970"}})
    line.maker.remember("A", genesis)
    line.commit("A")
    line.maker.remember("B", line.maker.make_at(2, [genesis.id], {"set": {"title": "later"}}))
    line.commit("B")
    assert line.row()["title"] == "later"
    hold(line)


def test_stamps_of_two_sessions_grow_along_every_edge(world):  # HLC-8
    line = world.line()
    line.commit("A@10 create n=0")
    sessions = [world.database.connect() for _ in range(2)]
    for i in range(200):
        world.database.sql("UPDATE rec SET n = n + 1 WHERE id = %s", line.key, on=sessions[i % 2])
    events = world.stored_events(line)
    assert len(events) == 201
    assert all(later.parents == (earlier.id,) and later.hlc > earlier.hlc
               for earlier, later in zip(events, events[1:]))
    agrees(world, "rec")
