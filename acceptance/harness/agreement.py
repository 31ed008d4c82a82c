# acceptance/harness/agreement.py: a whole collection against the naive merge of its events.
from acceptance.harness.sql_world import quoted, wire_expression
from acceptance.model import dag, merge
from acceptance.model.canonical import read_json


def agrees(world, collection, verify=True):
    """Rows = merge of the stored events, entity by entity; heads are antichains; ids are digests;
    parents are events of the same entity. Returns entity -> its events."""
    entities = events_by_entity(world, collection)
    rows = rows_by_entity(world, collection)
    keys = world.keys(collection)
    assert set(rows) <= set(entities), f"rows without events: {sorted(set(rows) - set(entities))[:5]}"
    for entity, events in entities.items():
        told = "\n  ".join(f"{event.id} {list(event.parents)} {event.operations}" for event in events)
        state = merge.fold(events, world.initial(collection), keys)
        key, row, head = rows.get(entity, (None, None, None))
        assert row == state.row(), f"{collection} {entity}: row {row}, merge {state.row()}\n  {told}"
        if row is not None:
            assert {name: key[name] for name in state.key} == state.key, f"{entity}\n  {told}"
        _check_dag(entity, events, head, told)
    if verify:
        problems = world.verify()
        assert not problems, problems[:5]
    return entities


def _check_dag(entity, events, head, told):
    parents = {event.id: event.parents for event in events}
    for event in events:
        assert event.true_id() == event.id, f"{event.id} has not the id of its content\n  {told}"
        assert all(parent in parents for parent in event.parents), f"foreign parent\n  {told}"
        assert all(parent < event.id for parent in event.parents), f"not after its parents\n  {told}"
    assert sum(not event.parents for event in events) == 1, f"{entity} has not one genesis\n  {told}"
    if head is not None:
        assert head == dag.head(parents), f"head {head}, antichain {dag.head(parents)}\n  {told}"


def events_by_entity(world, collection):
    entities = {}
    for event in world.events_of(collection):
        entities.setdefault(event.entity_id, []).append(event)
    return entities


def rows_by_entity(world, collection):
    """entity -> (key columns, other columns, head), all in wire form."""
    def fields(wanted):
        pairs = [f"'{name}', {wire_expression('t.' + quoted(name), type_name, category)}"
                 for name, key, type_name, category, _ in world.columns[collection] if bool(key) == wanted]
        return f"jsonb_build_object({', '.join(pairs)})::text"
    found = world.database.sql(f"""
        SELECT s.entity::text, s.key, {fields(True)}, {fields(False)}, s.head::text[]
          FROM {quoted(collection)} t, LATERAL plait.snapshot(t) s""")
    rows = {entity: (read_json(key), read_json(row), head) for entity, _, key, row, head in found}
    assert len(rows) == len(found), "two rows of one entity"
    return rows


class Recorder:
    """Runs statements on a collection and tells the events that each of them made."""

    def __init__(self, world, collection):
        self.world, self.collection = world, collection
        self.entities = agrees(world, collection)

    def after(self, *statements, on=None):
        """Runs them, checks everything, and gives {integer key or entity: [operations, …]}."""
        for statement in statements:
            self.world.database.sql(statement, on=on)
        return self.news()

    def news(self):
        before, self.entities = self.entities, agrees(self.world, self.collection)
        found = {}
        for entity, events in self.entities.items():
            known = {event.id: event.parents for event in before.get(entity, [])}
            for event in sorted(events, key=lambda event: event.id):
                if event.id not in known:
                    assert list(event.parents) == dag.head(known), "its parents were not the head"
                    known[event.id] = event.parents
                    found.setdefault(self.world.integer_of(entity), []).append(event.operations)
        return found
