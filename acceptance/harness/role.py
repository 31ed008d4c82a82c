# acceptance/harness/role.py: a role of one test, and everything that Plait tells it.
import json

import psycopg2

from acceptance.harness.sql_world import quoted

# Each function about one key, with all the ids of its entity.
OF_KEY = ("plait.head(%(c)s, %(key)s)", "plait.history(%(c)s, %(key)s)",
          "plait.compare(%(c)s, %(key)s, %(ids)s::text[]::plait.ulid[], '{}')",
          "plait.meet(%(c)s, %(key)s, %(ids)s::text[]::plait.ulid[], %(ids)s::text[]::plait.ulid[])",
          "plait.bridge(%(c)s, %(key)s, '{}', %(ids)s::text[]::plait.ulid[])",
          "plait.ancestors(%(c)s, %(key)s, %(ids)s::text[]::plait.ulid[])")
OF_ALL = ("plait.snapshots(%(c)s, %(entities)s::text[]::plait.ulid[])", "plait.changes(NULL)", "plait.changes_since(NULL)",
          "plait.schema()", "plait.status()", "plait.verify(%(c)s)", "plait.size(%(c)s)")


class Role:
    """A login of its own, with nothing granted yet."""

    def __init__(self, database, name):
        self.database, self.name = database, f"access_{name}"
        database.sql(f"DROP ROLE IF EXISTS {self.name}; CREATE ROLE {self.name} LOGIN")
        self.connection = database.connect(self.name)

    def sql(self, text, *arguments):
        return self.database.sql(text, *arguments, on=self.connection)

    def value(self, text, *arguments):
        return self.database.value(text, *arguments, on=self.connection)

    def column(self, text, *arguments):
        return self.database.column(text, *arguments, on=self.connection)

    def records(self, text, *arguments):
        return self.database.records(text, *arguments, on=self.connection)

    def hears(self, text, arguments=None):
        """All that a statement says: its rows or the whole of its error, and what was raised on the way."""
        self.connection.notices.clear()
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(text, arguments)
                said = [str(row) for row in cursor.fetchall()] if cursor.description else []
            except psycopg2.Error as error:
                parts = ("severity", "sqlstate", "message_primary", "message_detail", "message_hint", "context")
                said = [str([getattr(error.diag, part) for part in parts])]
        return "\n".join(said + list(self.connection.notices))

    def hears_everything(self, collection):
        """[(statement, what it says), …]: each function, asked for all keys, entities and events that ever were."""
        known = self.database.sql("SELECT entity::text, key, id::text FROM plait.changes_since(NULL) WHERE collection = %s", collection)
        asked = {"c": collection, "entities": sorted({row[0] for row in known})}
        told = []

        def ask(text, **more):
            told.append((text, self.hears(text, {**asked, **more})))

        for key in {row[1] for row in known} - {None}:
            for call in OF_KEY:
                ask(f"SELECT * FROM {call}", key=key, ids=[row[2] for row in known if row[1] == key])
        columns = self.database.column("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                                       "AND NOT attisdropped", quoted(collection))
        for entity in asked["entities"]:
            for column in columns:
                ask("SELECT plait.winners(%(c)s, %(entity)s, ARRAY[%(column)s])", entity=entity, column=column)
        self._ask_of_rows(ask, collection)
        for call in OF_ALL:
            ask(f"SELECT * FROM {call}")
        return told

    def _ask_of_rows(self, ask, collection):
        """Of rows that are made up: their keys are right, all else is not."""
        keys = self.database.column("SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) "
                                    "WHERE indrelid = %s::regclass AND indisprimary", quoted(collection))
        texts = ", ".join(f"{quoted(name)}::text" for name in keys)
        for values in self.database.sql(f"SELECT {texts} FROM {quoted(collection)}"):
            made_up = json.dumps(dict(zip(keys, values)))
            for function in ("identity", "snapshot"):
                ask(f"SELECT plait.{function}(jsonb_populate_record(NULL::public.{quoted(collection)}, %(made_up)s))", made_up=made_up)

    def drop(self):
        self.connection.close()
        self.database.sql(f"DROP OWNED BY {self.name} CASCADE; DROP ROLE {self.name}")
