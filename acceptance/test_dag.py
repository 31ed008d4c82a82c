# acceptance/test_dag.py: DAG-01 to DAG-16 through plait.compare, meet, bridge and ancestors.
import os

import pytest

from acceptance.model import dag
from acceptance.model.canonical import canonical
from acceptance.model.event import wire_text
from acceptance.model.world import Refused
from acceptance.scenarios import dags
from acceptance.scenarios.promises import relates

RANDOM_DAGS = 10_000 if os.environ.get("SOAK") else 2_000


@pytest.mark.parametrize("scenario", dags.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_dags(world, scenario):
    scenario(world)


def chain(line, length):
    line.event("E1@1 create")
    for i in range(2, length + 1):
        line.event(f"E{i}@{i}(E{i - 1})")
    line.commit(*[f"E{i}" for i in range(1, length + 1)])


def test_a_budget_is_a_value_and_a_greater_one_helps(world):  # DAG-11
    line = world.line()
    chain(line, 20)
    ours, theirs = line.ids({"E20"}), line.ids({"E1"})
    assert world.compare(line, ours, theirs, budget=4) == "budget_exceeded"
    assert world.compare(line, ours, theirs, budget=1000) == "descends"
    assert world.compare(line, theirs, ours, budget=1000) == "ascends"
    assert world.compare(line, ours, line.ids({"E19"}), budget=4) == "descends"


def test_diamonds_fit_a_small_budget(world):  # DAG-06
    line = world.line()
    made, below = ["R@10 create"], "R"
    for level in range(30):
        at = 100 + level * 10
        made += [f"A{level}@{at}({below})", f"C{level}@{at + 1}({below})", f"B{level}@{at + 2}(C{level})",
                 f"J{level}@{at + 3}(A{level},B{level})"]
        below = f"J{level}"
    line.events(*made)
    line.commit(*[notation.split("@")[0] for notation in made])
    assert world.compare(line, line.ids({below}), line.ids({"R"}), budget=200) == "descends"


def test_ids_of_another_entity_are_never_ancestors(world):  # DAG-03, 08, 14 as far as one entity has one root
    x, y = world.line(), world.line()
    x.commit("1@10 create", "2@20(1)", "3@30(2)")
    y.commit("6@10 create", "7@20(6)", "8@30(7)")
    for ours, theirs in ((["3"], ["8"]), (["8"], ["3"]), (["3"], ["1", "8"]), (["3", "8"], ["1"])):
        ids = [sorted((x if name in "123" else y)[name].id for name in names) for names in (ours, theirs)]
        try:
            answer = world.compare(x, *ids)
        except Refused as error:
            assert error.code in ("missing_parents", "not_found")
        else:
            assert answer not in ("descends", "ascends", "equal")


def test_an_unknown_event_is_an_error_not_a_loop(world):  # DAG-13
    line = world.line()
    line.commit("A@10 create", "B@20(A)")
    line.event("C@30(B)")
    with pytest.raises(Refused) as caught:
        world.compare(line, line.ids({"C"}), line.ids({"A"}))
    assert caught.value.code in ("missing_parents", "not_found") and caught.value.hint


def test_ancestors(world):
    line = world.line()
    line.commit("A@10 create", "B@20(A)", "C@30(A)", "D@40(B,C)", "E@50(A)")
    found = world.database.column("SELECT id::text FROM plait.ancestors('rec', %s, %s::text[]::plait.ulid[])",
                                  line.key, line.ids({"D"}))
    assert {"A", "B", "C"} <= line.names(found) <= {"A", "B", "C", "D"} and len(found) == len(set(found))


def test_random_dags_agree_with_the_transitive_closure(world, rng):  # DAG-15, one by one
    dags.agrees_with_the_transitive_closure(world, rng)


def test_many_random_dags_agree_with_the_transitive_closure(world, rng):  # DAG-15, in bulk
    for start in range(0, RANDOM_DAGS, 500):
        lines = [random_line(world, rng) for _ in range(500)]
        events = [event for line, _ in lines for event in line.maker.by_name.values()]
        for at in range(0, len(events), 2000):
            world.database.sql("SELECT plait.commit(%s::jsonb)", wire_text(events[at:at + 2000]))
        questions = [(line, parents, dag.random_antichain(rng, parents), dag.random_antichain(rng, parents))
                     for line, parents in lines for _ in range(3)]
        for (line, parents, ours, theirs), answer in zip(questions, ask(world, questions)):
            shape = f"{line.entity}: {parents}\n{ours} to {theirs}"
            relation, meet, bridge = answer
            assert relation == dag.relation(parents, ours, theirs), shape
            assert sorted(meet) == dag.meet(parents, ours, theirs), shape
            assert bridge == dag.bridge(parents, ours, theirs), shape


def random_line(world, rng):
    line = world.line()
    shape = dag.random_dag(rng, rng.randint(3, 12))
    for event, parents in shape.items():
        names = ",".join(f"e{parent}" for parent in parents)
        line.event(f"e{event}@{10 + event}({names})" + ("" if parents else " create"))
    return line, {event.id: list(event.parents) for event in line.maker.by_name.values()}


def ask(world, questions):
    """(relation, meet, bridge) for each; arrays of heads travel as JSON."""
    sent = canonical([{"key": line.key, "ours": ours, "theirs": theirs} for line, _, ours, theirs in questions])
    return world.database.sql("""
        SELECT plait.compare('rec', q.key, q.ours::plait.ulid[], q.theirs::plait.ulid[]),
               plait.meet('rec', q.key, q.ours::plait.ulid[], q.theirs::plait.ulid[])::text[],
               ARRAY(SELECT id::text FROM plait.bridge('rec', q.key, q.ours::plait.ulid[], q.theirs::plait.ulid[]))
          FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (key text, ours text[], theirs text[]))
               WITH ORDINALITY AS q (key, ours, theirs, nth) ORDER BY nth""", sent)


def test_relation_survives_later_events(world):
    line = world.line()
    line.commit("A@10 create", "B@20(A)", "C@30(A)")
    relates(line, {"B"}, {"C"}, "diverged", meet={"A"})
    line.commit("D@40(B,C)")
    relates(line, {"B"}, {"C"}, "diverged", meet={"A"})
    relates(line, {"D"}, {"B", "C"}, "descends", meet={"B", "C"})
