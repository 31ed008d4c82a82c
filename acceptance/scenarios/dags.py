# acceptance/scenarios/dags.py: DAG-01 to DAG-16: relation, meet and bridge of two heads.
#
# Two roots never stand in one entity, so the rows of the catalogue with several roots (3, 8, 14)
# become: events of another entity are never ancestors of ours.
import random

from acceptance.model import dag
from acceptance.scenarios.promises import hold, refused, relates


def grow(line, *notations):
    """Makes the events and commits them in a random causal order."""
    made = line.events(*notations)
    parents = {event.id: event.parents for event in made}
    names = {event.id: line.maker.name_of(event.id) for event in made}
    rng, left, order = random.Random(line.entity), set(parents), []
    while left:
        ready = [e for e in sorted(left) if all(parent not in left for parent in parents[e])]
        order.append(rng.choice(ready))
        left.remove(order[-1])
    line.commit_each(*[names[event_id] for event_id in order])


def linear(world):  # DAG-01
    line = world.line()
    grow(line, "1@10 create", "2@20(1)", "3@30(2)")
    relates(line, {"3"}, {"1"}, "descends", meet={"1"})
    relates(line, {"2"}, {"2"}, "equal", meet={"2"})
    assert line.bridge({"1"}, {"3"}) == ["2", "3"]
    assert line.bridge({"3"}, {"1"}) == []


def concurrent(world):  # DAG-02
    line = world.line()
    grow(line, "1@10 create", "2@20(1)", "3@21(1)", "4@22(1)", "5@30(2,3)", "6@31(3,4)", "7@40(5,6)")
    relates(line, {"5"}, {"6"}, "diverged", meet={"3"})
    relates(line, {"7"}, {"2", "4"}, "descends", meet={"2", "4"})
    relates(line, {"5"}, {"3", "4"}, "diverged", meet={"3"})
    relates(line, {"6"}, {"2", "3"}, "diverged", meet={"3"})


def empty_heads(world):  # DAG-04
    line = world.line()
    grow(line, "A@10 create title=a")
    relates(line, set(), set(), "equal", meet=set())
    relates(line, set(), {"A"}, "diverged", meet=set())


def uneven_paths_count_once(world):  # DAG-05, core 1
    line = world.line()
    grow(line, "R@10 create title=r", "N@20(R) title=n", "D@70(R) artist=d", "C@30(N) title=c",
         "A@40(N) title=a", "B@50(C) title=b")
    assert line.head() == {"A", "B", "D"}
    line.commit("S@60(A,B) title=s artist=s")
    relates(line, {"S"}, {"N", "D"}, "diverged", meet={"N"})
    assert line.row() == {"title": "s", "artist": "d", "n": None}
    assert line.head() == {"S", "D"}
    hold(line)


def diamonds_cost_events_not_paths(world, levels=30):  # DAG-06
    line = world.line()
    made, below = ["R@10 create"], "R"
    for level in range(levels):
        at = 100 + level * 10
        made += [f"A{level}@{at}({below})", f"C{level}@{at + 1}({below})",
                 f"B{level}@{at + 2}(C{level})", f"J{level}@{at + 3}(A{level},B{level})"]
        below = f"J{level}"
    line.events(*made)
    line.commit(*[notation.split("@")[0] for notation in made])
    relates(line, {below}, {"R"}, "descends")
    bridge = line.bridge({"R"}, {below})
    assert len(bridge) == len(set(bridge)) == 4 * levels


def late_origins_are_credited(world):  # DAG-07
    line = world.line()
    grow(line, "G@1 create", "M@10(G)", "X@20(M)", "C1@30(M)", "C2@31(X)", "S@32(M)")
    relates(line, {"S"}, {"C1", "C2"}, "diverged", meet={"M"})
    other = world.line()
    grow(other, "G@1 create", "M@10(G)", "K@20(M)", "C1@40(K)", "L@30(K)", "H@50(L)", "S@60(M)")
    relates(other, {"S"}, {"C1", "H"}, "diverged", meet={"M"})


