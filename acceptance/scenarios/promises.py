# acceptance/scenarios/promises.py: what must hold after every scenario, whatever it did.
import pytest

from acceptance.model import dag, merge
from acceptance.model.world import Refused


def hold(line):
    """Row = naive merge of the stored events; head = their antichain; nothing for verify to say;
    every id is its content's; delivering everything a second time changes nothing."""
    before = _look(line)
    problems = line.world.verify()
    assert not problems, problems[:5]
    ours = [event for event in line.maker.by_name.values() if event.id in line.world.stored_ids(line)]
    if ours:
        assert set(line.world.commit(ours)) == {"known"}
        for event in reversed(ours):
            assert line.world.commit([event]) == ["known"]
    assert _look(line) == before, "a second delivery changed something"


def _look(line):
    events = line.world.stored_events(line)
    for event in events:
        assert event.true_id() == event.id, f"{line.maker.name_of(event.id)} has not the id of its content"
    initial = line.world.initial(line.collection)
    expected = merge.fold(events, initial).row() if events else None
    row = line.row()
    assert row == expected, f"row {row}, the merge of its events says {expected}"
    head = line.world.head_ids(line)
    parents = {event.id: event.parents for event in events}
    assert head == dag.head(parents), f"head {line.names(head)}, stored {sorted(line.names(parents))}"
    return row, head, sorted(parents)


def refused(line_or_world, code, *events):
    """Commits and expects one refusal of that code; returns it."""
    with pytest.raises(Refused) as caught:
        line_or_world.commit(*events)
    codes = {code} if isinstance(code, str) else set(code)
    assert caught.value.code in codes, caught.value
    return caught.value


SWAPPED = {"descends": "ascends", "ascends": "descends"}


def relates(line, ours, theirs, relation, meet=None):
    """The relation of two heads and of the same two swapped, and their meet."""
    assert line.compare(ours, theirs) == relation
    assert line.compare(theirs, ours) == SWAPPED.get(relation, relation)
    if meet is not None:
        assert line.meet(ours, theirs) == set(meet)
        assert line.meet(theirs, ours) == set(meet)
