# acceptance/model/event.py: events, their ids, and the short notation that scenarios are written in.
#
#   B@20(A) title=x        event B, 20 ms after T0, parents {A}, operation set title=x
#   B@20.3(A,C) n=4 del    counter 3; two parents; a set and a delete
#   A@10 create title=i    a genesis; with parents a create is a restore
import hashlib
import json
import random
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Optional

from acceptance.model import ulid
from acceptance.model.canonical import canonical


@dataclass(frozen=True)
class Event:
    collection: str
    entity: Optional[str]  # None: a genesis whose own id becomes the entity's
    parents: tuple
    operations: dict
    origin: str
    salt: str  # 16 lower-case hex digits
    hlc: int
    id: str = ""

    def __hash__(self):
        return hash(self.id)

    @property
    def entity_id(self):
        return self.entity or self.id

    def canonical_form(self):
        members = {"collection": self.collection, "hlc": f"{self.hlc:016x}",
                   "operations": self.operations, "origin": self.origin,
                   "parents": sorted(self.parents), "salt": self.salt}
        if self.entity is not None:
            members["entity"] = self.entity
        return canonical(members)

    def true_id(self):
        digest = hashlib.sha256(self.canonical_form().encode("utf-8")).digest()
        return ulid.ulid_text(self.hlc << 64 | int.from_bytes(digest[:8], "big"))

    def stamped(self):
        return replace(self, id=self.true_id())

    def wire(self):
        """The event as plait.commit and the gateway take it."""
        message = {"id": self.id, "collection": self.collection, "parents": list(self.parents),
                   "operations": self.operations, "origin": self.origin, "salt": self.salt}
        if self.entity is not None:
            message["entity"] = self.entity
        return message


def wire_text(events):
    """A JSON array of events, exact numbers kept."""
    return canonical([event.wire() for event in events])


class EventMaker:
    """Makes the events of one entity and remembers them by name."""

    PATTERN = re.compile(r"^(\w+)@(\d+)(?:\.(\d+))?(?:\(([\w,\s]*)\))?\s*(.*)$", re.DOTALL)

    def __init__(self, collection, entity, rng=None):
        self.collection = collection
        self.entity = entity
        self.rng = rng or random.Random(1)
        self.origin = self.new_origin()
        self.by_name = {}

    def new_origin(self):
        return ulid.ulid_text(ulid.hlc_at(0) << 64 | self.rng.getrandbits(64))

    def make(self, notation, origin=None, salt=None):
        name, ms, counter, parents, rest = self.PATTERN.match(notation.strip()).groups()
        parents = [parent.strip() for parent in (parents or "").split(",") if parent.strip()]
        hlc = ulid.hlc_at(int(ms), int(counter or 0))
        event = self.make_at(hlc, [self.by_name[parent].id for parent in parents],
                             read_operations(rest), origin=origin, salt=salt)
        return self.remember(name, event)

    def make_at(self, hlc, parents, operations, origin=None, salt=None):
        return Event(self.collection, self.entity, tuple(sorted(set(parents))), operations,
                     origin or self.origin, salt or f"{self.rng.getrandbits(64):016x}",
                     hlc).stamped()

    def remember(self, name, event):
        assert name not in self.by_name, f"{name} is made twice"
        self.by_name[name] = event
        return event

    def name_of(self, event_id):
        for name, event in self.by_name.items():
            if event.id == event_id:
                return name
        return event_id


def read_operations(text):
    operations, values = {}, {}
    while text := text.strip():
        word = re.match(r"(\w+)(=?)", text)
        text = text[word.end():]
        if word[2]:
            values[word[1]], text = _value(text)
        else:
            operations[{"create": "create", "del": "delete"}[word[1]]] = True
    if values:
        operations["set"] = values
    return operations


def _value(text):
    """JSON where it is JSON, else a bare word; and what stands behind it."""
    try:
        value, end = json.JSONDecoder(parse_float=Decimal).raw_decode(text)
        if end == len(text) or text[end].isspace():
            return value, text[end:]
    except ValueError:
        pass
    word = re.match(r"\S*", text)[0]
    return word, text[len(word):]
