# vectors/merge_vectors.py: the state of an entity after all its events, by sorting and replaying them.
#
# `state` is what the events come to, in any order of arrival, in any splitting, with any repeats:
# life ("absent", "alive", "dead") and the event that decided it; the value of every property, initial
# ones included; for each property that was set the event whose operation holds; the head.
import random

from drawn import Drawn

PROPERTIES = {
    "artist": {"merge": "lww", "initial": None},
    "n": {"merge": "lww", "initial": 0},
    "owner": {"merge": "lww", "initial": None},
    "title": {"merge": "lww", "initial": "untitled"},
}


def replayed(events):
    values = {name: rule["initial"] for name, rule in PROPERTIES.items()}
    life, life_event, won = "absent", None, {}
    for event in sorted(events, key=lambda event: event["id"]):
        operations = event["operations"]
        if "create" in operations or "delete" in operations:
            life = "alive" if "create" in operations else "dead"
            life_event = event["id"]
        for name, value in operations.get("set", {}).items():
            values[name] = value
            won[name] = event["id"]
    parents = {parent for event in events for parent in event["parents"]}
    head = sorted(event["id"] for event in events if event["id"] not in parents)
    return {"life": life, "life_event": life_event, "values": values, "won": won, "head": head}


def create(**values):
    return {"create": True, "set": values} if values else {"create": True}


def sets(**values):
    return {"set": values}


DELETE = {"delete": True}
PLAYED = {"emit": {"type": "Played", "data": {"title": "not a set"}}}

# name, [event, parents, operations, ms after T0 (or ms and counter)]
SCENARIOS = [
    ("LWW-01", [("A", "", create(), 10), ("B", "A", sets(title="b"), 20),
                ("C", "B", sets(artist="c"), 30), ("D", "C", sets(title="d"), 40)]),
    ("LWW-02", [("A", "", create(), 10), ("B", "A", sets(title="T"), 20),
                ("C", "A", sets(artist="R"), 30), ("D", "B C", sets(title="M"), 40)]),
    ("LWW-03", [("A", "", create(), 10), ("B", "A", sets(title="b"), 20),
                ("C", "A", sets(title="c"), 20)]),
    ("LWW-04", [("A", "", create(), 10), ("B", "A", sets(title="shallow"), 50),
                ("C", "A", sets(n=1), 20), ("D", "C", sets(n=2), 30),
                ("E", "D", sets(title="deep"), 40)]),
    ("LWW-07", [("A", "", create(title="a"), 10), ("B", "A", sets(title="x"), 20),
                ("C", "A", sets(title=None), 30)]),
    ("HEAD-03", [("A", "", create(), 10), ("B", "A", sets(title="b"), 20),
                 ("C", "A", sets(title="c", artist="c"), 60), ("E", "B", sets(title="e"), 50)]),
    ("HEAD-03, then F", [("A", "", create(), 10), ("B", "A", sets(title="b"), 20),
                         ("C", "A", sets(title="c", artist="c"), 60),
                         ("E", "B", sets(title="e"), 50), ("F", "E", sets(title="f"), 70)]),
    ("LC-03, dead", [("A", "", create(title="t", owner="a"), 10), ("D", "A", DELETE, 50),
                     ("E", "A", sets(title="new"), 60), ("F", "A", PLAYED, 70)]),
    ("LC-03, restored", [("A", "", create(title="t", owner="a"), 10), ("D", "A", DELETE, 50),
                         ("E", "A", sets(title="new"), 60), ("F", "A", PLAYED, 70),
                         ("R", "D E F", create(), 80)]),
    ("LC-04", [("A", "", create(title="t", owner="a", n=7), 10), ("D", "A", DELETE, 50),
               ("R", "D", create(title="again", owner=None), 80)]),
    ("LC-11, restore then delete", [("A", "", create(), 10), ("D", "A", DELETE, 20),
                                    ("R", "D", create(), 30), ("E", "D", DELETE, 40)]),
    ("LC-11, delete then restore", [("A", "", create(), 10), ("D", "A", DELETE, 20),
                                    ("E", "D", DELETE, 30), ("R", "D", create(), 40)]),
    ("BR-02", [("A", "", create(), 10), ("X", "A", sets(title="x"), 20),
               ("P", "X", sets(artist="p"), 30), ("H1", "P", sets(n=1), 40),
               ("H2", "X", sets(title="h"), 35)]),
    ("DET-01, its lww part", [("A", "", create(title="i", n=0), 10),
                              ("B", "A", sets(title="b"), 20),
                              ("C", "A", sets(title="c", n=1), 30), ("D", "B", sets(n=2), 25),
                              ("E", "C D", sets(owner="e"), 40), ("F", "A", PLAYED, 35),
                              ("G", "F", PLAYED, 45), ("H", "E G", {}, 50)]),
    ("a joining event", [("A", "", create(), 10), ("B", "A", sets(n=1), 20),
                         ("C", "A", sets(n=2), 20.5), ("J", "B C", {}, 30)]),
    ("values to the byte", [("A", "", create(title="\u00e9\u20ac\U0001f600", n=0.1,
                                             owner={"$json": None}), 10),
                            ("B", "A", sets(artist={"b": [], "a": {}}), 20)]),
]


def drawn(events, stamp):
    history = Drawn("album", stamp)
    for name, parents, operations, at in events:
        history.add(name, parents.split(), operations, int(at), 1 if at != int(at) else 0)
    return history


def vector(name, history):
    return {"name": name, "properties": PROPERTIES, "events": history.events,
            "state": replayed(history.events)}


def random_vector(seed, stamp):
    rng = random.Random(seed)
    events = [("0", "", create(title="t", n=1), 10)]
    for event in range(1, rng.randint(4, 12)):
        parents = rng.sample(range(event), min(event, rng.choice((1, 1, 2))))
        named = rng.sample(sorted(PROPERTIES), rng.randint(1, 3))
        values = {name: rng.choice((None, rng.randint(0, 99))) for name in named}
        operations = rng.choice((sets(**values), sets(**values), create(**values), create(), DELETE,
                                 PLAYED, {}))
        events.append((str(event), " ".join(map(str, parents)), operations, 10 + 10 * event))
    return vector(f"random, seed {seed}", drawn(events, stamp))


def merge_vectors(stamp):
    return ([vector(name, drawn(events, stamp)) for name, events in SCENARIOS]
            + [random_vector(seed, stamp) for seed in range(1, 9)])
