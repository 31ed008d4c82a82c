# vectors/dag_vectors.py: how heads are related, by transitive closure: DAGs, questions and answers.
#
# An answer has the relation of `ours` to `theirs`, their meet, and the bridge that leads from `theirs`
# to `ours` (all events that ours covers and theirs does not, parents first). With the two swapped,
# descends and ascends change places and the meet stays.
import random

from drawn import Drawn


def cover(dag, head):
    """The events of a head and all their ancestors."""
    covered, todo = set(), list(head)
    while todo:
        event = todo.pop()
        if event not in covered:
            covered.add(event)
            todo += dag[event]
    return covered


def tips(dag, events):
    """Those that are no ancestor of another one; sorted."""
    below = set()
    for event in events:
        below |= cover(dag, dag[event])
    return sorted(set(events) - below)


def relation(dag, ours, theirs):
    a, b = cover(dag, ours), cover(dag, theirs)
    roots = {event for event in dag if not dag[event]}
    if a == b:
        return "equal"
    if not a or not b:
        return "diverged"
    if not a & b:
        return "disjoint"
    if a & roots == b & roots and b < a:
        return "descends"
    if a & roots == b & roots and a < b:
        return "ascends"
    return "diverged"


def answer(dag, ours, theirs):
    return {
        "ours": sorted(ours),
        "theirs": sorted(theirs),
        "relation": relation(dag, ours, theirs),
        "meet": tips(dag, cover(dag, ours) & cover(dag, theirs)),
        "bridge": sorted(cover(dag, ours) - cover(dag, theirs)),
    }


# name, child -> parents in the order of the stamps, questions (ours : theirs)
SCENARIOS = [
    ("DAG-01", "1 2<1 3<2", ["3:1", "1:3", "2:2"]),
    ("DAG-02", "1 2<1 3<1 4<1 5<2,3 6<3,4 7<5,6", ["5:6", "7:2,4", "5:3,4", "6:2,3"]),
    ("DAG-03", "1 2<1 3<2 4<1 5<4 6 7<6 8<7", ["3:8", "3:5,8", "5,8:3"]),
    ("DAG-04", "A", [":", ":A", "A:"]),
    ("DAG-05", "R N<R D<R C<N A<N B<C S<A,B", ["S:N,D", "N,D:S"]),
    ("DAG-05, D stamped last", "R N<R C<N A<N B<C S<A,B D<R", ["S:N,D", "N,D:S"]),
    ("DAG-07, a late origin", "M C1<M X<M C2<X S<M", ["S:C1,C2"]),
    ("DAG-07, a stalled origin", "M K<M C1<K L<K H<L S<M", ["S:C1,H"]),
    ("DAG-08", "A B<A X D<B,X", ["B,X:A", "D:A", "D:A,X"]),
    ("DAG-09", "A B<A C<A D<C E<B,C", ["D:B,C", "E:B,C"]),
    ("DAG-09, three tips", "A B<A C<A D<A F<B", ["F:B,C,D"]),
    ("DAG-10", "A B<A C<A D<B E<C F<D G<E H<F I<G X<D Y<X", ["H:I", "I:H", "Y:H"]),
    ("DAG-14", "1 2 3 4 5 6 7<1,2,3,4,5,6 8<7", ["8:1,2,3,4,5,6"]),
    ("DAG-16", "A B<A C<B G<A E<C,G", ["E:B"]),
    ("BR-02", "A X<A P<X H2<X H1<P", ["H1,H2:A"]),
    ("HEAD-08, a redundant parent", "A C<A E<A,C", ["E:A", "E:C"]),
]


def drawn(text, stamp):
    dag = Drawn("rec", stamp)
    for word in text.split():
        name, _, parents = word.partition("<")
        dag.add(name, parents.split(",") if parents else [])
    return dag


def scenario(name, text, questions, stamp):
    dag = drawn(text, stamp)
    pairs = [[dag.ids(side.split(",") if side else []) for side in question.split(":")]
             for question in questions]
    return {"name": name, "events": dag.events,
            "answers": [answer(dag.parents(), ours, theirs) for ours, theirs in pairs]}


def random_scenario(seed, stamp):
    rng = random.Random(seed)
    words = ["0"]
    for event in range(1, rng.randint(3, 14)):
        parents = rng.sample(range(event), min(event, rng.choice((1, 1, 1, 2, 3))))
        words.append(f"{event}<{','.join(map(str, sorted(parents)))}")
    dag = drawn(" ".join(words), stamp)
    links = dag.parents()
    heads = [tips(links, rng.sample(sorted(links), rng.randint(1, min(3, len(links)))))
             for _ in range(4)]
    return {"name": f"DAG-15, seed {seed}", "events": dag.events,
            "answers": [answer(links, ours, theirs) for ours in heads for theirs in heads]}


def dag_vectors(stamp):
    return ([scenario(*each, stamp) for each in SCENARIOS]
            + [random_scenario(seed, stamp) for seed in range(1, 9)])
