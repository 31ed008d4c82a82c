# vectors/drawn.py: events of one entity drawn by name, for the vectors of the DAG and of the merge.
#
#   drawn = Drawn("album", stamp)
#   drawn.add("B", ["A"], {"set": {"title": "b"}}, at=20)
#
# `stamp` gives an event its id; it comes from the script that makes the vectors.
import hashlib

T0_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z: in the past, so that no clock is ever too far ahead
ENTITY = "0000000000000000000000001A"  # the row whose integer key is 42
ORIGIN = "01KDVQAR0000000000000000ZZ"


class Drawn:
    def __init__(self, collection, stamp):
        self.collection = collection
        self.stamp = stamp
        self.events = []  # as they go over the wire
        self.by_name = {}
        self.at = 0

    def add(self, name, parents=(), operations=None, at=None, counter=0):
        """An event `at` ms after T0; ten after the one before if not told."""
        self.at = self.at + 10 if at is None else at
        event = self.stamp({
            "collection": self.collection,
            "entity": ENTITY,
            "parents": sorted(self.by_name[parent] for parent in parents),
            "operations": operations or ({} if parents else {"create": True}),
            "origin": ORIGIN,
            "salt": hashlib.sha256(f"{name} {len(self.events)}".encode()).hexdigest()[:16],
        }, hlc=(T0_MS + self.at) * 65536 + counter)
        self.events.append(event)
        self.by_name[name] = event["id"]
        return self

    def ids(self, names):
        return [self.by_name[name] for name in names]

    def parents(self):
        """Event -> its parents."""
        return {event["id"]: event["parents"] for event in self.events}
