# acceptance/harness/sql_world.py: a database as a world of scenarios: plait.commit in, tables out.
import uuid

from acceptance.harness.database import FIXTURES
from acceptance.model import ulid
from acceptance.model.canonical import read_json
from acceptance.model.event import Event, wire_text
from acceptance.model.world import Line

WIRE_SETTINGS = """SET TimeZone = 'UTC'; SET DateStyle = ISO; SET IntervalStyle = postgres;
                   SET extra_float_digits = 1; SET bytea_output = hex"""

COLUMNS = """SELECT a.attname, a.attnum = ANY (k.conkey), t.typname, t.typcategory,
                    CASE WHEN pg_get_expr(d.adbin, d.adrelid) NOT LIKE '%%(%%' THEN
                        format('CAST(%%s AS %%s)', pg_get_expr(d.adbin, d.adrelid),
                               format_type(a.atttypid, a.atttypmod)) END
               FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
               LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
               LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
              WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum"""

STORED = """SELECT c.name, e.entity::text, e.parents, e.operations::text, n.id::text, e.salt, e.id::text
              FROM plait.event e JOIN plait.collection c ON c.number = e.collection
                                 JOIN plait.node n ON n.number = e.origin"""


class SqlWorld:
    def __init__(self, database, rng, fixtures=True):
        self.database, self.rng = database, rng
        self.columns, self.initials = {}, {}
        database.sql(WIRE_SETTINGS)
        if fixtures:
            database.sql(FIXTURES)
            for table in ("rec", "album"):
                self.track(table)

    def track(self, table, **options):
        """Tracks a table whose collection is named after it; remembers its columns and defaults."""
        found = self.database.sql(COLUMNS, table)
        self.columns[table] = found
        self.initials[table] = {name: self._initial(constant, type_name, category)
                                for name, key, type_name, category, constant in found if not key}
        self.database.sql("SELECT plait.track(%s::regclass)", table)

    def _initial(self, constant, type_name, category):
        if constant is None:
            return None
        text = self.database.value(f"SELECT ({wire_expression(constant, type_name, category)})::text")
        return read_json(text) if text is not None else None

    def line(self, collection="rec", entity=None):
        key = str(uuid.UUID(int=self.rng.getrandbits(128)))
        line = Line(self, collection, entity or ulid.ulid_from_uuid(key))
        line.key = ulid.uuid_from_ulid(line.entity)
        return line

    def commit(self, events, on=None):
        """The status of each event, in the order given."""
        answer = self.database.value("SELECT plait.commit(%s::jsonb)", wire_text(events), on=on)
        statuses = {told["id"]: told["status"] for told in answer["events"]}
        return [statuses[event.id] for event in events]

    def row(self, line):
        where = f"{self._key_column(line.collection)}::text = %s"
        text = self.database.value(self.row_query(line.collection) + f" WHERE {where}", line.key)
        return read_json(text) if text is not None else None

    def row_query(self, collection):
        pairs = [f"'{name}', {wire_expression(quoted(name), type_name, category)}"
                 for name, key, type_name, category, _ in self.columns[collection] if not key]
        return f"SELECT jsonb_build_object({', '.join(pairs)})::text FROM {quoted(collection)}"

    def _key_column(self, collection):
        (key,) = self.keys(collection)
        return quoted(key)

    def initial(self, collection):
        return self.initials[collection]

    def keys(self, collection):
        return [name for name, key, *_ in self.columns[collection] if key]

    @staticmethod
    def integer_of(entity):
        """The key that a natural id of one integer stands for, else the id itself."""
        number = ulid.ulid_number(entity)
        if number >> 64:
            return entity
        return number - (number >> 63 << 64)

    def head_ids(self, line):
        return self.database.value("SELECT coalesce(plait.head(%s, %s)::text[], '{}')",
                                   line.collection, line.key)

    def stored_ids(self, line):
        return [event.id for event in self.stored_events(line)]

    def stored_events(self, line):
        rows = self.database.sql(STORED + """ WHERE c.name = %s AND e.entity = %s::plait.ulid
                                              ORDER BY e.id""", line.collection, line.entity)
        return [read_event(row) for row in rows]

    def events_of(self, collection):
        return [read_event(row) for row in
                self.database.sql(STORED + " WHERE c.name = %s ORDER BY e.id", collection)]

    def compare(self, line, ours, theirs, budget=10_000):
        return self.database.value(
            "SELECT plait.compare(%s, %s, %s::text[]::plait.ulid[], %s::text[]::plait.ulid[], %s)",
            line.collection, line.key, ours, theirs, budget)

    def meet(self, line, ours, theirs):
        return self.database.value(
            "SELECT plait.meet(%s, %s, %s::text[]::plait.ulid[], %s::text[]::plait.ulid[])::text[]",
            line.collection, line.key, ours, theirs)

    def bridge(self, line, known, wanted):
        return self.database.column(
            "SELECT id::text FROM plait.bridge(%s, %s, %s::text[]::plait.ulid[], "
            "%s::text[]::plait.ulid[])", line.collection, line.key, known, wanted)

    def verify(self):
        return self.database.verify()


def read_event(row):
    """An event as it lies in plait.event, with the clock that its id claims."""
    collection, entity, parents, operations, origin, salt, event_id = row
    parents = bytes(parents)
    ids = [ulid.ulid_from_bytes(parents[at:at + 16]) for at in range(0, len(parents), 16)]
    return Event(collection, None if entity == event_id else entity, tuple(ids),
                 read_json(operations), origin, f"{salt & (1 << 64) - 1:016x}",
                 ulid.hlc_of(event_id), event_id)


def wire_expression(value, type_name, category):
    """SQL that gives a value's wire form as jsonb, NULL for NULL."""
    if type_name in ("int8", "numeric", "json"):
        return f"to_jsonb(({value})::text)"
    if type_name == "jsonb":
        return (f"CASE WHEN ({value}) = 'null' OR jsonb_typeof({value}) = 'object' AND ({value}) ? "
                f"'$json' AND ({value}) - '$json' = '{{}}' THEN jsonb_build_object('$json', {value}) "
                f"ELSE ({value}) END")
    if category == "C":
        return f"to_jsonb(format('%%s', {value}))"
    return f"to_jsonb({value})"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
