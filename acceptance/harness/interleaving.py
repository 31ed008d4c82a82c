# acceptance/harness/interleaving.py: many entities, three writers each, one random step after the other.
#
# Writer 0 writes SQL, writer 1 commits on the head as it is, writer 2 is a client that was away: it
# commits on what it last saw. Every step predicts which event must appear, with which parents and
# operations, and what the row must be; triggers on `deep` are simulated.
from acceptance.model import dag, merge, ulid
from acceptance.model.event import EventMaker, wire_text

INITIAL = {"a": None, "b": None, "n": None}
TABLES = """
    CREATE TABLE play (id uuid PRIMARY KEY, a text, b text, n int);
    CREATE TABLE deep (id uuid PRIMARY KEY, a text, b text, n int);
"""
TRIGGERS = """
    CREATE FUNCTION deepen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.a IS DISTINCT FROM OLD.a THEN UPDATE deep SET b = NEW.a || '!' WHERE id = NEW.id;
      ELSIF NEW.b IS DISTINCT FROM OLD.b THEN UPDATE deep SET n = coalesce(n, 0) + 1 WHERE id = NEW.id;
      END IF; RETURN NULL; END $$;
    CREATE TRIGGER deepen AFTER UPDATE ON deep FOR EACH ROW EXECUTE FUNCTION deepen();
"""


def triggered(old, new):
    """What the row is once deepen() has run, three deep at most."""
    if new["a"] != old["a"]:
        return triggered(new, {**new, "b": None if new["a"] is None else new["a"] + "!"})
    if new["b"] != old["b"]:
        return {**new, "n": (new["n"] or 0) + 1}
    return new


def changed(old, new):
    return {prop: value for prop, value in new.items() if value != old[prop]}


class Subject:
    """One entity: the events known to exist, what each writer saw, what the next step must do."""

    def __init__(self, table, key, rng):
        self.table, self.key, self.rng = table, key, rng
        self.entity = ulid.ulid_from_uuid(key)
        self.maker = EventMaker(table, self.entity, rng)
        self.events = {}
        self.away = set()  # what writer 2 has seen
        self.state = merge.fold([], INITIAL)
        self.expected = []  # [(operations, parents or None for "the event before")]
        self.sent = None

    def head(self, seen=None):
        events = self.events if seen is None else {known: self.events[known] for known in seen}
        return dag.head({event.id: event.parents for event in events.values()})

    def row(self):
        return self.state.row()

    # --- SQL ---

    def sql_step(self):
        """A statement of writer 0; notes the event that it must make."""
        row, kind = self.row(), self.rng.random()
        if kind < 0.15:
            self._expect({"delete": True} if row else None)
            return f"DELETE FROM {self.table} WHERE id = '{self.key}'"
        values = self._values()
        if kind < 0.4:
            return self._upsert(row, values)
        if row:
            after = {**row, **values}
            after = triggered(row, after) if self.table == "deep" else after
            self._expect(_set(changed(row, after)))
        return f"UPDATE {self.table} SET {_assignments(values)} WHERE id = '{self.key}'"

    def _upsert(self, row, values):
        whole = {**INITIAL, **values}
        columns = ", ".join(_literal(whole[prop]) for prop in INITIAL)
        insert = f"INSERT INTO {self.table} VALUES ('{self.key}', {columns}) ON CONFLICT (id) DO "
        if row is None:
            kept = whole if self.events else changed(INITIAL, whole)
            self._expect({"create": True, **(_set(kept) or {})})
            return insert + "NOTHING"
        if self.rng.random() < 0.5:
            return insert + "NOTHING"
        after = {**row, "b": whole["b"]}
        after = triggered(row, after) if self.table == "deep" else after
        self._expect(_set(changed(row, after)))
        return insert + "UPDATE SET b = excluded.b"

    def _expect(self, operations):
        if operations:
            self.expected.append(operations)

    # --- commits ---

    def commit_step(self, writer, now_hlc):
        """An event of writer 1 or 2; None when there is nothing that it could write on."""
        if writer == 2 and self.rng.random() < 0.3 or not self.away:
            self.away = set(self.events)
        seen = set(self.events) if writer == 1 else self.away
        parents = self.head(seen)
        after = max((ulid.hlc_of(parent) for parent in parents), default=0)
        soon = after + self.rng.choice((1, 7, 4000)) if after else ulid.hlc_at(self.rng.randint(0, 50))
        hlc = max(now_hlc, soon) if self.rng.random() < 0.3 else soon
        event = self.maker.make_at(hlc, parents, self._operations(bool(parents)))
        self.sent = event
        if writer == 2:
            self.away.add(event.id)
        self._predict_follow_up(event)
        return event

    def _operations(self, exists):
        kind = self.rng.random()
        if not exists or kind < 0.2:
            return {"create": True, **(_set(self._values()) or {})}
        if kind < 0.4:
            return {"delete": True}
        return _set(self._values()) or {}

    def _predict_follow_up(self, event):
        before = self.row()
        merged = merge.fold([*self.events.values(), event], INITIAL).row()
        if self.table == "deep" and before is not None and merged is not None:
            self._expect(_set(changed(merged, triggered(before, merged))))

    def _values(self):
        chosen = self.rng.sample(sorted(INITIAL), self.rng.randint(1, 2))
        return {prop: self.rng.choice((None, 1, 2, 3)) if prop == "n" else self.rng.choice((None, "x", "y", "z"))
                for prop in chosen}

    # --- what came of it ---

    def take(self, news, row):
        """Compares the new stored events and the row with what was predicted."""
        told = f"{self.table} {self.key}: stored {[(e.id, e.parents, e.operations) for e in news]}, " \
               f"sent {self.sent}, expected {self.expected}, had {list(self.events.values())}"
        news = list(news)
        if self.sent is not None:
            assert self.sent in news, f"the committed event is not stored as it was sent; {told}"
            news.remove(self.sent)
            self.events[self.sent.id] = self.sent
        assert [event.operations for event in news] == self.expected, told
        for event in news:
            assert event.true_id() == event.id, told
            assert list(event.parents) == self.head(), f"its parents are not the head {self.head()}; {told}"
            self.events[event.id] = event
        self.state = merge.fold(self.events.values(), INITIAL)
        assert row == self.row(), f"row {row}, merge {self.row()}; {told}"
        self.expected, self.sent = [], None


def commit_statement(events):
    text = wire_text(events).replace("'", "''")
    return f"SELECT plait.commit('{text}'::jsonb)"


def _set(values):
    return {"set": values} if values else None


def _assignments(values):
    return ", ".join(f"{prop} = {_literal(value)}" for prop, value in values.items())


def _literal(value):
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"
