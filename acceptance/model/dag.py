# acceptance/model/dag.py: relation, meet and bridge of two heads by transitive closure.
#
# A DAG is a dict: event -> its parents. Everything is computed from the full set of ancestors.


def ancestors(dag, head):
    """The events of `head` and all that they descend from."""
    found, todo = set(), list(head)
    while todo:
        event = todo.pop()
        if event not in found:
            found.add(event)
            todo.extend(dag[event])
    return found


def antichain(dag, events):
    """Those of `events` that no other one of them descends from, sorted."""
    covered = set()
    for event in events:
        covered |= ancestors(dag, dag[event])
    return sorted(set(events) - covered)


def head(dag):
    return antichain(dag, dag)


def relation(dag, ours, theirs):
    ours, theirs = set(ours), set(theirs)
    if ours == theirs:
        return "equal"
    if not ours or not theirs:
        return "diverged"
    below_ours, below_theirs = ancestors(dag, ours), ancestors(dag, theirs)
    if below_theirs < below_ours and theirs <= below_ours:
        return "descends"
    if below_ours < below_theirs:
        return "ascends"
    return "diverged" if below_ours & below_theirs else "disjoint"


def meet(dag, ours, theirs):
    return antichain(dag, ancestors(dag, ours) & ancestors(dag, theirs))


def bridge(dag, known, wanted):
    """What leads from `known` to `wanted`. Ids grow along edges, so sorted means parents first."""
    return sorted(ancestors(dag, wanted) - ancestors(dag, known))


def linearisations(dag):
    """Every order of the events in which parents come first."""
    def extend(done):
        if len(done) == len(dag):
            yield list(done)
        for event in sorted(dag):
            if event not in done and all(parent in done for parent in dag[event]):
                yield from extend(done + [event])
    return list(extend([]))


def random_dag(rng, count, redundant=0.1):
    """A DAG over 0..count-1 with one root, ids growing along edges; now and then a redundant parent."""
    dag = {0: []}
    for event in range(1, count):
        some = rng.sample(sorted(dag), min(len(dag), rng.choice((1, 1, 1, 2, 2, 3))))
        parents = some if rng.random() < redundant else antichain(dag, some)
        dag[event] = sorted(parents)
    return dag


def random_antichain(rng, dag, width=3):
    return antichain(dag, rng.sample(sorted(dag), rng.randint(1, min(width, len(dag)))))
