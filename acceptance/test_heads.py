# acceptance/test_heads.py: HEAD-01 to HEAD-08 through SQL alone.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.harness.worker import together
from acceptance.model.canonical import canonical
from acceptance.model.event import wire_text
from acceptance.scenarios import heads
from acceptance.scenarios.promises import hold


@pytest.mark.parametrize("scenario", heads.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_heads(world, scenario):
    scenario(world)


def test_wide_head(world):  # DET-03
    heads.wide_head_collapses_under_one_merge(world)
    assert not world.verify()


@pytest.mark.parametrize("move", [False, True], ids=["named by its key", "moved to another key"])
def test_sql_writes_on_the_whole_of_a_wide_head(world, move):
    """UPDATE, DELETE and INSERT name every event of the head, also where the entity's key is not its id."""
    line = world.line()
    line.commit("A@10 create title=a")
    if move:
        line.key = "11111111-2222-4333-8444-555555555555"
        world.database.sql("UPDATE rec SET id = %s", line.key)
    for number, statement in enumerate(("UPDATE rec SET n = 5", "DELETE FROM rec",
                                        "INSERT INTO rec VALUES ('%s', 'back')" % line.key)):
        line.commit(f"B{number}@{20 + number}(A) title=b", f"C{number}@{30 + number}(A) artist=c")
        head = world.head_ids(line)
        assert len(head) >= 2
        world.database.sql(statement)
        (event,) = [event for event in world.stored_events(line) if event.id in world.head_ids(line)]
        assert list(event.parents) == head
    agrees(world, "rec")


def test_order_of_parents_means_nothing(world):  # HEAD-07
    line = world.line()
    line.commit_each("A@10 create title=a", "B@20(A) title=b", "C@30(A) title=c")
    event = line.event("D@40(B,C) title=d")
    for parents in (["C", "B"], ["B", "C"], ["C", "B", "C"]):
        message = {**event.wire(), "parents": [line[name].id for name in parents]}
        answer = world.database.value("SELECT plait.commit(%s::jsonb)", canonical([message]))
        assert [told["id"] for told in answer["events"]] == [event.id]
    assert line.stored() == ["A", "B", "C", "D"] and line.head() == {"D"}
    hold(line)


def test_twenty_concurrent_writers_of_one_row(world):  # HEAD-05
    line = world.line()
    line.commit("A@10 create title=a")
    stale = [line.event(f"W{i}@{100 + i}(A) title=w{i}") for i in range(10)]
    connections = [world.database.connect() for _ in range(20)]

    def by_sql(number, on):
        return lambda: world.database.sql("UPDATE rec SET title = %s WHERE id = %s", f"s{number}", line.key, on=on)

    def by_commit(event, on):
        return lambda: world.commit([event], on=on)
    together(*[by_sql(i, connections[i]) for i in range(10)],
             *[by_commit(event, on) for event, on in zip(stale, connections[10:])])
    events = world.stored_events(line)
    assert len(events) == 21
    known = {event.id for event in events}
    assert all(parent in known for event in events for parent in event.parents)
    assert line.row()["title"] == max(events, key=lambda event: event.id).operations["set"]["title"]
    hold(line)


def buffers_of_commit(world, events):
    """Buffers that one commit touches, rolled back."""
    world.database.sql("BEGIN")
    plan = world.database.value("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT plait.commit(%s::jsonb)",
                                wire_text(events))
    world.database.sql("ROLLBACK")
    return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]


@pytest.mark.parametrize("length", [50, 20_000])
def test_deep_fork_costs_no_more_than_a_shallow_one(world, length):  # HEAD-06
    deep, shallow = world.line(), world.line()
    for line, count in ((deep, length), (shallow, 2)):
        line.event("E0@1 create title=e0")
        for i in range(1, count):
            line.event(f"E{i}@{i + 1}(E{i - 1}) title=e{i}")
        names = [f"E{i}" for i in range(count)]
        for start in range(0, count, 2000):
            line.commit(*names[start:start + 2000])
        line.events(f"X@{count + 10}(E{count - 1}) title=x", f"Y@{count + 9}(E{count - 1}) title=y artist=y")
        line.commit("X")
    cost = {line: buffers_of_commit(world, [line["Y"]]) for line in (deep, shallow)}
    assert cost[deep] <= 2 * cost[shallow], cost
    for line in (deep, shallow):
        line.commit("Y")
        assert line.head() == {"X", "Y"}
        assert (line.row()["title"], line.row()["artist"]) == ("x", "y")
    hold(shallow)