def parents_must_be_of_the_same_entity(world):  # DAG-08, core 2
    x, y = world.line(), world.line()
    x.commit_each("A@10 create title=a", "B@20(A) title=b")
    y.commit("X@11 create title=x")
    crossed = x.maker.make_at(x["B"].hlc + 100, [x["B"].id, y["X"].id], {"set": {"title": "d"}})
    refused(world, {"missing_parents"}, [crossed])
    assert x.stored() == ["A", "B"] and x.head() == {"B"} and x.row()["title"] == "b"
    assert y.stored() == ["X"]
    hold(x)
    hold(y)


def event_may_extend_one_tip_or_many(world):  # DAG-09
    one = world.line()
    grow(one, "A@10 create", "B@20(A)", "C@21(A)")
    one.commit("D@30(C)")
    relates(one, {"D"}, {"B", "C"}, "diverged")
    assert one.head() == {"B", "D"}
    both = world.line()
    grow(both, "A@10 create", "B@20(A)", "C@21(A)")
    both.commit("E@30(B,C)")
    relates(both, {"E"}, {"B", "C"}, "descends")
    assert both.head() == {"E"}
    three = world.line()
    grow(three, "A@10 create", "B@20(A)", "C@21(A)", "D@22(A)")
    three.commit("F@30(B)")
    relates(three, {"F"}, {"B", "C", "D"}, "diverged")
    assert three.head() == {"C", "D", "F"}


def deep_branches_meet_at_the_fork(world):  # DAG-10
    line = world.line()
    grow(line, "A@10 create", "B@20(A)", "D@30(B)", "F@40(D)", "H@50(F)", "C@21(A)", "E@31(C)",
         "G@41(E)", "I@51(G)", "X@45(D)", "Y@46(X)")
    relates(line, {"H"}, {"I"}, "diverged", meet={"A"})
    assert line.bridge({"I"}, {"H"}) == ["B", "D", "F", "H"]
    assert line.bridge({"H"}, {"I"}) == ["C", "E", "G", "I"]
    relates(line, {"Y"}, {"H"}, "diverged", meet={"D"})


def merge_brings_its_whole_branch(world):  # DAG-16
    line = world.line()
    grow(line, "A@10 create title=a", "B@20(A) title=b", "C@30(B) title=c", "G@25(A) artist=g",
         "E@40(C,G) n=1")
    relates(line, {"E"}, {"B"}, "descends")
    assert line.bridge({"B"}, {"E"}) == ["G", "C", "E"]
    assert line.head() == {"E"}
    assert line.row() == {"title": "c", "artist": "g", "n": 1}
    hold(line)


def non_genesis_on_nothing_is_an_error(world):  # DAG-04, second half
    line = world.line()
    line.events("A@10 create title=a", "B@20(A) title=b")
    refused(line, "missing_parents", "B")
    assert line.stored() == []


def agrees_with_the_transitive_closure(world, rng, count=10):  # DAG-15
    for _ in range(count):
        shape = dag.random_dag(rng, rng.randint(3, 14))
        line = world.line()
        names = {event: f"e{event}" for event in shape}
        grow(line, *[f"{names[event]}@{10 + event}({','.join(names[p] for p in parents)})"
                     + (" create" if not parents else "") for event, parents in shape.items()])
        by_name = {names[e]: [names[p] for p in parents] for e, parents in shape.items()}
        for _ in range(6):
            ours, theirs = (dag.random_antichain(rng, by_name) for _ in range(2))
            relation = dag.relation(by_name, ours, theirs)
            relates(line, ours, theirs, relation, meet=dag.meet(by_name, ours, theirs))
            expected = dag.ancestors(by_name, theirs) - dag.ancestors(by_name, ours)
            bridge = line.bridge(ours, theirs)
            assert len(bridge) == len(expected) and set(bridge) == expected
            seen = set()
            for name in bridge:
                assert all(parent in seen or parent not in expected for parent in by_name[name])
                seen.add(name)


SCENARIOS = [linear, concurrent, empty_heads, uneven_paths_count_once, diamonds_cost_events_not_paths,
             late_origins_are_credited, parents_must_be_of_the_same_entity,
             event_may_extend_one_tip_or_many, deep_branches_meet_at_the_fork,
             merge_brings_its_whole_branch, non_genesis_on_nothing_is_an_error]
