# acceptance/scenarios/determinism.py: DET-01 and DET-02: any order, any splitting, any repeats.
from acceptance.model import dag
from acceptance.scenarios.promises import hold

EVENTS = {  # DET-01 with lww in the place of the counter and the set
    "A": "A@10 create name=i year=0", "B": "B@20(A) name=b", "C": "C@30(A) name=c year=1",
    "D": "D@25(B) year=2", "E": "E@40(C,D) owner=e", "F": "F@35(A) plays=2", "G": "G@45(F) plays=5",
    "H": "H@50(E,G) body=x",
}
PARENTS = {"A": [], "B": ["A"], "C": ["A"], "D": ["B"], "E": ["C", "D"], "F": ["A"], "G": ["F"],
           "H": ["E", "G"]}
EXPECTED = {"name": "c", "year": 1, "owner": "e", "plays": 5, "body": "x"}


def orders():
    found = dag.linearisations(PARENTS)
    assert len(found) == 45
    return found


def in_this_order(world, order, rng):  # DET-01, core 6
    line = world.line("album")
    line.events(*EVENTS.values())
    for part in _split_with_repeats(order, rng):
        line.commit(*part)
    row = line.row()
    assert {prop: row[prop] for prop in EXPECTED} == EXPECTED, f"{order}: {row}"
    assert line.head() == {"H"}
    assert line.stored() == sorted(EVENTS)
    return line


def _split_with_repeats(order, rng):
    """1 to 8 deliveries; each may repeat, shuffled, what went before."""
    cuts = sorted(rng.sample(range(1, len(order)), rng.randint(0, len(order) - 1)))
    parts = [order[start:end] for start, end in zip([0] + cuts, cuts + [len(order)])]
    for done, part in zip([0] + cuts, parts):
        repeats = [name for name in order[:done] if rng.random() < 0.3]
        delivery = list(part) + repeats
        rng.shuffle(delivery)
        yield delivery


def chain_in_one_commit_in_any_wire_order(world):  # DET-02
    for order in (["D", "C", "B", "A"], ["B", "D", "A", "C"], ["A", "B", "C", "D"]):
        line = world.line()
        line.events("A@10 create title=a artist=a", "B@20(A) title=b", "C@30(B) artist=c",
                    "D@40(C) n=4")
        line.commit(*order)
        assert line.row() == {"title": "b", "artist": "c", "n": 4}
        assert line.head() == {"D"}
        hold(line)
