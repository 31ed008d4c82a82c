# acceptance/model/merge.py: the state of an entity, naively: sort its events by id and replay them.
#
# Per register the greatest id holds. Only lww properties and the lifecycle: other merge types need
# more than this and get it with their own tests.
from dataclasses import dataclass, field


@dataclass
class State:
    alive: bool = False
    values: dict = field(default_factory=dict)
    key: dict = field(default_factory=dict)  # key columns that events set
    won: dict = field(default_factory=dict)  # property -> id of the event whose operation holds

    def row(self):
        return dict(self.values) if self.alive else None


def fold(events, initial, keys=()):
    """`initial`: every property's value before any event set it; `keys`: the key columns."""
    state = State(values=dict(initial))
    for event in sorted(events, key=lambda event: event.id):
        if event.operations.get("delete"):
            state.alive = False
        if event.operations.get("create"):
            state.alive = True
        for prop, value in event.operations.get("set", {}).items():
            assert prop in initial or prop in keys, f"{prop} is no property"
            (state.key if prop in keys else state.values)[prop] = value
            state.won[prop] = event.id
    return state
