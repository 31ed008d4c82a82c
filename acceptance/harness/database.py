# acceptance/harness/database.py: one database with the extension: SQL in, rows out, refusals by code.
import re

import psycopg2
import psycopg2.extras

from acceptance.model.world import Refused

FIXTURES = """
    CREATE TABLE rec   (id uuid PRIMARY KEY, title text, artist text, n int CHECK (n >= 0));
    CREATE TABLE album (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, year int,
                        owner text, price numeric, plays int NOT NULL DEFAULT 0, tags text[],
                        body text, layout jsonb);
"""


class Database:
    def __init__(self, cluster, name, extension=True):
        self.cluster, self.name = cluster, name
        self.connections = []
        self.main = self.connect()
        if extension:
            self.sql("CREATE EXTENSION plait")

    def connect(self, user="postgres", autocommit=True):
        connection = self.cluster.connect(self.name, user, autocommit)
        self.connections.append(connection)
        return connection

    def sql(self, text, *arguments, on=None):
        """Runs SQL; rows if there are any. A refusal becomes `Refused`."""
        connection = on or self.main
        with connection.cursor() as cursor:
            try:
                cursor.execute(text, arguments or None)
            except psycopg2.Error as error:
                raise refusal(error) from error
            return cursor.fetchall() if cursor.description else []

    def value(self, text, *arguments, on=None):
        rows = self.sql(text, *arguments, on=on)
        return rows[0][0] if rows else None

    def column(self, text, *arguments, on=None):
        return [row[0] for row in self.sql(text, *arguments, on=on)]

    def records(self, text, *arguments, on=None):
        """Rows as dicts by column name."""
        connection = on or self.main
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            try:
                cursor.execute(text, arguments or None)
            except psycopg2.Error as error:
                raise refusal(error) from error
            return [dict(row) for row in cursor.fetchall()]

    def verify(self):
        return self.sql("SELECT collection, entity::text, problem, detail FROM plait.verify()")

    def drop(self):
        """Ends prepared transactions that a failed test left behind: they would hold it for ever."""
        for connection in self.connections:
            connection.close()
        last = self.cluster.connect(self.name)
        for name in self.column("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()", on=last):
            self.sql(f"ROLLBACK PREPARED '{name}'", on=last)
        last.close()
        admin = self.cluster.connect()
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)", on=admin)
        admin.close()


def refusal(error):
    """The code's name stands in DETAIL, as `code: missing_parents · where: /events/0`."""
    diagnostics = error.diag
    detail = diagnostics.message_detail or ""
    code = re.search(r"code: (\w+)", detail)
    where = re.search(r"where: ([^·\n]*)", detail)
    return Refused(code[1] if code else error.pgcode, what=diagnostics.message_primary or str(error),
                   where=where[1].strip() if where else "", hint=diagnostics.message_hint or "",
                   sqlstate=error.pgcode, constraint=diagnostics.constraint_name)
