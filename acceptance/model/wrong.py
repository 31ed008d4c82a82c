# acceptance/model/wrong.py: the naive variants that the scenarios must reject, each a small lie.
from collections import deque

from acceptance.model import dag
from acceptance.model.canonical import double_text
from acceptance.model.merge import fold
from acceptance.model.world import MemoryWorld, Refused


class CountsPaths(MemoryWorld):
    """Compares by counting arrivals at the other head, so that an event reached twice counts twice."""

    def compare(self, line, ours, theirs):
        if self._reaches(line, ours, theirs):
            return "descends"
        if self._reaches(line, theirs, ours):
            return "ascends"
        return super().compare(line, ours, theirs)

    def _reaches(self, line, start, goal):
        parents, missing, todo = self._dag(line), len(goal), deque(start)
        while todo and missing:
            event = todo.popleft()
            missing -= event in goal
            todo.extend(parents[event])
        return missing == 0


class FastForwardsByCompare(CountsPaths):
    """Trusts that comparison when it merges: what seems to descend replaces head and state."""

    def _advance(self, event):
        stored = self.entities[event.entity_id]
        parents = {known.id: known.parents for known in stored.values()}
        missing, todo = len(self.heads[event.entity_id]), deque([event.id])
        while todo and missing:
            current = todo.popleft()
            missing -= current in self.heads[event.entity_id]
            todo.extend(parents[current])
        if missing == 0:
            self.heads[event.entity_id] = {event.id}
        else:
            super()._advance(event)


class ParentsAnywhere(MemoryWorld):
    """Asks only whether all parents exist, whosever they are."""

    def _check_parents(self, event, stored):
        everything = {known for events in self.entities.values() for known in events}
        if any(parent not in everything for parent in event.parents):
            raise Refused("missing_parents")


class ForgetsWhatItKnows(MemoryWorld):
    """Takes a known event again: head - parents + event without looking."""

    def _take(self, event):
        self.entities[event.entity_id].pop(event.id, None)
        return super()._take(event)


class DeeperWins(MemoryWorld):
    """Orders writers by the length of their branch."""

    def state(self, line):
        events = self.entities[line.entity]
        parents = self._dag(line)

        def depth(event_id):
            return 1 + max((depth(parent) for parent in parents[event_id]), default=0)
        return _fold_in_order(sorted(events.values(), key=lambda event: (depth(event.id), event.id)),
                              self.INITIAL[line.collection])


class LastArrivedWins(MemoryWorld):
    def state(self, line):
        events = self.entities[line.entity]
        return _fold_in_order([events[known] for known in self.arrivals[line.entity]],
                              self.INITIAL[line.collection])


class ReplacesHead(MemoryWorld):
    """Believes that the newcomer has seen everything."""

    def _advance(self, event):
        self.heads[event.entity_id] = {event.id}


class OneWinnerForAll(MemoryWorld):
    """One register an entity instead of one a property: the greatest event takes the whole row."""

    def state(self, line):
        events = self.entities[line.entity].values()
        state = fold(events, self.INITIAL[line.collection])
        last = max(events, key=lambda event: event.id)
        base = fold([event for event in events if not event.parents],
                    self.INITIAL[line.collection])
        state.values = {**base.values, **last.operations.get("set", {})}
        return state


class NullIsNoWrite(MemoryWorld):
    def state(self, line):
        events = self.entities[line.entity].values()
        state = super().state(line)
        for event in sorted(events, key=lambda event: event.id):
            for prop, value in event.operations.get("set", {}).items():
                if value is not None:
                    state.values[prop] = value
        return state


class SetResurrects(MemoryWorld):
    """Any later write brings a deleted row back."""

    def state(self, line):
        state = super().state(line)
        last = max(self.entities[line.entity])
        if not self.entities[line.entity][last].operations.get("delete"):
            state.alive = True
        return state


class DeadForget(MemoryWorld):
    """Keeps no state for a deleted entity: a restore begins from nothing."""

    def state(self, line):
        events = sorted(self.entities[line.entity].values(), key=lambda event: event.id)
        deletes = [i for i, event in enumerate(events) if event.operations.get("delete")]
        return fold(events[deletes[-1]:] if deletes else events, self.INITIAL[line.collection])


class SecondGenesisResets(MemoryWorld):
    def _check_parents(self, event, stored):
        if not event.parents:
            stored.clear()
            self.heads[event.entity_id] = set()
            return
        super()._check_parents(event, stored)


class KeepsPart(MemoryWorld):
    """Applies a commit event by event and leaves what went before the error."""

    def commit(self, events):
        return [self._take(event) for event in sorted(events, key=lambda event: event.id)]


class KeepsChildren(MemoryWorld):
    """Takes an event whose parents it has never seen."""

    def _check_parents(self, event, stored):
        if not event.parents and stored:
            raise Refused("entity_exists")


class OrderOfParentsCounts(MemoryWorld):
    """Never removes redundant parents' descendants from sight: the parents re-enter the head."""

    def _advance(self, event):
        super()._advance(event)
        if len(event.parents) > 1:
            parents = self._dag_of(event)
            covered = dag.antichain(parents, event.parents)
            self.heads[event.entity_id] |= set(event.parents) - set(covered)

    def _dag_of(self, event):
        return {known.id: known.parents for known in self.entities[event.entity_id].values()}


class JumpsToTip(MemoryWorld):
    """When a merge event descends from the head, takes the tip and drops the rest of its branch."""

    def bridge(self, line, known, wanted):
        return [event for event in super().bridge(line, known, wanted) if event in wanted]


def digest_text_over_doubles(value):
    """What a naive canonical form writes for a number."""
    return double_text(float(value))


def wrapping_hlc(now, seen):
    """A 16-bit counter that wraps instead of carrying into the milliseconds."""
    if now > seen:
        return now
    return seen & ~0xFFFF | (seen + 1) & 0xFFFF


def xid_cursor_feed(committed, cursor_xmax):
    """Everything with a transaction id at or past the cursor: blind to ids that are given out again."""
    return [event for event in committed if event["xid"] >= cursor_xmax]


def _fold_in_order(events, initial):
    state = fold([], initial)
    for event in events:
        step = fold([event], initial)
        state.alive = step.alive or state.alive and not event.operations.get("delete")
        state.values.update(event.operations.get("set", {}))
    return state
