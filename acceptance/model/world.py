# acceptance/model/world.py: something that takes events: a database, a gateway, or the model in memory.
#
# Scenarios are written once against `World` and `Line` and run against all of them: against the
# product, and against wrong variants of the model, which must be seen to fail.
import random

from acceptance.model import dag, merge
from acceptance.model.event import EventMaker
from acceptance.model.ulid import hlc_of


class Refused(Exception):
    """A commit that was refused whole: its code of core's table, and what came along."""

    def __init__(self, code, what="", where="", hint="", sqlstate="", constraint=None):
        super().__init__(f"{code}: {what} · {where} · {hint}")
        self.code, self.what, self.where, self.hint = code, what, where, hint
        self.sqlstate, self.constraint = sqlstate, constraint


class Line:
    """One entity of a world, with its events by name."""

    def __init__(self, world, collection, entity, rng=None):
        self.world, self.collection, self.entity = world, collection, entity
        self.maker = EventMaker(collection, entity, rng or random.Random(entity))

    def event(self, notation, **parts):
        return self.maker.make(notation, **parts)

    def events(self, *notations):
        return [self.event(notation) for notation in notations]

    def __getitem__(self, name):
        return self.maker.by_name[name]

    def commit(self, *names_or_notations):
        """Commits events together; what has an `@` is made first."""
        made = [self.event(text) if "@" in text else self[text] for text in names_or_notations]
        return self.world.commit(made)

    def commit_each(self, *names_or_notations):
        for text in names_or_notations:
            self.commit(text)

    def ids(self, names):
        return sorted(self[name].id for name in names)

    def names(self, ids):
        return {self.maker.name_of(event_id) for event_id in ids}

    def row(self):
        return self.world.row(self)

    def head(self):
        return self.names(self.world.head_ids(self))

    def stored(self):
        """The names of the stored events; an id where it is not one of ours."""
        return sorted(self.names(self.world.stored_ids(self)))

    def compare(self, ours, theirs):
        return self.world.compare(self, self.ids(ours), self.ids(theirs))

    def meet(self, ours, theirs):
        return self.names(self.world.meet(self, self.ids(ours), self.ids(theirs)))

    def bridge(self, known, wanted):
        """Names in the order in which the bridge brings them."""
        found = self.world.bridge(self, self.ids(known), self.ids(wanted))
        return [self.maker.name_of(event_id) for event_id in found]


class MemoryWorld:
    """The model: keeps all events and folds them whenever it is asked."""

    INITIAL = {"rec": {"title": None, "artist": None, "n": None},
               "album": {"name": None, "year": None, "owner": None, "price": None,
                         "plays": 0, "body": None}}

    def __init__(self):
        self.entities = {}  # entity id -> {event id: Event}
        self.arrivals = {}  # entity id -> event ids in order of arrival
        self.heads = {}

    def line(self, collection="rec", entity=None):
        entity = entity or f"{len(self.entities) + 1:026d}"
        self.entities.setdefault(entity, {})
        self.arrivals.setdefault(entity, [])
        self.heads.setdefault(entity, set())
        return Line(self, collection, entity)

    def commit(self, events):
        before = (self._copy(self.entities), self._copy(self.arrivals), self._copy(self.heads))
        try:
            return [self._take(event) for event in sorted(events, key=lambda event: event.id)]
        except Refused:
            self.entities, self.arrivals, self.heads = before
            raise

    def row(self, line):
        return self.state(line).row()

    def state(self, line):
        return merge.fold(self.entities[line.entity].values(), self.INITIAL[line.collection])

    def head_ids(self, line):
        return sorted(self.heads[line.entity])

    def stored_ids(self, line):
        return sorted(self.entities[line.entity])

    def stored_events(self, line):
        return [event for _, event in sorted(self.entities[line.entity].items())]

    def initial(self, collection):
        return self.INITIAL[collection]

    def compare(self, line, ours, theirs):
        return dag.relation(self._dag(line), ours, theirs)

    def meet(self, line, ours, theirs):
        return dag.meet(self._dag(line), ours, theirs)

    def bridge(self, line, known, wanted):
        return dag.bridge(self._dag(line), known, wanted)

    def verify(self):
        return []

    def _dag(self, line):
        return {event.id: event.parents for event in self.entities[line.entity].values()}

    def _take(self, event):
        stored = self.entities[event.entity_id]
        if event.id in stored:
            if stored[event.id] != event:
                raise Refused("id_conflict")
            return "known"
        if event.true_id() != event.id:
            raise Refused("digest_mismatch")
        if any(hlc_of(parent) >= event.hlc for parent in event.parents):
            raise Refused("id_not_after_parents")
        self._check_parents(event, stored)
        self._check_values(event)
        stored[event.id] = event
        self.arrivals[event.entity_id].append(event.id)
        self._advance(event)
        return "accepted"

    def _check_parents(self, event, stored):
        if not event.parents and stored:
            raise Refused("entity_exists")
        if any(parent not in stored for parent in event.parents):
            raise Refused("missing_parents")
        if not event.parents and not event.operations.get("create"):
            raise Refused("bad_event")

    def _check_values(self, event):
        n = event.operations.get("set", {}).get("n")
        if n is not None and n < 0:
            raise Refused("constraint_violation", constraint="rec_n_check")

    def _advance(self, event):
        head = self.heads[event.entity_id]
        self.heads[event.entity_id] = head - set(event.parents) | {event.id}

    @staticmethod
    def _copy(held):
        return {key: type(value)(value) for key, value in held.items()}
